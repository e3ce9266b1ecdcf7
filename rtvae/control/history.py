"""Undo and redo: what the player did, gesture by gesture. Pure.

A gesture is one edit: what the same source moves, without a second's rest, at the same parameters.
Two hands at two knobs are two edits, even where their moves alternate. A morph is one edit with all
the latents' settings that it moves. What concerns more than values, as loading a preset, is an edit
with the whole state before and after it. What is not the player's edit at all (see `is_edit`)
leaves no trace.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rtvae.control.preset_tables import KEPT

DEPTH = 200
GESTURE_S = 1.0
SHOWN_NAMES = 2
STEERING = {
    # what moves many settings of latents at once, and what to call it
    "morph": "morph",
    "pad_x": "XY pad",
    "pad_y": "XY pad",
    "map_x": "map",
    "map_y": "map",
}

State = TypeVar("State")


@dataclass
class Edit(Generic[State]):
    """One edit: values by name before and after it, or whole states."""

    text: str
    by: str = ""
    at_s: float = 0.0
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)
    whole_before: State | None = None
    whole_after: State | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it concerns more than values."""
        return self.whole_before is not None


class History(Generic[State]):
    """The edits that can be taken back and done again, the oldest forgotten beyond `depth`."""

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._done: list[Edit[State]] = []
        self._undone: list[Edit[State]] = []

    @property
    def undo_text(self) -> str:
        """What would be taken back, "" for nothing."""
        return f"undo: {self._done[-1].text}" if self._done else ""

    @property
    def redo_text(self) -> str:
        """What would be done again, "" for nothing."""
        return f"redo: {self._undone[-1].text}" if self._undone else ""

    def turned(
        self, before: Mapping[str, float], after: Mapping[str, float], by: str, now_s: float
    ) -> None:
        """Values were moved; both maps have the same names. What did not change is left out."""
        moved = {
            name: value
            for name, value in after.items()
            if value != before[name] and is_edit(name, by)
        }
        if not moved:
            return
        self._undone.clear()
        edit = self._open_gesture(moved, by, now_s)
        if edit is None:
            edit = Edit("", by, now_s)
            self._push(edit)
        for name, value in moved.items():
            edit.before.setdefault(name, before[name])
            edit.after[name] = value
        edit.at_s = now_s
        edit.text = _text(edit)

    def did(self, text: str, before: State, after: State) -> None:
        """Something was done that concerns more than values."""
        self._undone.clear()
        self._push(Edit(text, whole_before=before, whole_after=after))

    def undo(self) -> Edit[State] | None:
        """Return the edit to take back, None if there is none; it counts as taken back."""
        return self._move(self._done, self._undone)

    def redo(self) -> Edit[State] | None:
        """Return the edit to do again, None if there is none; it counts as done."""
        return self._move(self._undone, self._done)

    def _move(self, source: list[Edit[State]], target: list[Edit[State]]) -> Edit[State] | None:
        if not source:
            return None
        target.append(source.pop())
        # A gesture that was taken back is over.
        target[-1].at_s = float("-inf")
        return target[-1]

    def _push(self, edit: Edit[State]) -> None:
        self._done.append(edit)
        del self._done[: -self._depth]

    def _open_gesture(
        self, moved: Mapping[str, float], by: str, now_s: float
    ) -> Edit[State] | None:
        """The gesture that a move belongs to, unless something later moved the same."""
        for edit in reversed(self._done):
            if edit.is_whole or now_s - edit.at_s > GESTURE_S:
                return None
            if _steers(edit.after, edit.by) and _steers(moved, by):
                return edit
            if edit.by == by and edit.after.keys() == moved.keys():
                return edit
            if edit.after.keys() & moved.keys():
                return None
        return None


def is_edit(name: str, by: str) -> bool:
    """Whether moving a value can be taken back: not what is no preset's, nor a clock's tempo."""
    return name not in KEPT and by != "preset" and (name, by) != ("tempo_bpm", "midi")


def _steers(names: Collection[str], by: str) -> bool:
    """Whether moving these is part of a morph, as its knob or as what follows from it."""
    return by == "morph" or any(name in STEERING for name in names)


def _text(edit: Edit[State]) -> str:
    """Return an edit in a few words for the player."""
    steering = [STEERING[name] for name in edit.after if name in STEERING]
    if steering or edit.by == "morph":
        return steering[0] if steering else "morph"
    names = [name.replace(".", " ").replace("_", " ") for name in edit.after]
    more = len(names) - SHOWN_NAMES
    shown = ", ".join(names[:SHOWN_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown
