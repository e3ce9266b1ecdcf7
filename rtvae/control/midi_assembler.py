"""The assembler: what a port's messages mean together. Events in, moves of controls out. Pure.

    events --> cc, bend, pressure, notes ... as they are
           --> cc14, nrpn, rpn   two, four or more control changes make one value
           --> mpe_...           the note that one voice follows

It keeps one small state for each channel and never fails: any events in, valid moves or nothing
out. A fine control's coarse half waits up to PAIR_S for its fine half where that half came before,
so that a value never jumps there and back between the two.
"""

from collections.abc import Callable, Iterable

from rtvae.control.midi import MidiEvent
from rtvae.control.midi_moves import Move
from rtvae.control.midi_mpe import SILENCERS, TIMBRE, ZONE_RPN, Zones

PAIR_S = 0.01
COARSE = 32
"""Controls 0 to 31 are coarse halves, the next 32 their fine ones."""
DATA_COARSE, DATA_FINE, INCREMENT, DECREMENT = 6, 38, 96, 97
SELECTS = {
    # control: (kind, which half of the number)
    98: ("nrpn", 0),
    99: ("nrpn", 1),
    100: ("rpn", 0),
    101: ("rpn", 1),
}
NULL_NUMBER = 0x3FFF


class _Pair:
    """Two 7-bit halves of one value, the fine one of which may never come."""

    def __init__(self) -> None:
        self.paired = False
        self.waits = False
        self._coarse: int | None = None

    def coarse(self, value: int) -> int | None:
        """Take a coarse half; return the value unless a fine half is to be waited for."""
        if self.waits:
            self.paired = False  # the one before has stayed alone
        self._coarse, self.waits = value, self.paired
        # A coarse half alone reaches both ends: 127 is all the way.
        return None if self.waits else value << 7 | value

    def fine(self, value: int, follows: bool) -> int | None:
        """Take a fine half, which may follow its coarse half at once; return the value.

        None where it is half of nothing.
        """
        if self._coarse is None:
            return None
        self.paired = self.paired or follows
        self.waits = False
        return self._coarse << 7 | value

    def alone(self) -> int | None:
        """Return the value of a coarse half that has waited long enough; its fine half is 0."""
        waited, self.waits = self.waits, False
        return self._coarse << 7 if waited and self._coarse is not None else None

    def forget(self) -> None:
        """Another control stands at these halves now."""
        self._coarse, self.waits = None, False


class _Channel:
    def __init__(self) -> None:
        self.pairs = tuple(_Pair() for _ in range(COARSE))
        self.data = _Pair()
        self.coarse_control, self.coarse_s = -1, 0.0
        self.select = ""
        self.halves: list[int | None] = [None, None]

    @property
    def selected(self) -> int | None:
        """The number that data goes to; None for none."""
        low, high = self.halves
        number = NULL_NUMBER if low is None or high is None else high << 7 | low
        return None if number == NULL_NUMBER else number


