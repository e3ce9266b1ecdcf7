"""Set lists: the presets of a show in their order, from a TOML text. Pure.

    format = 1
    name = "Friday at the Blue Room"    # optional, else the file's name

    [[entry]]
    preset = "Glass"                    # a preset by name
    note = "wait for the drums"         # optional: what the player wants to be told

Places count from 0 here and from 1 wherever the player sees them. Nothing is skipped and nothing
wraps round: the end of a show is an end.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rtvae.control.toml_judge import Judge, read_toml

SET_LIST_FORMAT = 1
MOST_ENTRIES = 500
LONGEST_TEXT = 200
TABLES: Mapping[str, tuple[str, ...]] = {
    "": ("format", "name", "entry"),
    "entry": ("preset", "note"),
}


@dataclass(frozen=True)
class Item:
    """One place of a show."""

    preset: str
    note: str = ""


@dataclass(frozen=True)
class SetList:
    """A valid set list, with at least one entry; `called` is its file's name."""

    name: str
    entries: tuple[Item, ...]
    called: str = ""

    def after(self, place: int | None) -> int | None:
        """Return the place after another, the first if there is none yet; None at the end."""
        following = 0 if place is None else place + 1
        return following if following < len(self.entries) else None

    def before(self, place: int | None) -> int | None:
        """Return the place before another; None at the beginning."""
        return None if not place else place - 1


def parse_set_list(text: str, name: str) -> SetList:
    """Return the set list that a TOML text describes, `name` being what to call it.

    Raises PresetError with the line and the key that is wrong.
    """
    called = f"Set list {name}"
    content = read_toml(text, called)
    judge = Judge(text, called, TABLES)
    judge.keys(content, "", 0)
    judge.format(content, SET_LIST_FORMAT)
    shown = judge.text(content, "name", _one_line, f"a text of at most {LONGEST_TEXT} letters")
    entries = []
    for k, table in judge.tables(content, "entry"):
        for key in ("preset", "note"):
            value = table.get(key, "")
            if not isinstance(value, str) or not _one_line(value):
                reason = f"has to be a text in quotes of at most {LONGEST_TEXT} letters"
                raise judge.refuse("entry", k, key, reason)
        if not table.get("preset"):
            raise judge.refuse("entry", k, "preset", "is missing; write the name of a preset")
        entries.append(Item(table["preset"], table.get("note", "")))
    if not entries:
        raise judge.refuse("", 0, "entry", "is missing; write [[entry]] for each preset")
    if len(entries) > MOST_ENTRIES:
        raise judge.refuse("entry", MOST_ENTRIES, "", f"is one more than {MOST_ENTRIES}")
    return SetList(shown or name, tuple(entries), name)


def _one_line(text: str) -> bool:
    return len(text) <= LONGEST_TEXT and (text.isprintable() or not text)
