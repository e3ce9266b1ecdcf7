"""The export gate: no model leaves unless all its forms agree and it has no hidden delay.

On a test sound, relative both in rms and in peak, within the tolerance of the card:

    torch, streamed in steps of 1, 2, 4, 8 hops and ragged mixtures  ==  torch, whole sequence
    onnxruntime, the same steps, through the runtime that plays live ==  torch, whole sequence

and three structural checks for the classic faults of streaming codecs: every band comes out where
it went in (a filter bank with an odd delay mirrors them), a latent hears the newest sample of its
own hop (left-aligned strides are blind to it), and a hop of audio answers to its own latent from
the first row on (padding of a transposed convolution hides its tail).
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtvae.errors import ExportRefused
from rtvae.model.live import LiveModel
from rtvae.spec import GRAPH_SIZES
from rtvae.training.torch_ops import TorchOps, run_in_steps
from rtvae.training.vae import Vae

TOLERANCE = 2e-5
TEST_HOPS = 240
ASTRAY = 0.08
BAND_HZ = (200, 500, 1100, 1900, 2600, 3300, 4100, 5000)


@dataclass(frozen=True)
class Agreement:
    """The largest relative differences that the gate saw."""

    latents: float
    audio: float


def test_sound(config_rate_hz: int, hop_frames: int) -> NDArray[np.float32]:
    """Return tones, noise bursts, clicks and silences, float32 `(TEST_HOPS * hop_frames,)`."""
    random = np.random.default_rng(7)
    frames = TEST_HOPS * hop_frames
    time = np.arange(frames) / config_rate_hz
    tone = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.1 * np.sin(2 * np.pi * 1760 * time)
    noise = 0.1 * random.standard_normal(frames)
    gate = np.repeat(random.random(-(-frames // 1600)) < 0.6, 1600)[:frames]
    sound = (tone + noise) * gate
    sound[random.integers(0, frames, 5)] += 0.8
    return sound.astype(np.float32)


def ragged(total: int, seed: int) -> list[int]:
    """Return a random sequence of graph sizes that adds up to `total`."""
    random = np.random.default_rng(seed)
    sizes: list[int] = []
    while total:
        size = int(random.choice([s for s in GRAPH_SIZES if s <= total]))
        sizes.append(size)
        total -= size
    return sizes


def step_plans(total: int = TEST_HOPS) -> dict[str, list[int]]:
    """Return every sequence of steps that the gate tries, by name."""
    plans = {f"{s} at a time": [s] * (total // s) for s in GRAPH_SIZES}
    return plans | {f"ragged {seed}": ragged(total, seed) for seed in (1, 2, 3)}


def relative_difference(value: Tensor, reference: Tensor) -> float:
    """Return the larger of rms of the difference over rms, and largest difference over peak."""
    wanted = reference.double()
    apart = value.double() - wanted
    by_rms = apart.square().mean().sqrt() / wanted.square().mean().sqrt().clamp_min(1e-12)
    by_peak = apart.abs().max() / wanted.abs().max().clamp_min(1e-12)
    return float(torch.maximum(by_rms, by_peak))


@torch.no_grad()
def played_with_pitch_turned(model: Vae, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Return latents `[hops, latents]` at rest, then turned a little, then by far; and their audio.

    What plays only when the pitch is turned must agree as well; without pitch nothing is moved.
    """
    moved, attributes = mean.clone().contiguous(), model.config.attributes
    if "pitch" in attributes:
        third, at = mean.shape[0] // 3, attributes.index("pitch")
        moved[third : 2 * third, at] += 0.03
        moved[2 * third :, at] += 0.5
    return moved, model.decoder(moved.T[None])[0, 0]


