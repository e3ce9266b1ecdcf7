"""One session while it sounds: a loop that looks after engine, window and terminal.

It wakes whenever engine or window say something, and every 20 ms otherwise; it never waits for
either of them. Knobs do not pass through here: the MIDI hub has a thread of its own.
"""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rtvae.control.actions import number_of
from rtvae.errors import ModelError, RtvaeError
from rtvae.host import session, window_call
from rtvae.host.child import Child, Message, python_environment
from rtvae.host.console import Console
from rtvae.host.incidents import Incidents
from rtvae.host.midi_hub import NO_PORT, MidiHub
from rtvae.host.notes import Note
from rtvae.host.part import Backstage, Deed, Part
from rtvae.host.pedals import Pedals
from rtvae.host.plan import unused_name
from rtvae.host.readings import read
from rtvae.host.recorder import Recorder
from rtvae.host.run_watch import RunWatch
from rtvae.host.sound_devices import SoundDevices
from rtvae.host.stats import LoadHistogram, summarise
from rtvae.host.status_line import StatusLine
from rtvae.host.supervisor import QUIT_S, Phase, Supervisor
from rtvae.host.window_keeper import WindowKeeper
from rtvae.link.session_memory import open_telemetry
from rtvae.link.telemetry import TelemetryReader
from rtvae.model.cache import private_folder

