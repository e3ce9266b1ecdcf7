"""Names of parameters and actions as players read them: latent.3.offset is "3 pitch: offset"."""

import re
from collections.abc import Sequence

from rtvae.control.actions import number_of
from rtvae.control.parameters import resolve
from rtvae.spec import LatentSpec

_LATENT = re.compile(r"latent\.(\d+)\.(\w+)")
_STEP = re.compile(r"mod\.(\d+)\.step\.(\d+)")
_ROUTE = re.compile(r"mod\.(\d+)\.to\.(\d+)")
_MODULATOR = re.compile(r"mod\.(\d+)\.(\w+)")
_ACTIONS = {
    "record": "record",
    "panic": "panic",
    "mute.toggle": "mute",
    "looper.press": "looper pedal",
    "tap": "tap tempo",
    "undo": "undo",
    "redo": "redo",
    "preset.next": "next preset",
    "preset.previous": "previous preset",
    "preset.save": "save preset",
    "snapshot.recall": "recall snapshot",
    "snapshot.store": "store snapshot",
}


def numbered(name: str, latents: Sequence[LatentSpec]) -> str:
    """Return a name with the latent's number where it has an attribute that the model has."""
    return resolve(name, [latent.attribute for latent in latents]) or name


def latent_title(number: int, latents: Sequence[LatentSpec]) -> str:
    """Return a latent as the strips call it: "3 pitch", or "3" where it has no name."""
    name = latents[number - 1].name if 1 <= number <= len(latents) else str(number)
    return str(number) if name == str(number) else f"{number} {name}"


def describe(name: str, latents: Sequence[LatentSpec]) -> str:
    """Return what a parameter or action is, in a few words."""
    name = numbered(name, latents)
    if found := _LATENT.fullmatch(name):
        return f"{latent_title(int(found[1]), latents)}: {found[2]}"
    if found := _STEP.fullmatch(name):
        return f"modulator {found[1]}: step {found[2]}"
    if found := _ROUTE.fullmatch(name):
        return f"modulator {found[1]} to {latent_title(int(found[2]), latents)}"
    if found := _MODULATOR.fullmatch(name):
        return f"modulator {found[1]}: {_spaced(found[2])}"
    counted = number_of(name)
    if counted is not None:
        return f"{_ACTIONS.get(counted[0], counted[0])} {counted[1]}"
    return _ACTIONS.get(name, _spaced(name))


def _spaced(name: str) -> str:
    return re.sub(r"_(hz|ms|db|bpm)$", "", name).replace("_", " ")
