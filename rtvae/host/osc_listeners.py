"""Who hears the stream of OSC, and who loses a place to whom.

There is room for some. Who wants nothing any more, and whose port is closed, gives up the place.
Where all the places are taken, a new one gets that of the one that has sent nothing for longest:
over UDP nobody can tell a program that only listens from one that is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rtvae.io.osc import Endpoint

MOST_LISTENERS = 16


@dataclass
class Listener:
    """Somebody who hears the latents, `rate_hz` times a second, and perhaps what is changed.

    `heard_s` is when it last sent something. One that `stays` was named at the start of the
    session: it keeps its place whether it is there yet or not.
    """

    rate_hz: float = 0.0
    due_s: float = 0.0
    changes: bool = False
    heard_s: float = 0.0
    stays: bool = False

    @property
    def wants(self) -> bool:
        """Whether anything is sent to it."""
        return self.changes or self.rate_hz > 0.0


class Listeners:
    """The listeners by where they are."""

    def __init__(self) -> None:
        self._listeners: dict[Endpoint, Listener] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    def __iter__(self) -> Iterator[tuple[Endpoint, Listener]]:
        return iter(list(self._listeners.items()))

    def stay(self, place: Endpoint, rate_hz: float) -> None:
        """Have the one that was named at the start hear all there is."""
        self._listeners[place] = Listener(rate_hz, changes=True, stays=True)

    def note(self, place: Endpoint, now_s: float) -> None:
        """Say that something came from a place."""
        if (listener := self._listeners.get(place)) is not None:
            listener.heard_s = now_s

    def at(self, place: Endpoint, now_s: float) -> Listener:
        """Return who listens at a place; where that is somebody new there has to be room."""
        return self._listeners.setdefault(place, Listener(heard_s=now_s))

    def is_full_for(self, place: Endpoint) -> bool:
        """Whether somebody new at a place would be one too many; who wants nothing goes first."""
        if place in self._listeners:
            return False
        for at, one in self:
            if not one.wants:
                del self._listeners[at]
        return len(self._listeners) >= MOST_LISTENERS

    def lose(self, place: Endpoint) -> None:
        """Forget who listened at a place whose port is closed."""
        listener = self._listeners.get(place)
        if listener is not None and not listener.stays:
            del self._listeners[place]

    def lose_the_most_silent(self) -> Endpoint:
        """Forget the one that has sent nothing for longest; return where it is."""
        place = min(
            (at for at, one in self if not one.stays), key=lambda at: self._listeners[at].heard_s
        )
        del self._listeners[place]
        return place

    def move(self, old: Endpoint, new: Endpoint) -> None:
        """Let who listens at one place listen at another."""
        if (listener := self._listeners.pop(old, None)) is not None:
            self._listeners[new] = listener
