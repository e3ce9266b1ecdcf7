"""The console: the one place where everything a player does arrives, whatever it was done with.

Values go straight into the control block, from any thread. What takes longer, or is nobody's value,
is asked for: it waits until the session's own thread carries it out, a few milliseconds later.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from rtvae.control.parameters import clamp, index_of, resolve
from rtvae.host.settings import Settings

Source = Literal["window", "midi", "osc", "preset", "morph", "pedal"]
Listener = Callable[[Mapping[str, float], Source], object]
Request = tuple[str, Mapping[str, Any]]

# More than this waits for nobody: somebody floods.
MOST_REQUESTS = 1000


class Console:
    """Takes values and requests from any thread; `wake` is called when something was asked for."""

    def __init__(self, settings: Settings, wake: Callable[[], object] = lambda: None) -> None:
        self.wake = wake
        self._settings = settings
        self._attributes: tuple[str, ...] = ()
        self._listeners: tuple[Listener, ...] = ()
        self._asked: deque[tuple[Request, threading.Event]] = deque(maxlen=MOST_REQUESTS)
        self._lock = threading.RLock()

    @property
    def attributes(self) -> tuple[str, ...]:
        """What the latents of the model that plays are, "" for those that are nothing named."""
        return self._attributes

    def know_latents(self, attributes: Sequence[str]) -> None:
        """From now on names with an attribute mean these latents."""
        self._attributes = tuple(attributes)

    def set(self, values: Mapping[str, Any], by: Source, scene: int | None = None) -> list[str]:
        """Set all the named values at once, each held inside its range, and tell the listeners.

        `scene` is the number of the scene that they are the values of (link/control_block.py).
        Returns the names that set nothing: no parameter, no number, or an attribute that the
        model does not have. Of two threads that set the same, the listeners hear last whose value
        stays.
        """
        known, refused = {}, []
        for name, value in values.items():
            place = resolve(name, self._attributes)
            if place is None:
                refused.append(name)
            else:
                known[place] = value
        with self._lock:
            wrong = self._settings.set(known, scene)
            changed = {
                name: clamp(index_of(name), float(value))
                for name, value in known.items()
                if name not in wrong
            }
            if changed:
                for listener in self._listeners:
                    listener(changed, by)
        return refused + wrong

    def values(self) -> dict[str, float]:
        """Return every parameter's value by name."""
        return self._settings.values()

    def listen(self, listener: Listener) -> None:
        """Let `listener` hear of every change, on the thread that made it: it has to be quick."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def panic(self) -> None:
        """Ask for silence and a reset of the model at once."""
        self._settings.panic()

    def beat(self) -> None:
        """Show that the host lives."""
        self._settings.beat()

    def ask(self, do: str, **arguments: Any) -> threading.Event:
        """Have something done: an action of `rtvae.control.actions` or a part's own request.

        What is returned is set once that is over; it never is where too much was asked for.
        """
        done = threading.Event()
        self._asked.append(((do, arguments), done))
        self.wake()
        return done

    def asked(self) -> Iterator[Request]:
        """Take what was asked for since the last call, in its order; each is done by the next.

        What is asked for meanwhile waits for the next call: a flood holds nobody here.
        """
        for _ in range(len(self._asked)):
            request, done = self._asked.popleft()
            yield request
            done.set()
