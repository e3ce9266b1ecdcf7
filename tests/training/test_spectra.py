"""Spectra are those of torch.stft, and so is the way back."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from rtvae.training.spectra import spectra


def by_torch(audio: Tensor, window: Tensor, hop: int) -> Tensor:
    """Columns `[B, columns, bins]` of padded audio."""
    spectrum = torch.stft(
        audio, window.shape[0], hop, window=window, center=False, return_complex=True
    )
    return spectrum.transpose(1, 2)


@pytest.mark.parametrize(("size", "hop", "frames"), [(64, 32, 500), (256, 64, 1000)])
def test_values_and_gradients(size: int, hop: int, frames: int) -> None:
    source = torch.Generator().manual_seed(1)
    audio = functional.pad(torch.randn(2, frames, generator=source), (size // 2, size // 2))
    window = torch.hann_window(size)
    ours, theirs = (audio.clone().requires_grad_() for _ in range(2))
    magnitude, low = spectra(ours, window, hop, 9)
    plain = by_torch(theirs, window, hop)
    assert torch.allclose(magnitude, plain.abs(), atol=1e-5)
    assert torch.allclose(low, plain[..., :9], atol=1e-5)
    pull = torch.randn(magnitude.shape, generator=source)
    ((magnitude * pull).sum() + (low - 0.3).abs().sum()).backward()
    ((plain.abs() * pull).sum() + (plain[..., :9] - 0.3).abs().sum()).backward()
    assert ours.grad is not None
    assert theirs.grad is not None
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-4)


def test_magnitudes_alone_need_no_low_bins() -> None:
    audio = torch.randn(1, 256, generator=torch.Generator().manual_seed(2), requires_grad=True)
    magnitude, low = spectra(audio, torch.hann_window(64), 16, 0)
    assert low.shape == (1, 13, 0)
    magnitude.sum().backward()
    assert audio.grad is not None
    assert bool(audio.grad.isfinite().all())