ENGINE, WINDOW, LOOK = "rtvae.engine", "rtvae.window", "rtvae.host.look"
LOOK_S = 0.02
SHOW_S = 0.1
# Files are finished, whatever it takes; a device that hangs is not waited for.
FILES_QUIT_S = 10.0
ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class LiveSession:
    """Plays in a session folder until something ends it.

    `start` is the first message to the engine; `midi` makes the knobs, given who hears every
    packet; `window` says whether there is to be one, `models` and `preset` what it shows;
    `greeting` is told once it sounds; `find_model` turns a name that the window sends into a path;
    `parts` make what else the session is made of. With `watch` the new exports of a run in training
    are played as they come, until the player chooses a model. With `waits` a device that is not
    there at the start is waited for. `record_to` is where recordings go (see Recorder); with
    `record` the first one begins at once.
    """

    def __init__(
        self,
        folder: Path,
        *,
        start: Message,
        console: Console,
        midi: Callable[[Backstage, Callable[[list[int]], None]], MidiHub],
        status_line: StatusLine,
        window: bool,
        preset: str,
        models: Sequence[str],
        greeting: Sequence[Note],
        find_model: Callable[[str], Path],
        parts: Sequence[Callable[[Backstage], Part]] = (),
        watch: RunWatch | None = None,
        waits: bool = False,
        record_to: Path | None = None,
        record: bool = False,
    ) -> None:
        self._folder = folder
        self._start = start
        self._first_output = start["output"]
        self._duration_s = start["duration_s"]
        self._console = console
        self._notes: deque[Note] = deque()
        self._status_line = status_line
        self._wants_window = window
        self._preset = preset
        self._models = list(models)
        self._greeting = greeting
        self._greeted = False
        self._shown_s = float("-inf")
        self._find_model = find_model
        self._watch = watch
        self._waits = waits
        memory = open_telemetry(folder)
        self._telemetry = TelemetryReader(memory)
        self._recorder = Recorder(memory, record_to, self._notes.append, console.values)
        self._records = record
        self._incidents = Incidents(self._telemetry)
        self._histogram = LoadHistogram(self._telemetry)
        self._window: WindowKeeper | None = None
        self._wake = threading.Event()
        console.wake = self._wake.set
        self._engine: Supervisor | None = None
        backstage = Backstage(
            console,
            self._notes.append,
            self._load,
            self._facts,
            self._telemetry,
            folder,
            lambda: self._engine,
            self._ask,
            failed=lambda: self._failed,
        )
        self._midi = midi(backstage, self._recorder.hear)
        self._parts: list[Part] = [self._midi, *(make(backstage) for make in (Pedals, *parts))]
        self._deeds: dict[str, Deed] = {
            "record": lambda arguments: self._toggle_recorder(),
            "model.load": lambda arguments: self._load(str(arguments["name"])),
            "model.beside": lambda arguments: self._load(str(arguments["name"]), True),
        }
        if window:
            look = partial(self._spawn, LOOK)
            self._parts.append(SoundDevices(look, self._play_on, start))
        for part in self._parts:
            self._deeds.update(part.deeds())
        self._interrupted = False
        self._failed = False

    def run(self) -> dict[str, Any]:
        """Play to the end; return the session's stats. Raises RtvaeError if that fails."""
        engine: Supervisor | None = None
        with self._ending_signals():
            try:
                self._midi.start()
                engine = self._engine = self._start_engine()
                if self._records:
                    self._recorder.start(engine)
                self._window = WindowKeeper(self._spawn_window, self._wants_window)
                while not self._over(engine):
                    self._step(engine)
                    self._wake.wait(LOOK_S)
                    self._wake.clear()
            except ModelError:
                raise  # the next start would meet it again
            except Exception:
                self._failed = True
                raise
            finally:
                if engine is not None:
                    files = self._start["driver"] != "portaudio"
                    engine.stop(FILES_QUIT_S if files else QUIT_S)
                if self._window is not None:
                    self._window.stop()
                self._recorder.close()
                for part in self._parts:
                    part.close()
                self._histogram.take()
                while self._notes:
                    self._status_line.say(self._notes.popleft())
        return self._stats(engine)

    def _start_engine(self) -> Supervisor:
        return Supervisor(
            self._start,
            self._telemetry,
            self._spawn_engine,
            log=self._log(ENGINE),
            restarting=self._before_restart,
            look=(lambda: self._spawn(LOOK)) if self._waits else None,
        )

    def _over(self, engine: Supervisor) -> bool:
        closed = self._window is not None and self._window.closed
        return self._interrupted or closed or engine.over

    def _step(self, engine: Supervisor) -> None:
        self._console.beat()
        restarts, phase = engine.restarts, engine.phase
        notes = engine.step()
        if engine.facts and not self._greeted:
            self._greeted = True
            self._notes.extend(self._greeting)
            if self._midi.status != NO_PORT:
                self._notes.append(Note(f"Knobs are read from MIDI input {self._midi.status}."))
        self._notes.extend(notes)
        self._notes.extend(self._incidents.look(time.monotonic()))
        if restarts and engine.phase is Phase.PLAYING and phase is not Phase.PLAYING:
            self._midi.audio_server_restarted()
        if self._window is not None:
            messages, deaths = self._window.step()
            self._notes.extend(deaths)
            for message in messages:
                self._obey(message)
            if deaths:
                # Who could have let go of its button is dead.
                self._console.set({"test_tone": 0.0}, "window")
        self._follow_run(engine)
        if engine.facts:
            self._console.know_latents(_attributes(engine.facts))
        for do, arguments in self._console.asked():
            self._do(do, arguments)
        for part in self._parts:
            part.step(time.monotonic())
        self._recorder.step(engine, engine.voice_events())
        while self._notes:
            note = self._notes.popleft()
            self._status_line.say(note)
            if self._window is not None:
                self._window.say(note)
        if time.monotonic() - self._shown_s >= SHOW_S:
            self._shown_s = time.monotonic()
            self._show(engine)

    def _show(self, engine: Supervisor) -> None:
        """Bring terminal, window and stats up to date."""
        self._histogram.take()
        screen = window_call.answered(self._folder)
        if screen is not None and self._window is not None:
            self._window.open(screen)
        unseen = self._window is None or self._window.pid is None
        if unseen and self._telemetry.scalar("blocks") > 0:
            state = self._telemetry.state.name.lower()
            doing = state if engine.phase is Phase.PLAYING else engine.phase.value
            self._status_line.update(read(self._telemetry), doing)
        facts = engine.facts
        if self._window is not None:
            info: Message = {
                "model": {
                    "name": facts.get("model", ""),
                    "title": facts.get("title", ""),
                    "latents": facts.get("latents", []),
                },
                "beside": facts.get("beside") or "",
                "models": self._models,
                "device": facts.get("device", ""),
                "waiting": engine.phase is Phase.WAITING,
                "preset": self._preset,
                "recording": self._recorder.shown,
                "sample_rate_hz": facts.get("sample_rate_hz"),
            }
            for part in self._parts:
                info.update(part.info())
            info["model"]["map"] = info.pop("map", None)
            self._window.show(info)

    def _obey(self, message: Message) -> None:
        """Carry out what the player did in the window."""
        values = message.get("set")
        if isinstance(values, dict):
            self._console.set(values, "window")
        if isinstance(message.get("do"), str):
            arguments = {key: message[key] for key in message if key != "do"}
            self._do(message["do"], arguments)

    def _do(self, do: str, arguments: Mapping[str, Any]) -> None:
        """Carry out a request; one that nobody knows, or that is incomplete, does nothing."""
        numbered = number_of(do)
        if numbered is not None:
            do, arguments = numbered[0], {**arguments, "number": numbered[1]}
        deed = self._deeds.get(do)
        if deed is None:
            return
        try:
            deed(arguments)
        except RtvaeError as error:
            self._notes.append(Note(str(error), "warning"))
        except (KeyError, TypeError, ValueError, OverflowError):
            self._notes.append(Note(f"The request {do} was not understood.", "warning"))
        except Exception as error:  # one request that is lost is better than no session
            fault = f"{type(error).__name__}: {error}"
            sentence = f"The request {do} was lost to a fault of rtvae's ({fault}); report it."
            self._notes.append(Note(sentence, "error"))

    def _toggle_recorder(self) -> None:
        if self._engine is not None:
            self._recorder.toggle(self._engine)

    def _play_on(self, devices: Mapping[str, str | None]) -> None:
        if self._engine is not None:
            self._engine.play_on(devices)

    def _facts(self) -> Message:
        return self._engine.facts if self._engine is not None else {}

    def _load(self, name: str, beside: bool = False) -> None:
        """Change the model, or the one beside it; no name takes that one away."""
        if self._engine is None:
            return
        path = str(self._find_model(name).resolve()) if name or not beside else None
        self._engine.load(path, beside=beside)
        if not beside:
            self._watch = None

    def _ask(self, command: Mapping[str, Any]) -> None:
        if self._engine is not None:
            self._engine.ask(dict(command))
        if command["do"] == "change":
            self._watch = None

    def _follow_run(self, engine: Supervisor) -> None:
        """Change to the newest export of the run that is heard while it learns."""
        if self._watch is None:
            return
        found = self._watch.look(Path(engine.start["model"]))
        if isinstance(found, Path):
            engine.load(str(found))
        elif found is not None:
            self._notes.append(found)

    def _before_restart(self, start: Message) -> None:
        """A second engine must not write over what the first one wrote, nor play longer."""
        if self._first_output is not None and start["driver"] != "portaudio":
            start["output"] = str(unused_name(Path(self._first_output)))
        rate_hz = self._telemetry.scalar("sample_rate_hz")
        if self._duration_s is not None and rate_hz:
            played_s = self._telemetry.scalar("frames") / rate_hz
            start["duration_s"] = max(self._duration_s - played_s, LOOK_S)

    def _spawn_engine(self) -> Child:
        child = self._spawn(ENGINE)
        session.note_engine(self._folder, child.pid)
        return child

    def _spawn(self, module: str, environment: Mapping[str, str] | None = None) -> Child:
        return Child(
            module,
            str(self._folder),
            log=self._log(module),
            woken=self._wake.set,
            environment=environment,
        )

    def _spawn_window(self, screen: Mapping[str, str]) -> Child:
        return self._spawn(WINDOW, window_call.on_screen(python_environment(), screen))

    def _log(self, module: str) -> Path:
        try:
            return private_folder("log") / f"{module}.log"
        except OSError:
            return self._folder / f"{module}.log"

    @contextmanager
    def _ending_signals(self) -> Iterator[None]:
        """Ctrl-C, a closed terminal and a polite kill all end the session in good order."""

        def end(*_: object) -> None:
            # Only this: the loop may hold any lock when the signal comes.
            self._interrupted = True

        numbers = [getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name)]
        before = {number: signal.signal(number, end) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stats(self, engine: Supervisor) -> dict[str, Any]:
        return {
            "model": engine.facts.get("model"),
            "beside": engine.facts.get("beside"),
            "executor": engine.facts.get("executor"),
            "advice": engine.facts.get("advice"),
            "device": engine.facts.get("device"),
            "output": self._start["output"],
            "realtime_priority": engine.facts.get("realtime"),
            **summarise(self._telemetry, self._histogram),
            "engine_restarts": engine.restarts,
            "window_restarts": self._window.reopened if self._window is not None else 0,
            "recording": self._recorder.summary,
            "midi": self._midi.stats(),
        }


def _attributes(facts: Message) -> list[str]:
    """Return what the latents of the model that plays are, by the engine's words."""
    return [str(latent.get("attribute", "")) for latent in facts.get("latents", [])]
