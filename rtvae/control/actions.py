"""The table of everything a player can do that is no parameter: what a button can be for. Pure.

Names are what MIDI mappings, OSC and the window use, as those of parameters are. Numbered actions
count from 1. A button does its action when its value passes the middle on the way up.
"""

import re
from dataclasses import dataclass

SNAPSHOTS = 16


@dataclass(frozen=True)
class Action:
    """One thing to do; with `count` its name is NAME.1 to NAME.count."""

    name: str
    meaning: str
    count: int = 0


ACTIONS = (
    Action("record", "starts and stops a recording"),
    Action("panic", "silence at once, and the model forgets what it heard"),
    Action("mute.toggle", "mutes, and unmutes"),
    Action("looper.press", "records a gesture, then repeats it, then stops, as one pedal does"),
    Action("tap", "taps the tempo"),
    Action("undo", "takes the last edit back"),
    Action("redo", "does what was taken back"),
    Action("preset.next", "the next preset of the set list"),
    Action("preset.previous", "the preset before in the set list"),
    Action("preset.save", "saves the preset that plays"),
    Action("snapshot.recall", "goes to a snapshot", SNAPSHOTS),
    Action("snapshot.store", "keeps the latents' settings as a snapshot", SNAPSHOTS),
)

_NUMBERED = re.compile(r"([a-z.]+)\.([1-9][0-9]?)")
_BY_NAME = {action.name: action for action in ACTIONS}


def is_action(name: str) -> bool:
    """Whether a name is an action's, with its number where it has one."""
    if name in _BY_NAME:
        return _BY_NAME[name].count == 0
    found = _NUMBERED.fullmatch(name)
    return found is not None and number_of(name) is not None


def number_of(name: str) -> tuple[str, int] | None:
    """Return the name without its number, and the number; None for what has none or too high."""
    found = _NUMBERED.fullmatch(name)
    action = _BY_NAME.get(found[1]) if found is not None else None
    if found is None or action is None or not 1 <= int(found[2]) <= action.count:
        return None
    return action.name, int(found[2])


def action_names() -> list[str]:
    """Return every name that `is_action` knows, in the order of the table."""
    return [
        name
        for action in ACTIONS
        for name in (
            [f"{action.name}.{k}" for k in range(1, action.count + 1)]
            if action.count
            else [action.name]
        )
    ]
