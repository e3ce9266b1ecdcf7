"""Short-time spectra with a gradient that costs one inverse transform.

`torch.stft` lets autograd find the gradient of each of its steps: complex magnitudes, a full
complex transform where a real one would do, and scattered additions for frames that overlap.
Written as one function, the way back is one multiplication, one real inverse transform and a few
additions of whole blocks. Values and gradients are those of `torch.stft(...).abs()`.
"""

from typing import Any

import torch
from torch import Tensor

TINY = 1e-20


def spectra(audio: Tensor, window: Tensor, hop: int, bins: int) -> tuple[Tensor, Tensor]:
    """Return magnitudes `[B, columns, size // 2 + 1]` and the lowest `bins` complex bins.

    `audio` is float32 `[B, frames]`, already padded: column t sees frames `t * hop` to
    `t * hop + size`. The window's size must be a multiple of `hop`.
    """
    magnitude, low = _Spectra.apply(audio, window, hop, bins)  # type: ignore[no-untyped-call]
    return magnitude, low


class _Spectra(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, audio: Tensor, window: Tensor, hop: int, bins: int
    ) -> tuple[Tensor, Tensor]:
        size = window.shape[0]
        spectrum = torch.fft.rfft(audio.unfold(1, size, hop) * window)
        real, imaginary = torch.view_as_real(spectrum).unbind(-1)
        magnitude = torch.addcmul(real * real, imaginary, imaginary).sqrt_()
        ctx.save_for_backward(spectrum, magnitude, window)
        ctx.hop, ctx.bins, ctx.frames = hop, bins, audio.shape[1]
        return magnitude, spectrum[..., :bins].clone()

    @staticmethod
    def backward(ctx: Any, of_magnitude: Tensor, of_low: Tensor) -> tuple[Tensor, None, None, None]:
        spectrum, magnitude, window = ctx.saved_tensors
        size = window.shape[0]
        # The inverse transform counts every bin but the outer two twice, and divides by the size.
        share = window.new_full((size // 2 + 1,), 0.5 * size)
        share[0] = share[-1] = size
        way = spectrum * (of_magnitude * share).div_(magnitude.clamp_min(TINY))
        if ctx.bins:
            way[..., : ctx.bins] += of_low * share[: ctx.bins]
        frames = torch.fft.irfft(way, size).mul_(window)
        return _overlap_add(frames, ctx.hop, ctx.frames), None, None, None


def _overlap_add(frames: Tensor, hop: int, length: int) -> Tensor:
    """Sum frames `[B, columns, size]`, each `hop` later than the one before, to `[B, length]`."""
    batch, columns, size = frames.shape
    whole = frames.new_zeros(batch, length)
    steps = size // hop
    blocks = whole[:, : (columns + steps - 1) * hop].view(batch, columns + steps - 1, hop)
    for step in range(steps):
        blocks[:, step : step + columns] += frames[..., step * hop : (step + 1) * hop]
    return whole
