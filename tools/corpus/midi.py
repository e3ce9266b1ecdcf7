"""Write a Standard MIDI File and have fluidsynth play it into an array."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus import packages
from corpus.errors import CorpusError
from corpus.part import SAMPLE_RATE_HZ

TICKS_PER_BEAT = 480
TICKS_PER_SECOND = 960  # the SMF default tempo of 120 beats a minute

Event = tuple[float, bytes]  # seconds, channel message


@dataclass(frozen=True)
class Soundfont:
    """A soundfont, by the Debian package that brings it."""

    package: str

    @property
    def path(self) -> Path:
        """Its file."""
        return packages.PACKAGES[self.package].file


FLUID = Soundfont(packages.FLUID)
MUSESCORE = Soundfont(packages.MUSESCORE)
TIMGM = Soundfont(packages.TIMGM)


def note(start_s: float, length_s: float, channel: int, key: int, velocity: int) -> list[Event]:
    """Note-on and note-off messages of one note."""
    return [
        (start_s, bytes((0x90 | channel, key, max(1, min(127, velocity))))),
        (start_s + length_s, bytes((0x80 | channel, key, 64))),
    ]


def control(time_s: float, channel: int, number: int, value: float) -> Event:
    """A control change; `value` is clipped to 0..127."""
    return time_s, bytes((0xB0 | channel, number, int(max(0, min(127, value)))))


def bend(time_s: float, channel: int, semitones: float) -> Event:
    """A pitch bend within the General MIDI default range of two semitones."""
    value = int(max(0, min(16383, 8192 + semitones / 2 * 8191)))
    return time_s, bytes((0xE0 | channel, value & 0x7F, value >> 7))


def program(time_s: float, channel: int, number: int) -> Event:
    """A programme change."""
    return time_s, bytes((0xC0 | channel, number))


def reset(time_s: float, channel: int) -> list[Event]:
    """Silence a channel and put its controllers and its bend back, so that phrases do not leak."""
    return [
        control(time_s, channel, 120, 0),
        control(time_s, channel, 121, 0),
        control(time_s, channel, 7, 110),
        control(time_s, channel, 11, 127),
    ]


def _variable_length(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | (value & 0x7F))
    return bytes(reversed(out))


def file_bytes(events: list[Event], seconds: float) -> bytes:
    """A format-0 Standard MIDI File of `events` (any order) that ends after `seconds`."""
    track = bytearray()
    now = 0
    for time_s, message in sorted(events, key=lambda event: round(event[0] * TICKS_PER_SECOND)):
        tick = max(now, round(time_s * TICKS_PER_SECOND))
        track += _variable_length(tick - now) + message
        now = tick
    end = max(now, round(seconds * TICKS_PER_SECOND))
    track += _variable_length(end - now) + b"\xff\x2f\x00"
    header = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, TICKS_PER_BEAT)
    return header + struct.pack(">4sI", b"MTrk", len(track)) + bytes(track)


def play(
    events: list[Event], seconds: float, *, reverb: bool, font: Soundfont = FLUID
) -> npt.NDArray[np.float64]:
    """Render with fluidsynth; returns mono [round(seconds * 48000)].

    Raises subprocess.CalledProcessError when fluidsynth fails, CorpusError when it reports
    success but played nothing or could not store all of it.
    """
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "score.mid"), Path(folder, "sound.raw")
        score.write_bytes(file_bytes(events, seconds))
        command = ["fluidsynth", "-n", "-i", "-q", "-g", "0.5", "-r", str(SAMPLE_RATE_HZ)]
        command += ["-R", "1" if reverb else "0", "-C", "0", "-O", "float", "-T", "raw"]
        command += ["-F", str(sound), str(font.path), str(score)]
        subprocess.run(command, check=True, capture_output=True)
        samples = np.fromfile(sound, dtype=np.float32)
    frames = round(seconds * SAMPLE_RATE_HZ)
    if samples.size < 2 * frames:
        raise CorpusError(
            f"fluidsynth could not store its output in {tempfile.gettempdir()}: make room there."
        )
    if not samples.any():  # the soundfont did not load
        raise CorpusError(f"fluidsynth played nothing from {font.path}: reinstall {font.package}.")
    mono = samples[: 2 * frames].reshape(-1, 2).mean(axis=1, dtype=np.float64)
    return np.asarray(mono, dtype=np.float64)
