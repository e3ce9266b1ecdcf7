"""What the host tells the player: a sentence and how grave it is, for terminal and window."""

from typing import Literal, NamedTuple

Level = Literal["info", "warning", "error"]


class Note(NamedTuple):
    """One sentence, told once per change of state and never per retry."""

    sentence: str
    level: Level = "info"
