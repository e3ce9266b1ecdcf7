"""Recorded drums: grooves on sampled kits of Debian packages, soft and loud hits as recorded.

A kit is a folder with a Hydrogen `drumkit.xml`, or files that share the beginning of their names.
What a sample is (kick, snare, hat) is told from its name.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from corpus import packages, percussion
from corpus.errors import CorpusError
from corpus.part import SAMPLE_RATE_HZ, Part

Signal = npt.NDArray[np.float64]
LONGEST_HIT_S = 3.0
HYDROGEN_KITS = Path("/usr/share/hydrogen/data/drumkits")
SONIC_PI_SAMPLES = Path("/usr/share/sonic-pi/samples")
KITS = {  # what a licence does not let every later model carry (GPL-2 only, share alike): held out
    "train": ["The Black Pearl 1.0"] * 5 + ["ColomboAcousticDrumkit"] * 3
    + ["rumpf_kit_z01_h2"] * 2 + ["Gimme A Hand 1.0"] * 2 + ["Audiophob"] * 2
    + ["ElectricEmpireKit", "HardElectro1", "VariBreaks", "sonic-pi drum", "sonic-pi drum"],
    "validation": ["Millo_MultiLayered2", "circAfrique v4", "sonic-pi elec"],
    "test": ["ForzeeStereo", "BJA_Pacific", "sonic-pi tabla"],
}  # fmt: skip
NAMES = (  # the first pattern found in a sample's name gives its General MIDI keys
    (r"side.?stick|rim.?click|stick|click", (37,)),
    (r"kick|bass ?drum|\bbd|thump|djembe.*bass|ghe", (35, 36)),
    (r"rim ?shot", (40,)),
    (r"clap|snap", (39,)),
    (r"snare|slap|\bsn", (38, 40)),
    (r"(low|lo|floor).*tom|tom.*(low|lo|floor)|dununba.*head|drum 2|bongo lo", (41, 43, 61, 64)),
    (r"mid.*tom|tom.*(mid|2)|sangban.*head|\btom$", (45, 47)),
    (r"tom|kenkeni.*head|drum 1|bongo hi|conga|djembe|tun|\bna", (48, 50, 60, 62, 63)),
    (r"pedal|hat.*pd", (44,)),
    (r"open|semi|\bop\b|free|ohh", (46,)),
    (r"hat|hh|closed|\bte|\bke|swash", (42,)),
    (r"ride.*bell|ride.?cup|paiste bell|bell", (53, 56)),
    (r"ride|cymbal 1", (51, 59)),
    (r"splash", (55,)),
    (r"crash|cymbal|china", (49, 52, 57)),
    (r"maraca|tambourine|shaker", (54, 70, 69)),
    (r"cowbell|clave|wood|agogo|glass", (56, 75, 76, 77)),
)


@dataclass(frozen=True)
class Layer:
    """One recording of a drum, for hits whose loudness is in low..high."""

    low: float
    high: float
    path: Path


def sources(split: str) -> list[str]:
    """Kit names of a split; a favoured kit appears more than once."""
    return KITS[split]


def keys_of(name: str) -> tuple[int, ...]:
    """General MIDI drum keys that a sample of this name stands for; () when it does not say."""
    for pattern, keys in NAMES:
        if re.search(pattern, name.lower().replace("_", " ")):
            return keys
    return ()


def read_kit(folder: Path) -> list[tuple[tuple[int, ...], list[Layer]]]:
    """Instruments of a Hydrogen kit: their keys, and their layers.

    Raises CorpusError when the kit cannot be read.
    """
    try:
        root = ElementTree.parse(folder / "drumkit.xml").getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise CorpusError(
            f"Cannot read the drum kit {folder.name} ({error}): reinstall {packages.HYDROGEN}."
        ) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # older kits have no name space
    drums = []
    for drum in root.iter("instrument"):
        parts = [*drum.iter("layer")] or [drum]
        layers = [
            Layer(
                float(part.findtext("min") or 0),
                float(part.findtext("max") or 1),
                folder / (part.findtext("filename") or ""),
            )
            for part in parts
            if (folder / (part.findtext("filename") or "")).is_file()
        ]
        if layers:
            drums.append((keys_of(drum.findtext("name") or ""), layers))
    return drums


def read_files(folder: Path, beginning: str) -> list[tuple[tuple[int, ...], list[Layer]]]:
    """Single samples `beginning_name.flac` as a kit; soft and hard ones are layers."""
    drums: dict[str, list[Layer]] = {}
    for path in sorted(folder.glob(f"{beginning}_*.flac")):
        name, _, strength = path.stem.rpartition("_")
        low, high = {"soft": (0.0, 0.55), "hard": (0.55, 1.0)}.get(strength, (0.0, 1.0))
        drum = name if strength in ("soft", "hard") else path.stem
        drums.setdefault(drum, []).append(Layer(low, high, path))
    return [(keys_of(drum), layers) for drum, layers in drums.items()]


@lru_cache(maxsize=4)
def _kit(source: str) -> list[tuple[tuple[int, ...], list[Layer]]]:
    family, _, beginning = source.partition(" ")
    if family == "sonic-pi":
        return read_files(SONIC_PI_SAMPLES, beginning)
    return read_kit(HYDROGEN_KITS / source)


@lru_cache(maxsize=400)
def hit(path: Path) -> Signal:
    """One recorded hit, mono at 48 kHz, at most LONGEST_HIT_S long, fading out where it is cut."""
    recorded, rate_hz = soundfile.read(path, always_2d=True)
    mono = recorded[: int(LONGEST_HIT_S * rate_hz)].mean(axis=1)
    sound = np.asarray(soxr.resample(mono, rate_hz, SAMPLE_RATE_HZ), dtype=np.float64)
    end = min(sound.size, SAMPLE_RATE_HZ // 20)
    sound[sound.size - end :] *= np.linspace(1, 0, end)
    return sound


def render(parts: list[Part]) -> list[Signal]:
    """Each part's groove on its kit, mono at 48 kHz, `part.frames` long."""
    return [_groove(part) for part in parts]


def _groove(part: Part) -> Signal:
    generator = part.generator()
    kit = _kit(part.source)
    ringing = int(LONGEST_HIT_S * SAMPLE_RATE_HZ) + 1
    out = np.zeros(part.frames + ringing)
    chosen: dict[int, list[Layer]] = {}  # the kit's drum for each key, the same all through a clip
    tuning = float(2 ** generator.uniform(-0.15, 0.15)) if generator.random() < 0.3 else 1.0
    for time_s, key, loudness in percussion.hits(generator, part.seconds):
        if key not in chosen:
            named = [layers for keys, layers in kit if key in keys]
            others = [layers for keys, layers in kit if not keys] or [layers for _, layers in kit]
            choice = named or others
            chosen[key] = choice[int(generator.integers(len(choice)))]
        layers = chosen[key]
        fitting = [layer for layer in layers if layer.low <= loudness <= layer.high] or layers
        sound = hit(fitting[int(generator.integers(len(fitting)))].path)
        if tuning != 1.0:
            places = np.arange(int((sound.size - 1) / tuning)) * tuning
            sound = np.interp(places, np.arange(sound.size), sound)
        strength = loudness if len(layers) > 1 else loudness**1.5
        first = round(time_s * SAMPLE_RATE_HZ)
        room = out[first : first + sound.size]
        room += strength * sound[: room.size]
    return out[: part.frames]
