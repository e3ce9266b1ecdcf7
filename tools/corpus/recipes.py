"""Which kinds of sound make up a corpus: a table for each thing a model can be trained for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus import (
    human,
    kits,
    music,
    noises,
    packages,
    percussion,
    recordings,
    singing,
    solo,
    speech,
)
from corpus.part import Part
from corpus.recording import FIELD, HOME, STUDIO, Chain

Renderer = Callable[[list[Part]], list[npt.NDArray[np.float64]]]


@dataclass(frozen=True)
class Kind:
    """One kind of sound: its share of the corpus, and how often two sources sound together."""

    share: float
    sources: Callable[[str], list[str]]
    render: Renderer
    packages: tuple[str, ...]
    chain: Chain = FIELD
    duet_share: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """Kinds of sound, what keeps the splits apart, and each split's length beside --minutes."""

    kinds: Mapping[str, Kind]
    splits: str
    lengths: Mapping[str, float]


_USUAL = {"train": 1.0, "validation": 0.05, "test": 0.05}
_LONGER = {"train": 1.0, "validation": 0.07, "test": 0.12}
_PLAYED = ("fluidsynth", packages.FLUID)
_PEOPLE = (packages.KLETTRES, packages.KTUBERLING)
_APART = (
    "The splits share no speaker (the languages of one recorded speaker included), programme, "
    "kit, loop or recipe of noise."
)

RECIPES = {
    "general": Recipe(
        {
            "speech": Kind(0.13, speech.sources, speech.render, ("espeak-ng",)),
            "human": Kind(0.15, human.sources, human.render, human.PACKAGES),
            "people": Kind(0.13, recordings.speakers, recordings.render, _PEOPLE),
            "singing": Kind(0.05, singing.sources, singing.render,
                            ("espeak-ng", *human.PACKAGES)),
            "music": Kind(0.19, music.sources, music.render, _PLAYED, duet_share=0.12),
            "solos": Kind(0.14, solo.sources, solo.render, (*_PLAYED, packages.MUSESCORE)),
            "drums": Kind(0.05, percussion.sources, percussion.render, _PLAYED),
            "kits": Kind(0.07, kits.sources, kits.render,
                         (packages.HYDROGEN, packages.SONIC_PI)),
            "loops": Kind(0.03, recordings.loops, recordings.render, (packages.SONIC_PI,)),
            "sounds": Kind(0.01, recordings.sounds, recordings.render, (packages.SONIC_PI,)),
            "noises": Kind(0.05, noises.sources, noises.render, (), duet_share=0.1),
        },
        _APART, _USUAL,
    ),
    "voice": Recipe(
        {
            "speech": Kind(0.13, speech.sources, speech.render, ("espeak-ng",), HOME),
            "human": Kind(0.27, human.sources, human.render, human.PACKAGES, HOME),
            "people": Kind(0.28, recordings.speakers, recordings.render, _PEOPLE, HOME),
            "singing": Kind(0.32, singing.sources, singing.render,
                            ("espeak-ng", *human.PACKAGES), HOME),
        },
        _APART, _LONGER,
    ),
    "newvoice": Recipe(
        {
            "people": Kind(1.0, recordings.new_speaker, recordings.render,
                           (packages.KLETTRES,), STUDIO),
        },
        "One speaker whom no other recipe hears; the splits share no recording.",
        {"train": 1.0, "validation": 0.1, "test": 0.2},
    ),
    "strings": Recipe(
        {
            "strings": Kind(1.0, solo.string_sources, solo.render,
                            (*_PLAYED, packages.MUSESCORE), STUDIO),
            "unheard": Kind(0.5, solo.unheard_string_sources, solo.render,
                            ("fluidsynth", packages.TIMGM), STUDIO),
        },
        "The splits share instruments but no phrase; test/unheard is played on the instruments "
        "of a soundfont that no other split hears.",
        _LONGER,
    ),
    "drums": Recipe(
        {
            "drums": Kind(0.3, percussion.sources, percussion.render, _PLAYED, HOME),
            "kits": Kind(0.5, kits.sources, kits.render,
                         (packages.HYDROGEN, packages.SONIC_PI), HOME),
            "loops": Kind(0.2, recordings.loops, recordings.render, (packages.SONIC_PI,), HOME),
        },
        _APART, _LONGER,
    ),
}  # fmt: skip
