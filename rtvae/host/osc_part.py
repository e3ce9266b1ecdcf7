"""OSC: other programs read and write every parameter, do every action, and hear the latents.

    /rtvae/latent/1/offset 0.5      sets it; without an argument it is answered
    /rtvae/do/undo                  an action
    /rtvae/model voice              as /rtvae/beside, /rtvae/preset, /rtvae/set_list
    /rtvae/list [ADDRESS]           answers: address, low, high, at rest, now, unit, meaning each
    /rtvae/latents RATE_HZ          streams them to who asks, 0 ends it
    /rtvae/changes 1                tells what is changed, whoever does it, 0 ends it
    /rtvae/reply PORT               where answers go from now on

All of it is one thread. Nobody is waited for; who is not there hears nothing.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from rtvae.control.osc_addresses import ACTION, ROOT, address_of, names_at
from rtvae.control.parameters import index_of, parameter_at, resolve
from rtvae.host.console import Source
from rtvae.host.osc_listeners import MOST_LISTENERS, Listener, Listeners
from rtvae.host.part import Backstage, Deed
from rtvae.io.osc import Endpoint, Heard

LOOK_S = 0.02
PATIENCE_S = 0.1
FASTEST_HZ = 200.0
CHANGES_HZ = 60.0
MOST_ANSWERS = 4000
IN_ONE_BUNDLE = 20
NAMES = {"model": "model.load", "beside": "model.beside", "preset": "preset.load",
         "set_list": "set_list.load"}  # fmt: skip

Messages = list[tuple[str, Sequence[Any]]]


class Port(Protocol):
    """An open port, as `rtvae.io.osc.OscPort` is one."""

    @property
    def port(self) -> int:
        """The port's number."""

    def receive(self, wait_s: float) -> list[Heard]:
        """Wait for a message; return those that came."""

    def send(self, to: Endpoint, messages: Sequence[tuple[str, Sequence[Any]]]) -> None:
        """Send messages in one datagram."""

    def refused(self) -> list[Endpoint]:
        """Return where something was sent since the last call and the port is closed."""

    def close(self) -> None:
        """Let go of the port."""


