"""The fast distances are those of their formulas, in value and in gradient."""

import numpy as np
import pytest
import torch
from torch import Tensor

from rtvae.dsp.distance import mel_bank
from rtvae.training.losses import (
    COMPLEX_TOP_HZ,
    COMPLEX_WINDOWS,
    MAGNITUDE_FLOOR,
    MEL_WINDOWS,
    SpectralDistance,
)

RATE_HZ = 48000


def plain_spectrum(audio: Tensor, size: int) -> Tensor:
    window = torch.hann_window(size).to(audio)
    return torch.stft(audio, size, max(size // 4, 32), window=window, return_complex=True)


def plain_distances(played: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """The formulas, step by step."""
    mel = phase = torch.zeros((), dtype=played.dtype)
    for size, bands in MEL_WINDOWS:
        bank = mel_bank(RATE_HZ, size, bands)
        bank = torch.from_numpy(bank[bank.sum(1) > 0]).to(played)
        floor = MAGNITUDE_FLOOR * (size / 2048) ** 0.5
        a, b = (
            torch.log((bank @ plain_spectrum(x, size).abs()).clamp_min(floor))
            for x in (played, wanted)
        )
        mel = mel + (a - b).abs().mean() / len(MEL_WINDOWS)
    for size in COMPLEX_WINDOWS:
        top = int(COMPLEX_TOP_HZ / RATE_HZ * size) + 1
        a, b = (plain_spectrum(x, size)[:, :top] for x in (played, wanted))
        error = (a - b).abs().mean((1, 2)) / (b.abs().mean((1, 2)) + MAGNITUDE_FLOOR)
        phase = phase + error.mean() / len(COMPLEX_WINDOWS)
    return mel, phase


def clips() -> tuple[Tensor, Tensor]:
    """Noise, a tone, a clip that falls silent, and silence; played with faults, and wanted."""
    source = torch.Generator().manual_seed(4)
    wanted = 0.1 * torch.randn(4, 8192, generator=source)
    wanted[1] = 0.3 * torch.sin(0.05 * torch.arange(8192))
    wanted[2, 3000:] = 0.0
    wanted[3] = 0.0
    played = wanted + 0.02 * torch.randn(4, 8192, generator=source)
    played[3] = 0.0
    return played, wanted


def test_distances_are_those_of_their_formulas() -> None:
    played, wanted = clips()
    found = SpectralDistance(RATE_HZ)(played, wanted)
    for mine, plain in zip(found, plain_distances(played.double(), wanted.double()), strict=True):
        assert float(mine) == pytest.approx(float(plain), rel=1e-5)


def test_gradient_is_that_of_the_formulas() -> None:
    played, wanted = clips()
    gradients = []
    for distances, kind in (
        (SpectralDistance(RATE_HZ), torch.float32),
        (plain_distances, torch.float64),
    ):
        place = played.to(kind, copy=True).requires_grad_()
        mel, phase = distances(place, wanted.to(kind))
        (mel + 0.25 * phase).backward()
        assert place.grad is not None
        gradients.append(place.grad.double().numpy())
    mine, plain = gradients
    # The distances are made of absolute values: where one is nearly 0, its slope may turn round.
    assert np.linalg.norm(mine - plain) < 1e-3 * np.linalg.norm(plain)


def test_silence_has_a_gradient_of_zero() -> None:
    played = torch.zeros(2, 8192, requires_grad=True)
    mel, phase = SpectralDistance(RATE_HZ)(played, torch.zeros(2, 8192))
    (mel + phase).backward()
    assert mel.item() == phase.item() == 0.0
    assert played.grad is not None
    assert float(played.grad.abs().max()) == 0.0


def test_half_precision_outside_changes_nothing_inside() -> None:
    played, wanted = clips()
    distance = SpectralDistance(RATE_HZ)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = distance(played, wanted)
    assert [float(x) for x in inside] == [float(x) for x in distance(played, wanted)]
