"""Recordings that Debian packages bring: people naming letters and things, drum loops, sounds.

Clips are recordings of one source, one after another in a drawn order, loops a little faster or
slower each time.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from corpus.part import SAMPLE_RATE_HZ, Part

Signal = npt.NDArray[np.float64]
KLETTRES = Path("/usr/share/klettres")
KTUBERLING = Path("/usr/share/ktuberling/sounds")
SONIC_PI = Path("/usr/share/sonic-pi/samples")
LOWEST_RATE_HZ = 16_000  # telephone recordings among the words teach nothing above 4 kHz
QUIETEST_PEAK = 0.01
# Languages are speakers: one language of both packages is in one split only.
SPEAKERS = {
    "train": "ar cs da de en en_GB fr hu lt nds nl pt_BR ru uk ca gl sr wa".split(),
    "validation": "he nb it".split(),
    "test": "es el sl".split(),
}  # fmt: skip
# One speaker is kept out of all recipes but the one that shows how a model learns a new voice.
NEW_SPEAKER = "ml"
NEW_EVERY = {"train": (0, 1, 2, 3), "validation": (4,), "test": (5,)}  # of each six recordings
LOOPS = {
    "train": "amen amen_full electric garzul industrial mehackit1 mehackit2 mika perc1 safari "
    "weirdo".split(),
    "validation": "compus perc2".split(),
    "test": "breakbeat tabla".split(),
}  # fmt: skip
SOUNDS = {  # beginnings of names; single sounds that are neither drums nor loops
    "train": ["ambi", "bass", "guit", "perc", "glitch", "vinyl"],
    "validation": ["mehackit"],
    "test": ["misc"],
}


def speakers(split: str) -> list[str]:
    """Languages of a split, each as often as a minute of it was recorded."""
    return [f"speaker {name}" for name in SPEAKERS[split] for _ in range(_weight(name))]


def new_speaker(split: str) -> list[str]:
    """The speaker whom no other recipe hears; the splits share no recording."""
    return [f"new {split}"]


def loops(split: str) -> list[str]:
    """Drum loops of a split."""
    return [f"loop {name}" for name in LOOPS[split]]


def sounds(split: str) -> list[str]:
    """Groups of single sounds of a split."""
    return [f"sound {name}" for name in SOUNDS[split]]


def _weight(language: str) -> int:
    return 1 + len(files(f"speaker {language}")) // 60


@lru_cache(maxsize=64)
def files(source: str) -> tuple[Path, ...]:
    """Every recording of a source, in order of name."""
    family, _, name = source.partition(" ")
    if family == "loop":
        return (SONIC_PI / f"loop_{name}.flac",)
    if family == "sound":
        return tuple(sorted(SONIC_PI.glob(f"{name}_*.flac")))
    if family == "new":
        whole = sorted((KLETTRES / NEW_SPEAKER).glob("*/*.ogg"))
        return tuple(path for at, path in enumerate(whole) if at % 6 in NEW_EVERY[name])
    found = sorted((KLETTRES / name).glob("*/*.ogg")) + sorted((KTUBERLING / name).glob("*.*"))
    return tuple(path for path in found if path.suffix in (".ogg", ".wav"))


def read(path: Path) -> Signal:
    """Mono at 48 kHz, silence at both ends cut away; empty when there is nothing to use in it."""
    recorded, rate_hz = soundfile.read(path, always_2d=True)
    mono = recorded.mean(axis=1)
    if rate_hz < LOWEST_RATE_HZ or np.abs(mono).max(initial=0) < QUIETEST_PEAK:
        return np.zeros(0)
    block = rate_hz // 100
    power = np.add.reduceat((mono - mono.mean()) ** 2, np.arange(0, mono.size, block))
    loud = np.flatnonzero(power > 0.003 * power.max()) * block
    around = rate_hz // 12
    mono = mono[max(0, loud[0] - around) : loud[-1] + 2 * around]
    return np.asarray(soxr.resample(mono, rate_hz, SAMPLE_RATE_HZ), dtype=np.float64)


def render(parts: list[Part]) -> list[Signal]:
    """Recordings of each part's source in a row, mono at 48 kHz, `part.frames` long."""
    return [_row(part) for part in parts]


def _row(part: Part) -> Signal:
    generator = part.generator()
    paths = files(part.source)
    is_loop = part.source.startswith("loop")
    pause_s = 0.0 if is_loop else 0.25
    speed = float(2 ** generator.uniform(-0.3, 0.3)) if is_loop else 1.0
    pieces = [np.zeros(int(generator.uniform(0, 0.2) * SAMPLE_RATE_HZ))]
    size = pieces[0].size
    deck: list[int] = []
    while size < part.frames:
        if not deck:
            deck = [int(card) for card in generator.permutation(len(paths))]
        sound = read(paths[deck.pop()])
        if speed != 1.0:
            places = np.arange(int((sound.size - 1) / speed)) * speed
            sound = np.interp(places, np.arange(sound.size), sound)
        level = generator.uniform(0.5, 1) / max(1e-9, np.abs(sound).max(initial=0))
        end = min(sound.size, 480)
        sound[: end // 4] *= np.linspace(0, 1, end // 4)
        sound[sound.size - end :] *= np.linspace(1, 0, end)
        pause = np.zeros(int(generator.uniform(0, 2) * pause_s * SAMPLE_RATE_HZ))
        pieces += [level * sound, pause]
        size += sound.size + pause.size
    return np.concatenate(pieces)[: part.frames]
