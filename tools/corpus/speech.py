"""Speech: espeak-ng in many voices, moved to 48 kHz so that the upper octave is not empty."""

from __future__ import annotations

import subprocess
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import soxr

from corpus.part import SAMPLE_RATE_HZ, Part
from corpus.sentences import LANGUAGES, sentence

ESPEAK_RATE_HZ = 22_050
WAV_HEADER_BYTES = 44
# A variant is the speaker; no speaker is shared between splits, whatever the language.
VARIANTS: dict[str, list[str]] = {
    "train": (
        "m1 m2 m3 m4 m6 m8 f1 f2 f4 f5 croak whisper whisperf klatt klatt3 klatt5 adam Andy Annie "
        "belinda benjamin caleb david ed edward Gene grandma gustave iven iven3 linda Marco max "
        "Michael miguel pablo paul quincy rob sandro shelby steph travis victor Alicia Andrea"
    ).split(),
    "validation": "m5 f3 klatt2 antonio anika norbert".split(),
    "test": "m7 grandpa klatt4 aunty boris steph3 zac".split(),
}  # fmt: skip
SUNG_STEPS_PERCENT = (-25, -15, 0, 12, 25, 33, 50)


def sources(split: str) -> list[str]:
    """Voice names `language+variant`: every variant of the split with several languages."""
    variants = VARIANTS[split]
    return [
        f"{LANGUAGES[(number * 3 + offset) % len(LANGUAGES)]}+{variant}"
        for offset in range(len(LANGUAGES))
        for number, variant in enumerate(variants)
    ]


def utterance(
    voice: str, text: str, *, pitch: int, words_per_minute: int
) -> npt.NDArray[np.float64]:
    """One espeak-ng utterance, mono at 22.05 kHz; `text` is SSML, `pitch` 0..99.

    Raises subprocess.CalledProcessError when espeak-ng fails.
    """
    command = ["espeak-ng", "-m", "-v", voice, "-p", str(pitch), "-s", str(words_per_minute)]
    done = subprocess.run(
        [*command, "--stdout"], input=text.encode(), check=True, capture_output=True
    )
    pcm = done.stdout[WAV_HEADER_BYTES:]
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2") / 32768.0


def sung(generator: np.random.Generator, text: str) -> str:
    """SSML in which every word has a pitch of its own, held flat, like a simple song."""
    words = (
        f'<prosody pitch="{int(generator.choice(SUNG_STEPS_PERCENT)):+d}%" range="20%">'
        f"{escape(word)}</prosody>"
        for word in text.split()
    )
    return " ".join(words)


def unfold(signal: npt.NDArray[np.float64], gain: float) -> npt.NDArray[np.float64]:
    """Double the rate and mirror the upper half of the band (from 5.5 kHz) past the old Nyquist.

    Sibilants then reach past 11 kHz, as a microphone would hear them.
    """
    doubled = soxr.resample(signal, 1, 2)
    spectrum = np.fft.rfft(doubled)
    spectrum[: spectrum.size // 4] = 0
    upper = np.fft.irfft(spectrum, doubled.size)
    image = upper * np.where(np.arange(doubled.size) % 2, -1.0, 1.0)
    return np.asarray(doubled + gain * image, dtype=np.float64)


def vibrato(
    signal: npt.NDArray[np.float64], rate_hz: float, depth: float
) -> npt.NDArray[np.float64]:
    """Warp time so that pitch swings by +-`depth` (ratio) at `rate_hz`."""
    time = np.arange(signal.size)
    omega = 2 * np.pi * rate_hz / SAMPLE_RATE_HZ
    warped = time + depth / omega * np.sin(omega * time)
    return np.asarray(np.interp(warped, time, signal), dtype=np.float64)


def render(parts: list[Part]) -> list[npt.NDArray[np.float64]]:
    """Each part spoken, mono at 48 kHz, exactly `part.frames` long."""
    return [_speak(part) for part in parts]


def _speak(part: Part) -> npt.NDArray[np.float64]:
    generator = part.generator()
    language = part.source.split("+")[0]
    # Half of the clips are spoken slower and lower, then played faster: same voice, wider band.
    ratio = generator.uniform(1.0, 2.0) if generator.random() < 0.5 else 1.0
    pitch = int(np.clip(generator.integers(15, 90) - 45 * (ratio - 1), 0, 99))
    pace = max(80, int(generator.uniform(110, 220) / ratio))
    is_sung = generator.random() < 0.18
    folded = generator.random() < 0.4
    source_hz = ESPEAK_RATE_HZ * ratio
    pieces: list[npt.NDArray[np.float64]] = []
    total = 0
    while total < part.frames:
        text = sentence(generator, language)
        ssml = sung(generator, text) if is_sung else escape(text)
        speed = pace * 2 // 3 if is_sung else pace
        spoken = utterance(part.source, ssml, pitch=pitch, words_per_minute=max(80, speed))
        if folded:
            spoken = unfold(spoken, 0.2)
        rate_hz = source_hz * 2 if folded else source_hz
        pieces.append(soxr.resample(spoken, rate_hz, SAMPLE_RATE_HZ))
        pieces.append(np.zeros(int(generator.uniform(0.05, 0.5) * SAMPLE_RATE_HZ)))
        total += pieces[-2].size + pieces[-1].size
    signal = np.concatenate(pieces)
    if is_sung:
        signal = vibrato(signal, generator.uniform(4.5, 6.5), generator.uniform(0.0, 0.025))
    lead = int(generator.uniform(0, 0.3) * SAMPLE_RATE_HZ)
    return np.concatenate((np.zeros(lead), signal))[: part.frames]