class OscPart:
    """Listens on `port`; streams to `to` from the start, `rate_hz` times a second.

    One that does not obey only streams: nobody was told its port, and nobody may play by it.
    """

    def __init__(
        self,
        backstage: Backstage,
        port: Port,
        to: Endpoint | None = None,
        rate_hz: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        obeys: bool = True,
    ) -> None:
        self._obeys = obeys
        self._stage, self._console = backstage, backstage.console
        self._port, self._clock = port, clock
        self._listeners = Listeners()
        self._reply_ports: dict[Endpoint, int] = {}
        self._changed: dict[str, float] = {}
        self._changed_lock = threading.Lock()
        self._changes_due_s = 0.0
        self._pending: dict[str, float] = {}
        self._queries: dict[str, Callable[[Heard], None]] = {
            "list": self._list,
            "latents": self._stream,
            "changes": self._subscribe,
            "reply": self._redirect,
        }
        if to is not None:
            self._listeners.stay(to, min(rate_hz, FASTEST_HZ))
        self._console.listen(self._note_change)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._thread.start()

    def deeds(self) -> Mapping[str, Deed]:
        """Nothing is asked of it."""
        return {}

    def info(self) -> Mapping[str, Any]:
        """Return the port."""
        return {"osc": {"port": self._port.port, "listeners": len(self._listeners)}}

    def step(self, now_s: float) -> None:
        """It has a thread of its own."""

    def close(self) -> None:
        """End the thread and let go of the port."""
        self._stop.set()
        self._thread.join()
        self._port.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.turn()

    def turn(self) -> None:
        """Hear what came, then send what is due."""
        due_s = [one.due_s for _, one in self._listeners if one.rate_hz]
        wait_s = min([LOOK_S, *(due - self._clock() for due in due_s)])
        messages = self._port.receive(max(wait_s, 0.0))
        self._lose_who_is_gone()  # before what came: who is back has asked again by that
        for heard in messages:
            self._listeners.note(self._place(heard.sender), self._clock())
            if self._obeys:
                self._obey(heard)
        self._set_pending()
        self._send_due(self._clock())

    def _obey(self, heard: Heard) -> None:
        """Carry out one message; one that means nothing does nothing."""
        word = heard.address.removeprefix(ROOT)
        if word in self._queries:
            self._queries[word](heard)
        elif word in NAMES:
            self._name(word, heard)
        else:
            latents = len(self._stage.facts().get("latents", ()))
            for name in names_at(heard.address, latents):
                self._use(name, heard)

    def _use(self, name: str, heard: Heard) -> None:
        if name.startswith(ACTION):
            # A pad that sends 0 when it is let go presses once.
            if not heard.arguments or (_number(heard.arguments) or 0.0) >= 0.5:
                self._ask(name.removeprefix(ACTION))
        elif not heard.arguments:
            self._set_pending()
            self._answer(heard.sender, self._described([name], whole=False))
        elif (value := _number(heard.arguments)) is not None:
            self._pending[name] = value

    def _name(self, word: str, heard: Heard) -> None:
        if heard.arguments:
            if isinstance(heard.arguments[0], str):
                self._ask(NAMES[word], name=heard.arguments[0])
        elif word in ("model", "beside"):
            self._answer(heard.sender, [(ROOT + word, [str(self._stage.facts().get(word) or "")])])

    def _ask(self, do: str, **arguments: Any) -> None:
        """Have something done between what was sent before and what was sent after it."""
        self._set_pending()
        done = self._console.ask(do, **arguments)
        if not self._stop.is_set():  # a session that ends does nothing any more
            done.wait(PATIENCE_S)

    def _set_pending(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, {}
            self._console.set(pending, "osc")

    def _list(self, heard: Heard) -> None:
        wanted = heard.arguments[0] if heard.arguments else None
        latents = len(self._stage.facts().get("latents", ()))
        addresses = [wanted] if isinstance(wanted, str) else [ROOT + stars for stars in _DEPTHS]
        names = [name for address in addresses for name in names_at(address, latents)]
        answers = self._described(names[:MOST_ANSWERS], whole=True)
        self._answer(heard.sender, [*answers, (ROOT + "list/end", [len(answers)])])

    def _described(self, names: Sequence[str], *, whole: bool) -> Messages:
        """Return each parameter with its value, and as a `whole` with all that is to know."""
        values, said = self._console.values(), list[tuple[str, Sequence[Any]]]()
        for name in names:
            place = resolve(name, self._console.attributes)
            if name.startswith(ACTION):
                said.append((ROOT + "list", [address_of(name), 0.0, 1.0, 0.0, 0.0, "", "action"]))
            elif place is not None and whole:
                about = parameter_at(index_of(place))
                facts = [about.low, about.high, about.default, values[place]]
                said.append((ROOT + "list", [address_of(name), *facts, about.unit, about.meaning]))
            elif place is not None:
                said.append((address_of(name), [values[place]]))
        return said

    def _stream(self, heard: Heard) -> None:
        rate_hz = _number(heard.arguments)
        if rate_hz is not None:
            listener = self._listener(heard.sender)
            listener.rate_hz = min(max(rate_hz, 0.0), FASTEST_HZ)
            listener.due_s = self._clock()

    def _subscribe(self, heard: Heard) -> None:
        self._listener(heard.sender).changes = (_number(heard.arguments) or 0.0) >= 0.5

    def _redirect(self, heard: Heard) -> None:
        port = _number(heard.arguments)
        if port is not None and 0 < port < 1 << 16:
            place = self._place(heard.sender)
            self._reply_ports.pop(heard.sender, None)
            while len(self._reply_ports) >= MOST_LISTENERS:  # who asked first is gone by now
                del self._reply_ports[next(iter(self._reply_ports))]
            self._reply_ports[heard.sender] = int(port)
            self._listeners.move(place, self._place(heard.sender))

    def _place(self, sender: Endpoint) -> Endpoint:
        return sender[0], self._reply_ports.get(sender, sender[1])

    def _listener(self, sender: Endpoint) -> Listener:
        """Return who listens at a place; for somebody new there is made room."""
        place = self._place(sender)
        if self._listeners.is_full_for(place):
            for at, _ in self._listeners:
                self._port.send(at, [])  # an empty bundle: a port that is closed says so
            self._lose_who_is_gone()
        if self._listeners.is_full_for(place):
            ended = [(ROOT + "latents", [0.0]), (ROOT + "changes", [0.0])]
            self._port.send(self._listeners.lose_the_most_silent(), ended)
        return self._listeners.at(place, self._clock())

    def _lose_who_is_gone(self) -> None:
        for place in self._port.refused():
            self._listeners.lose(place)

    def _answer(self, sender: Endpoint, messages: Messages) -> None:
        for start in range(0, len(messages), IN_ONE_BUNDLE):
            self._port.send(self._place(sender), messages[start : start + IN_ONE_BUNDLE])

    def _note_change(self, values: Mapping[str, float], by: Source) -> None:
        """Called on whatever thread changed the values."""
        with self._changed_lock:
            self._changed.update(values)

    def _send_due(self, now_s: float) -> None:
        self._send_changes(now_s)
        latents: Messages = []
        for place, listener in self._listeners:
            if not listener.rate_hz or now_s < listener.due_s:
                continue
            latents = latents or self._latents()
            # A stream that was held up goes on at its rate, it does not catch up.
            listener.due_s = max(listener.due_s + 1.0 / listener.rate_hz, now_s)
            self._port.send(place, latents)

    def _send_changes(self, now_s: float) -> None:
        if now_s < self._changes_due_s:
            return
        self._changes_due_s = now_s + 1.0 / CHANGES_HZ
        with self._changed_lock:
            changed, self._changed = self._changed, {}
        messages = [(address_of(name), [value]) for name, value in changed.items()]
        for place in [at for at, one in self._listeners if one.changes]:
            for start in range(0, len(messages), IN_ONE_BUNDLE):
                self._port.send(place, messages[start : start + IN_ONE_BUNDLE])

    def _latents(self) -> Messages:
        encoded, played = self._stage.telemetry.latents(1)
        if not encoded.shape[0]:
            return [(ROOT + "latents/encoded", []), (ROOT + "latents/played", [])]
        return [
            (ROOT + "latents/encoded", [float(value) for value in encoded[-1]]),
            (ROOT + "latents/played", [float(value) for value in played[-1]]),
        ]


# A pattern for every number of words that a name has.
_DEPTHS = ("*", "*/*", "*/*/*", "*/*/*/*")


def _number(arguments: Sequence[Any]) -> float | None:
    """Return the first argument as a finite number; None if it is none."""
    if not arguments or not isinstance(arguments[0], int | float):
        return None
    try:
        number = float(arguments[0])
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