@torch.no_grad()
def whole_sequence(model: Vae, sound: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean and std `[hops, latents]` and audio `[frames]`, not streamed."""
    mean, std = model.encoder(sound[None, None])
    return mean[0].T, std[0].T, model.decoder(mean)[0, 0]


def check_streaming(model: Vae, tolerance: float = TOLERANCE) -> Agreement:
    """Hold the streaming form against the whole-sequence form, in torch. Raises ExportRefused."""
    config = model.config
    sound = torch.from_numpy(test_sound(config.sample_rate_hz, config.hop_frames))
    mean, std, _ = whole_sequence(model, sound)
    moved, audio = played_with_pitch_turned(model, mean)

    def encode(ops: TorchOps, hops: int, x: Tensor) -> tuple[Tensor, ...]:
        return tuple(model.encoder.stream(ops, x, hops))

    def decode(ops: TorchOps, hops: int, x: Tensor) -> tuple[Tensor, ...]:
        return (model.decoder.stream(ops, x, hops),)

    worst = Agreement(0.0, 0.0)
    for name, sizes in step_plans().items():
        streamed = run_in_steps(encode, sound, config.hop_frames, sizes)
        played = run_in_steps(decode, moved, 1, sizes)
        seen = _agreement(streamed, played[0], (mean, std), audio)
        worst = _worse(worst, seen)
        _require(seen, tolerance, f"streamed by torch, {name}", "the whole sequence")
    return worst


def check_runtime(model: Vae, live: LiveModel, tolerance: float = TOLERANCE) -> Agreement:
    """Hold the exported graphs, run as on stage, against torch. Raises ExportRefused."""
    config = model.config
    sound = test_sound(config.sample_rate_hz, config.hop_frames)
    mean, std, _ = whole_sequence(model, torch.from_numpy(sound))
    moved, audio = played_with_pitch_turned(model, mean)
    latents = np.ascontiguousarray(moved.numpy())
    worst = Agreement(0.0, 0.0)
    for name, sizes in step_plans().items():
        live.reset()
        got_mean, got_std = np.empty_like(latents), np.empty_like(latents)
        got_audio = np.empty_like(sound)
        at = 0
        for size in sizes:
            rows = slice(at, at + size)
            frames = slice(at * config.hop_frames, (at + size) * config.hop_frames)
            live.encode(sound[frames], got_mean[rows], got_std[rows])
            live.decode(latents[rows], got_audio[frames])
            at += size
        streamed = [torch.from_numpy(got_mean), torch.from_numpy(got_std)]
        seen = _agreement(streamed, torch.from_numpy(got_audio), (mean, std), audio)
        worst = _worse(worst, seen)
        _require(seen, tolerance, f"run by onnxruntime, {name}", "torch")
    live.reset()
    return worst


@torch.no_grad()
def check_structure(model: Vae) -> None:
    """Look for mirrored bands, blind latents and hidden tails. Raises ExportRefused."""
    heard = {hz: played_frequency(model, hz) for hz in BAND_HZ}
    astray = [hz for hz in BAND_HZ if abs(heard[hz] - hz) > ASTRAY * hz]
    # A young model may miss a tone; a mirrored filter bank misses every one in its odd bands.
    if 2 * len(astray) >= len(BAND_HZ):
        hz = astray[0]
        raise ExportRefused(
            f"{len(astray)} of {len(BAND_HZ)} tones come out elsewhere ({hz} Hz at "
            f"{heard[hz]:.0f} Hz): filter bands are mirrored or the model is hardly trained; "
            f"train longer, or mend the filter bank's delay."
        )
    newest = newest_sample_effect(model)
    if newest < 1e-4:
        raise ExportRefused(
            "A latent does not hear the newest sample of its own hop; align every stride to the "
            "right (left context kernel - stride)."
        )
    first = first_row_effect(model)
    if first < 1e-4:
        raise ExportRefused(
            "A hop of audio does not answer to its own latent from its first row on; keep the "
            "first outputs of every transposed convolution and carry the tail."
        )


@torch.no_grad()
def played_frequency(model: Vae, hz: float) -> float:
    """Return the strongest frequency that comes out when a tone of `hz` goes in."""
    rate, hop = model.config.sample_rate_hz, model.config.hop_frames
    frames = rate // 2 // hop * hop
    tone = 0.25 * torch.sin(2 * torch.pi * hz * torch.arange(frames) / rate)
    played = whole_sequence(model, tone)[2][frames // 4 :]
    spectrum = torch.fft.rfft(played * torch.hann_window(played.shape[0])).abs()
    return float(spectrum.argmax()) * rate / played.shape[0]


@torch.no_grad()
def newest_sample_effect(model: Vae) -> float:
    """Return how far the last sample of a hop moves that hop's latents (of unit deviation)."""
    hop = model.config.hop_frames
    sound = torch.from_numpy(test_sound(model.config.sample_rate_hz, hop))
    at = 100
    touched = sound.clone()
    touched[(at + 1) * hop - 1] += 0.5
    moved = whole_sequence(model, touched)[0][at] - whole_sequence(model, sound)[0][at]
    return float(moved.abs().max())


@torch.no_grad()
def first_row_effect(model: Vae) -> float:
    """Return how far a latent moves the first row of its own hop, relative to the sound's rms."""
    config = model.config
    sound = torch.from_numpy(test_sound(config.sample_rate_hz, config.hop_frames))
    mean, _, audio = whole_sequence(model, sound)
    at = 100
    moved = mean.clone()
    moved[at] += 1.0
    played = model.decoder(moved.T[None])[0, 0]
    first = slice(at * config.hop_frames, at * config.hop_frames + config.row_frames)
    return float((played[first] - audio[first]).abs().max() / audio.square().mean().sqrt())


def _agreement(
    latents: list[Tensor], audio: Tensor, wanted: tuple[Tensor, Tensor], sound: Tensor
) -> Agreement:
    return Agreement(
        max(relative_difference(a, b) for a, b in zip(latents, wanted, strict=True)),
        relative_difference(audio, sound),
    )


def _worse(a: Agreement, b: Agreement) -> Agreement:
    return Agreement(max(a.latents, b.latents), max(a.audio, b.audio))


def _require(seen: Agreement, tolerance: float, what: str, reference: str) -> None:
    for name, value in (("latents", seen.latents), ("audio", seen.audio)):
        if not value <= tolerance:
            raise ExportRefused(
                f"The {name} {what} differ from {reference} by {value:.1e} relative "
                f"(allowed {tolerance:.0e}); nothing was exported: check the model's layers."
            )
