"""The table of what can be moved on a controller, and a move of it. Pure.

Everything after the decoder goes by this table: what a route may listen to, how fine a control is,
and whether it comes back by itself when a finger is lifted.
"""

from dataclasses import dataclass
from typing import NamedTuple

HIGHEST_7_BIT = 127
HIGHEST_14_BIT = 16383


@dataclass(frozen=True)
class Kind:
    """One kind of control.

    `numbers` is its highest number, None where it has none; with `any_number` a route may leave
    the number away and hear all of them. `highest` is its highest value. Of a `centred` one the
    middle (64 of 127, 8192 of 16383) is exactly a half, so that a knob half way up gives what lies
    half way. `momentary` ones say when they are let go. An `mpe` kind speaks of one note.
    """

    meaning: str
    numbers: int | None = None
    any_number: bool = False
    highest: int = HIGHEST_7_BIT
    centred: bool = False
    momentary: bool = True
    mpe: bool = False


KINDS = {
    "cc": Kind("a knob, fader or button", HIGHEST_7_BIT, centred=True),
    "cc14": Kind("a fine knob: controls 0-31 with 32-63", 31, highest=HIGHEST_14_BIT, centred=True),
    "nrpn": Kind("a fine knob", HIGHEST_14_BIT, highest=HIGHEST_14_BIT, centred=True),
    "rpn": Kind("a registered parameter", HIGHEST_14_BIT, highest=HIGHEST_14_BIT, centred=True),
    "bend": Kind("the pitch wheel", highest=HIGHEST_14_BIT, centred=True),
    "pressure": Kind("pressure on all keys"),
    "poly_pressure": Kind("pressure on one key", HIGHEST_7_BIT, any_number=True),
    "note": Kind("a key or pad, down or up", HIGHEST_7_BIT, any_number=True),
    "velocity": Kind("how hard a key is struck", HIGHEST_7_BIT, any_number=True, momentary=False),
    "key": Kind("which key is struck", momentary=False),
    "program": Kind("a program change", HIGHEST_7_BIT, any_number=True, momentary=False),
    "mpe_bend": Kind("the bend of a note", highest=HIGHEST_14_BIT, centred=True, mpe=True),
    "mpe_pressure": Kind("the pressure of a note", mpe=True),
    "mpe_timbre": Kind("the slide of a note (control 74)", mpe=True),
}


class Move(NamedTuple):
    """A control is now at `value`, 0 to its kind's highest; or, with `step`, went so far up or
    down. `number` is 0 for what has none. `voices` are the ways of choosing a note (see
    `rtvae.control.midi_mpe`) that chose this one. A `paired` value came in two halves.
    """

    kind: str
    channel: int
    number: int
    value: int
    step: int = 0
    voices: tuple[str, ...] = ()
    paired: bool = False

    @property
    def position(self) -> float:
        """Where it stands, 0 to 1; the middle of a centred kind is exactly a half."""
        kind = KINDS[self.kind]
        if not kind.centred:
            return self.value / kind.highest
        middle = (kind.highest + 1) // 2
        above = (self.value - middle) / (kind.highest - middle) if self.value > middle else 0.0
        return 0.5 * (min(self.value, middle) / middle + above)


def raw_value(kind: str, position: float) -> int:
    """Return the value nearest to a position, as the controller itself would send it."""
    about = KINDS[kind]
    if not about.centred:
        return round(position * about.highest)
    middle = (about.highest + 1) // 2
    if position <= 0.5:
        return round(2.0 * position * middle)
    return middle + round((2.0 * position - 1.0) * (about.highest - middle))
