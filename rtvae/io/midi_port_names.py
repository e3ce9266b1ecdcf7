"""Names of MIDI ports: which stay, which are controllers, and which outputs belong to which inputs.

Pure. Systems number what they list, and the numbers change when a controller is plugged in again.
"""

import re
from collections.abc import Mapping, Sequence

# What a machine lists besides controllers: loops, clocks, synthesisers and ourselves.
NOT_CONTROLLERS = re.compile(
    r"through|timer|announce|rtmidi|rtvae|iac driver|network|bus \d|loop|synth|pipewire", re.I
)
# What brings ALSA's ports into a JACK graph, where they are the same ports once more.
BRIDGES = re.compile(r"(?:system|a2j\w*|midi-bridge|alsa[_-]midi)\b", re.I)
# ALSA ends a port's name with numbers; its bridge to JACK has one in the middle.
PASSING_NUMBERS = re.compile(r"\s+\d+:\d+$|\s*\[\d+\](?=\s|:)")
# Words that tell the two directions of one device apart.
DIRECTIONS = re.compile(r"\b(?:in|out|input|output|capture|playback|from|to)\b", re.I)


def stable_name(name: str) -> str:
    """Return the part of a port's name that stays when its controller comes back."""
    return PASSING_NUMBERS.sub("", name)


def stable_names(names: Sequence[str], kept: Mapping[str, str] | None = None) -> list[str]:
    """Return a stable name for each port; those of several alike are numbered.

    `kept` are the names that ports have been given, by the names that the system has for them:
    when one of two alike goes, the other stays who it was.
    """
    kept = kept or {}
    taken = {kept[name] for name in names if name in kept}
    found = []
    for name in names:
        called = kept.get(name) or _unused(stable_name(name), taken)
        taken.add(called)
        found.append(called)
    return found


def _unused(name: str, taken: set[str]) -> str:
    number, called = 1, name
    while called in taken:
        number += 1
        called = f"{name} #{number}"
    return called


def is_controller(name: str) -> bool:
    """Whether a port's name is that of something to turn."""
    return not NOT_CONTROLLERS.search(name)


def is_bridged(name: str) -> bool:
    """Whether a port of a JACK graph is one of another MIDI system."""
    return BRIDGES.match(name) is not None


def first_like(wanted: str, names: Sequence[str]) -> int | None:
    """Return the place of the name that is `wanted`, else of the first that contains it."""
    if wanted in names:
        return names.index(wanted)
    places = (k for k, name in enumerate(names) if wanted.casefold() in name.casefold())
    return next(places, None)


def partner(name: str, outputs: Sequence[str]) -> str | None:
    """Return the output of the device whose input has a name, None if it has none.

    Both are stable names: the same, the same but for words of direction, or else the only output
    of the same client.
    """
    if name in outputs:
        return name
    alike = [output for output in outputs if _undirected(output) == _undirected(name)]
    if not alike and ":" in name:
        client = name.split(":", 1)[0] + ":"
        alike = [output for output in outputs if output.startswith(client)]
    return alike[0] if len(alike) == 1 else None


def _undirected(name: str) -> str:
    return " ".join(re.findall(r"\w+", DIRECTIONS.sub(" ", name).casefold()))
