"""Speech of voices made from recorded people: flite's and festival's, at their own sample rates."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from corpus.part import SAMPLE_RATE_HZ, Part
from corpus.sentences import sentence
from corpus.speech import unfold

Signal = npt.NDArray[np.float64]
FLITE = "flite"


@dataclass(frozen=True)
class Voice:
    """A speaker: the program and the package it comes from, its language, its letters' code."""

    package: str
    name: str
    language: str
    encoding: str
    split: str


def _festival(name: str, package: str, language: str, encoding: str, split: str = "train") -> Voice:
    return Voice(package, name, language, encoding, split)


# The same person is in one split only: kal and slt are heard through both programs.
VOICES = {
    voice.name: voice
    for voice in (
        Voice(FLITE, "slt", "en-us", "ascii", "train"),
        Voice(FLITE, "kal16", "en-us", "ascii", "train"),
        Voice(FLITE, "awb", "en-gb", "ascii", "validation"),
        Voice(FLITE, "rms", "en-us", "ascii", "test"),
        _festival("cmu_us_slt_arctic_hts", "festvox-us-slt-hts", "en-us", "ascii"),
        _festival("kal_diphone", "festvox-kallpc16k", "en-us", "ascii"),
        _festival("ked_diphone", "festvox-kdlpc16k", "en-us", "ascii"),
        _festival("czech_dita", "festvox-czech-dita", "cs", "iso8859-2"),
        _festival("czech_machac", "festvox-czech-machac", "cs", "iso8859-2"),
        _festival("czech_ph", "festvox-czech-ph", "cs", "iso8859-2"),
        _festival("lp_diphone", "festvox-italp16k", "it", "latin-1"),
        _festival("suo_fi_lj_diphone", "festvox-suopuhe-lj", "fi", "latin-1"),
        _festival("hy_fi_mv_diphone", "festvox-suopuhe-mv", "fi", "latin-1"),
        _festival("msu_ru_nsh_clunits", "festvox-ru", "ru", "utf-8"),
        _festival("czech_krb", "festvox-czech-krb", "cs", "iso8859-2", "validation"),
        _festival("pc_diphone", "festvox-itapc16k", "it", "latin-1", "test"),
    )
}
PACKAGES = ("festival", *dict.fromkeys(voice.package for voice in VOICES.values()))
_FAVOURED = {"slt": 4, "msu_ru_nsh_clunits": 3, "cmu_us_slt_arctic_hts": 2, "czech_ph": 2}


def sources(split: str) -> list[str]:
    """Voice names of a split, the most natural ones more often."""
    return [
        name
        for name, voice in VOICES.items()
        if voice.split == split
        for _ in range(_FAVOURED.get(name, 1))
    ]


def say(voice: Voice, text: str, *, stretch: float) -> tuple[Signal, int]:
    """One utterance and its sample rate; `stretch` above 1 is slower (flite only).

    Raises subprocess.CalledProcessError when the program fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "said.wav")
        if voice.package == FLITE:
            command = [FLITE, "-voice", voice.name, "--setf", f"duration_stretch={stretch:.3f}"]
            command += ["-t", text, "-o", str(path)]
        else:
            command = ["text2wave", "-eval", f"(voice_{voice.name})", "-o", str(path)]
        letters = text.encode(voice.encoding, "ignore")
        subprocess.run(command, input=letters, check=True, capture_output=True)
        sound, rate_hz = soundfile.read(path)
    return np.asarray(sound, dtype=np.float64), int(rate_hz)


def render(parts: list[Part]) -> list[Signal]:
    """Each part spoken, mono at 48 kHz, exactly `part.frames` long."""
    return [_speak(part) for part in parts]


def _speak(part: Part) -> Signal:
    generator = part.generator()
    voice = VOICES[part.source]
    # A third of the clips are a taller or shorter speaker: formants and pitch moved together.
    size_ratio = float(2 ** generator.uniform(-0.3, 0.3)) if generator.random() < 0.35 else 1.0
    stretch = float(generator.uniform(0.85, 1.3)) * size_ratio
    folded = float(generator.uniform(0.05, 0.25)) if generator.random() < 0.4 else 0.0
    pieces = [np.zeros(int(generator.uniform(0, 0.3) * SAMPLE_RATE_HZ))]
    total = pieces[0].size
    while total < part.frames:
        text = sentence(generator, voice.language)
        sound, rate_hz = say(voice, text, stretch=stretch)
        if folded and rate_hz < SAMPLE_RATE_HZ / 2:
            sound, rate_hz = unfold(sound, folded), 2 * rate_hz
        sound = soxr.resample(sound, rate_hz * size_ratio, SAMPLE_RATE_HZ)
        pause = np.zeros(int(generator.uniform(0.05, 0.6) * SAMPLE_RATE_HZ))
        pieces += [sound / max(1e-9, np.abs(sound).max(initial=0)), pause]
        total += sound.size + pause.size
    return np.concatenate(pieces)[: part.frames]
