"""The plain form as TorchScript: traced and frozen, its states inside, as a peer would ship it."""

import copy
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rtvae.training.layers import LEAK, fold, unfold
from rtvae.training.plain import PlainOps, decode, encode, waveform_decoder
from rtvae.training.vae import Vae

Form = Callable[[PlainOps, Tensor], Tensor | tuple[Tensor, ...]]


def script(model: Vae, hops: int) -> tuple[torch.jit.ScriptModule, torch.jit.ScriptModule]:
    """Return encoder and decoder: audio `[1, 1, frames]` to mean and std, latents to audio.

    Traced with `hops` hops at a time; any number may follow.
    """
    # Tracing takes the weights for constants, which must not want gradients.
    model, c = copy.deepcopy(model).requires_grad_(False), model.config
    audio, latent = torch.zeros(1, 1, hops * c.hop_frames), torch.zeros(1, c.latents, hops)
    return (
        _frozen(_Streaming(lambda ops, x: encode(ops, model.encoder, x)), audio),
        _frozen(_Streaming(lambda ops, x: decode(ops, waveform_decoder(model), x)), latent),
    )


def silence(part: torch.jit.ScriptModule) -> None:
    """Zero the states: what freezing leaves as attributes, because it changes."""
    for _, state in part.named_buffers():
        state.zero_()


@torch.no_grad()
def _frozen(module: "_Streaming", example: Tensor) -> torch.jit.ScriptModule:
    module.eval()(example)  # makes the states
    with warnings.catch_warnings():
        # Deprecated, and still what the peers among instruments are made of.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Sizes and weights are constants here on purpose; the states are not.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        traced = torch.jit.trace(module, example, check_trace=False)  # type: ignore[no-untyped-call]
        frozen: torch.jit.ScriptModule = torch.jit.freeze(traced)
    silence(frozen)
    return frozen


class _Streaming(nn.Module):
    """A form with its states as buffers."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        return self._form(self, x)

    def _state(self, name: str, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        place = f"state_{name}"
        if not hasattr(self, place):
            self.register_buffer(place, torch.zeros(*shape, dtype=dtype))
        state: Tensor = getattr(self, place)
        return state

    def conv(
        self, name: str, x: Tensor, weight: Tensor, bias: Tensor | None = None, dilation: int = 1
    ) -> Tensor:
        context = dilation * (weight.shape[2] - 1)
        if context > 0:
            state = self._state(name, (1, weight.shape[1], context), torch.float32)
            x = torch.cat([state, x], 2)
            state.copy_(x[:, :, -context:])
        return functional.conv1d(x, weight, bias, dilation=dilation)

    def fold(self, x: Tensor, channels: int, ratio: int) -> Tensor:
        return fold(x, ratio)

    def unfold(self, x: Tensor, channels: int, ratio: int) -> Tensor:
        return unfold(x, ratio)

    def stretch(self, x: Tensor, ratio: int) -> Tensor:
        return x.repeat_interleave(ratio, 2)

    def concat(self, values: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(values), 1)

    def split(self, x: Tensor, sizes: Sequence[int]) -> Sequence[Tensor]:
        parts: Sequence[Tensor] = torch.split(x, list(sizes), 1)
        return parts

    def affine(self, x: Tensor, scale: float, shift: float) -> Tensor:
        return x * scale + shift if shift else x * scale

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y

    def mul(self, x: Tensor, y: Tensor) -> Tensor:
        return x * y

    def clip(self, x: Tensor, low: float, high: float) -> Tensor:
        return x.clamp(low, high)

    def leaky_relu(self, x: Tensor) -> Tensor:
        return functional.leaky_relu(x, LEAK)

    def softplus(self, x: Tensor) -> Tensor:
        return functional.softplus(x)

    def softmax(self, x: Tensor) -> Tensor:
        return torch.softmax(x, 1)

    def exp(self, x: Tensor) -> Tensor:
        return torch.exp(x)

    def log(self, x: Tensor) -> Tensor:
        return torch.log(x)

    def sqrt(self, x: Tensor) -> Tensor:
        return torch.sqrt(x)

    def noise(self, name: str, table: NDArray[np.float32], like: Tensor) -> Tensor:
        period = table.shape[1]
        clock = self._state(name, (1,), torch.int64)
        at = (clock + torch.arange(like.shape[2])) % period
        clock.copy_((clock + like.shape[2]) % period)
        return torch.from_numpy(table)[:, at][None]
