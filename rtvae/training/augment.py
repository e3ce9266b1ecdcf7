"""Make a batch of clean clips sound like the world: speeds, rooms, filters, noise floors, levels.

The breadth of what is heard in training decides how a model takes to a microphone it has never
met; everything here is random per clip and runs on the device that trains. Each change is made to
the clips it is meant for and to no others, as most clips are spared most changes.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

SPEED_RANGE = (0.67, 1.6)
LEVEL_RANGE_DB = (-36.0, -0.5)
NOISE_RANGE_DB = (-96.0, -45.0)
ROOM_SECONDS = (0.05, 0.6)
TOP_TONE_HZ = 18000.0
USUAL_TOPS_HZ = (4000.0, 5512.5, 8000.0, 8000.0, 11025.0, 12000.0, 16000.0, 16000.0, 22050.0)


def augment(clips: Tensor, sample_rate_hz: int, solo: bool = False) -> Tensor:
    """Return clips `[B, frames]`, changed; needs at least `SPEED_RANGE[1]` times the frames used.

    The result is `[B, floor(frames / SPEED_RANGE[1])]`. `solo` adds no second sound, for a model
    that follows one pitch. All chance comes from torch's global generators; which clips are
    changed is drawn on the CPU, so that no device is waited for.
    """
    frames = int(clips.shape[1] / SPEED_RANGE[1])
    x = _speed(clips, frames)
    if not solo:
        x = _change_some(x, 0.2, lambda some, which: _mix(some, x.roll(1, 0)[which]))
        x = _change_some(x, 0.2, lambda some, _: _tones(some, sample_rate_hz))
    x = _change_some(x, 0.5, lambda some, _: _filter(some, sample_rate_hz))
    x = _change_some(x, 0.25, lambda some, _: _dull(some, sample_rate_hz))
    x = _change_some(x, 0.25, lambda some, _: _room(some, sample_rate_hz))
    x = _change_some(x, 0.12, lambda some, _: _gate(some))
    x = _level(x)
    x = _change_some(x, 0.5, lambda some, _: some + _noise(some, sample_rate_hz))
    return _change_some(x, 0.25, lambda some, _: _resampled(some, sample_rate_hz))


def _change_some(x: Tensor, share: float, change: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Change each clip with a chance of `share`, in place; return them all.

    `change` gets those clips and their places in the batch.
    """
    which = (torch.rand(x.shape[0]) < share).nonzero()[:, 0]
    if which.shape[0] == 0:
        return x
    which = which.to(x.device, non_blocking=True)
    return x.index_copy_(0, which, change(x[which], which))


def _chance(x: Tensor, share: float) -> Tensor:
    return (torch.rand(x.shape[0], 1, device=x.device) < share).to(x)