class Assembler:
    """Makes moves of one port's events."""

    def __init__(self) -> None:
        self.zones = Zones()
        self._channels = {channel: _Channel() for channel in range(1, 17)}
        self._waiting: dict[_Pair, tuple[str, int, int, float]] = {}
        self._meanings: dict[str, Callable[[MidiEvent, float], list[Move]]] = {
            "note_on": self._strike,
            "note_off": self._release,
            "polyphonic_pressure": self._poly_pressure,
            "control_change": self._control,
            "program_change": self._program,
            "channel_pressure": self._pressure,
            "pitch_bend": self._bend,
        }

    @property
    def waits(self) -> bool:
        """Whether there is a half that `feed` has to be called for in any case."""
        return bool(self._waiting)

    def feed(self, events: Iterable[MidiEvent], now_s: float) -> list[Move]:
        """Return the moves that events make, and those that have waited for a half in vain."""
        moves = self._late(now_s) if self._waiting else []
        for event in events:
            meaning = self._meanings.get(event.kind)
            if meaning is not None:
                moves += meaning(event, now_s)
        return moves

    def _late(self, now_s: float) -> list[Move]:
        moves = []
        for pair, (kind, channel, number, since_s) in self._waiting.items():
            value = pair.alone() if now_s - since_s > PAIR_S else None
            if value is not None:
                moves.append(Move(kind, channel, number, value))
        self._waiting = {pair: about for pair, about in self._waiting.items() if pair.waits}
        return moves

    def _strike(self, event: MidiEvent, now_s: float) -> list[Move]:
        key, velocity = event.data
        if not velocity:
            return self._release(event, now_s)
        zone = self.zones.of(event.channel)
        return [
            *(zone.strike(event.channel, key) if zone is not None else []),
            Move("key", event.channel, 0, key),
            Move("velocity", event.channel, key, velocity),
            Move("note", event.channel, key, 127),
        ]

    def _release(self, event: MidiEvent, now_s: float) -> list[Move]:
        zone, key = self.zones.of(event.channel), event.data[0]
        after = zone.release(event.channel, key) if zone is not None else []
        return [Move("note", event.channel, key, 0), *after]

    def _poly_pressure(self, event: MidiEvent, now_s: float) -> list[Move]:
        key, value = event.data
        return [Move("poly_pressure", event.channel, key, value)]

    def _program(self, event: MidiEvent, now_s: float) -> list[Move]:
        return [Move("program", event.channel, event.data[0], 127)]

    def _pressure(self, event: MidiEvent, now_s: float) -> list[Move]:
        value = event.data[0]
        return [
            Move("pressure", event.channel, 0, value),
            *self._of_note(event.channel, "mpe_pressure", value),
        ]

    def _bend(self, event: MidiEvent, now_s: float) -> list[Move]:
        fine, coarse = event.data
        value = coarse << 7 | fine
        return [
            Move("bend", event.channel, 0, value),
            *self._of_note(event.channel, "mpe_bend", value),
        ]

    def _of_note(self, channel: int, kind: str, value: int) -> list[Move]:
        zone = self.zones.of(channel)
        return zone.turn(channel, kind, value) if zone is not None else []

    def _control(self, event: MidiEvent, now_s: float) -> list[Move]:
        channel, (control, value) = event.channel, event.data
        moves = [Move("cc", channel, control, value)]
        state = self._channels[channel]
        if control < 2 * COARSE:
            number = control % COARSE
            moves += self._half("cc14", channel, number, state.pairs[number], event, now_s)
        if control < COARSE:
            state.coarse_control, state.coarse_s = control, now_s
        if control == TIMBRE:
            moves += self._of_note(channel, "mpe_timbre", value)
        elif control in SELECTS:
            self._select(state, *SELECTS[control], value)
        elif control in SILENCERS:
            zone = self.zones.of(channel)
            moves += zone.silence(channel) if zone is not None else []
        elif state.selected is not None:
            moves += self._data(state, state.selected, event, now_s)
        return moves

    def _select(self, state: _Channel, kind: str, half: int, value: int) -> None:
        if state.select != kind:
            state.select, state.halves = kind, [None, None]
        if state.halves[half] != value:
            state.halves[half] = value
            state.data.forget()

    def _data(self, state: _Channel, number: int, event: MidiEvent, now_s: float) -> list[Move]:
        channel, (control, value) = event.channel, event.data
        if control in (INCREMENT, DECREMENT):
            step = 1 if control == INCREMENT else -1
            return [Move(state.select, channel, number, 0, step=step)]
        if control not in (DATA_COARSE, DATA_FINE):
            return []
        if (state.select, number, control) == ("rpn", ZONE_RPN, DATA_COARSE):
            self.zones.configure(channel, value)
        return self._half(state.select, channel, number, state.data, event, now_s)

    def _half(
        self, kind: str, channel: int, number: int, pair: _Pair, event: MidiEvent, now_s: float
    ) -> list[Move]:
        """What one half makes of its pair."""
        control, half = event.data
        if control < COARSE:
            value = pair.coarse(half)
            if value is None:
                self._waiting[pair] = (kind, channel, number, now_s)
        else:
            state = self._channels[channel]
            follows = state.coarse_control == control - COARSE
            value = pair.fine(half, follows and now_s - state.coarse_s <= PAIR_S)
        if value is None:
            return []
        return [Move(kind, channel, number, value, paired=pair.paired)]