def _uniform(x: Tensor, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(x.shape[0], 1, device=x.device)


def _speed(clips: Tensor, frames: int) -> Tensor:
    """Half of the clips keep their speed; the others, in four groups, get one speed each."""
    kept, rest = clips.chunk(2)
    parts = [kept[:, :frames]]
    for group in rest.chunk(4):
        speed = SPEED_RANGE[0] + (SPEED_RANGE[1] - SPEED_RANGE[0]) * float(torch.rand(()))
        source = group[:, : max(int(frames * speed), 2)]
        parts.append(functional.interpolate(source[:, None], frames, mode="linear")[:, 0])
    return torch.cat(parts)


def _mix(x: Tensor, other: Tensor) -> Tensor:
    other = other / (other.square().mean(1, keepdim=True).sqrt() + 1e-6)
    level = x.square().mean(1, keepdim=True).sqrt() * 10 ** (_uniform(x, -24, 0) / 20)
    return x + other * level


def _tones(x: Tensor, sample_rate_hz: int) -> Tensor:
    """Whistles, bells and beeps: pure tones up to the highest, which few corpora hold."""
    frames = x.shape[1]
    time = torch.arange(frames, device=x.device) / sample_rate_hz
    tones = torch.zeros_like(x)
    for _ in range(2):
        hz = 100 * torch.pow(TOP_TONE_HZ / 100, torch.rand(x.shape[0], 1, device=x.device))
        wobble = _uniform(x, 0, 0.01) * torch.sin(2 * math.pi * _uniform(x, 3, 7) * time)
        beat = torch.sin(2 * math.pi * (_uniform(x, 0.5, 10) * time + _uniform(x, 0, 1)))
        swell = (beat + _uniform(x, -0.5, 1.5)).clamp(0, 1)
        phase = torch.cumsum(2 * math.pi * hz / sample_rate_hz * (1 + wobble), 1)
        tones = tones + swell * torch.sin(phase) * _chance(x, 0.7)
    level = (x.square().mean(1, keepdim=True).sqrt() + 1e-3) * 10 ** (_uniform(x, -15, 10) / 20)
    # Some of them alone: nothing else to hide behind.
    return x * (1 - _chance(x, 0.4)) + level * tones


def _filter(x: Tensor, sample_rate_hz: int) -> Tensor:
    """A random smooth tone curve of +-12 dB over ten points on a log-frequency axis."""
    frames = x.shape[1]
    hz = torch.fft.rfftfreq(frames, 1 / sample_rate_hz, device=x.device)
    place = (torch.log2(hz.clamp_min(30) / 30) / math.log2(sample_rate_hz / 60) * 9).clamp(0, 8.999)
    points = 5.0 * torch.randn(x.shape[0], 11, device=x.device).clamp(-2.4, 2.4)
    left = place.long()
    share = place - left
    curve = points[:, left] * (1 - share) + points[:, left + 1] * share
    gain = torch.pow(10.0, curve / 20)
    filtered: Tensor = torch.fft.irfft(torch.fft.rfft(x) * gain, n=frames)
    return filtered


def _dull(x: Tensor, sample_rate_hz: int) -> Tensor:
    """Some clips end at a steep edge, as after a codec or an old microphone."""
    frames = x.shape[1]
    hz = torch.fft.rfftfreq(frames, 1 / sample_rate_hz, device=x.device)
    edge = 3000 * torch.pow(7.0, torch.rand(x.shape[0], 1, device=x.device))
    depth = _uniform(x, 30, 90)
    gain = torch.pow(10.0, -depth / 20 * ((hz - edge) / (0.1 * edge)).clamp(0, 1))
    dulled: Tensor = torch.fft.irfft(torch.fft.rfft(x) * gain, n=frames)
    return dulled


def _resampled(x: Tensor, sample_rate_hz: int) -> Tensor:
    """Nothing at all above half of a usual sample rate, or above what a codec keeps."""
    frames = x.shape[1]
    hz = torch.fft.rfftfreq(frames, 1 / sample_rate_hz, device=x.device)
    which = torch.randint(len(USUAL_TOPS_HZ), (x.shape[0], 1))
    edge = torch.tensor(USUAL_TOPS_HZ)[which].to(x) * _uniform(x, 0.9, 1.0)
    gain = 1.0 - ((hz - edge) / (0.04 * edge)).clamp(0, 1)
    cut: Tensor = torch.fft.irfft(torch.fft.rfft(x) * gain, n=frames)
    return cut


def _room(x: Tensor, sample_rate_hz: int) -> Tensor:
    frames = x.shape[1]
    time = torch.arange(frames, device=x.device) / sample_rate_hz
    decay = torch.exp(-6.9 * time / _uniform(x, *ROOM_SECONDS))
    response = torch.randn_like(x) * decay
    response = response / (response.square().sum(1, keepdim=True).sqrt() + 1e-9)
    response = response * 10 ** (_uniform(x, -25, -3) / 20)
    size = 2 * frames
    wet = torch.fft.irfft(torch.fft.rfft(x, size) * torch.fft.rfft(response, size), n=size)
    roomy: Tensor = x + wet[:, :frames]
    return roomy


def _gate(x: Tensor) -> Tensor:
    """Part of a clip is silent, with hard edges: onsets and endings."""
    frames = x.shape[1]
    at = torch.arange(frames, device=x.device)[None]
    start = _uniform(x, -0.5, 1.0) * frames
    silent = ((at > start) & (at < start + _uniform(x, 0.05, 0.6) * frames)).to(x)
    return x * (1 - silent)


def _level(x: Tensor) -> Tensor:
    peak = x.abs().amax(1, keepdim=True)
    # Loud levels are commoner than quiet ones, as on a stage.
    level = LEVEL_RANGE_DB[1] + (LEVEL_RANGE_DB[0] - LEVEL_RANGE_DB[1]) * _uniform(x, 0, 1) ** 2
    return x / (peak + 1e-4) * 10 ** (level / 20)


def _noise(x: Tensor, sample_rate_hz: int) -> Tensor:
    frames = x.shape[1]
    hz = torch.fft.rfftfreq(frames, 1 / sample_rate_hz, device=x.device).clamp_min(50)
    tilt = (hz / 1000) ** (-_uniform(x, 0.0, 1.0))
    noise = torch.fft.irfft(torch.fft.rfft(torch.randn_like(x)) * tilt, n=frames)
    noise = noise / (noise.square().mean(1, keepdim=True).sqrt() + 1e-9)
    floor: Tensor = noise * torch.pow(10.0, _uniform(x, *NOISE_RANGE_DB) / 20)
    return floor
