"""The supervisor: keeps an engine playing, whatever happens to it.

    start --> STARTING --ready--> PLAYING --crashed, stood still--> (kill) --> STARTING
                  |                  +-----ended----> ENDED
                  +--device gone--> WAITING --after 2 s--> STARTING

An engine lives as long as its block counter moves; nothing else is believed. A dead one is
killed and started again with the last model; the control block, which nobody clears, keeps the
settings. The third crash within a minute takes the model out: the input is passed on dry. So does
the second time that it stands still inside the model. After that it is tried again every 2 s. What
fails before the first sound of a session is the player's to mend and ends it, except a device that
is waited for: until it comes a silent engine stands by.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from rtvae.errors import DeviceError, EngineError, ModelError, RtvaeError
from rtvae.host.child import Child, Message
from rtvae.host.endings import cause, error_of
from rtvae.host.notes import Level, Note
from rtvae.host.requests import Requests
from rtvae.host.standby import Standby
from rtvae.host.watch import CrashHistory, Stillness
from rtvae.link.layout import State
from rtvae.link.telemetry import TelemetryReader

READY_S = 15.0
FIRST_BLOCK_S = 2.0
# What writes files may have to wait for a disk, above all when it completes them.
STILL_S = {"portaudio": 0.3, "dummy": 1.0, "file": 10.0}
RETRY_S = 2.0
QUIT_S = 0.5
LAST_WORDS_S = 5.0
CRASHES_TO_SAFE_MODE = 3
HANGS_TO_SAFE_MODE = 2

# What the start message says of the devices.
_DEVICE_FIELDS = ("driver", "input", "output", "input_channels", "output_channels", "loop")


class Phase(Enum):
    """What the supervisor is about, in words for the player."""

    STARTING = "starting"
    PLAYING = "playing"
    WAITING = "waiting"
    ENDED = "ended"


class Supervisor:
    """Runs one engine after another. Call `step` many times a second; it does not wait.

    `start` is the first message to every engine; its "model" follows what is loaded, its "dry"
    is true once the model was taken out. `spawn` makes the process, `log` is where its stderr
    goes. `restarting` is called with the start message before an engine is started again, to
    change what must differ then. With `look`, which makes a process that looks at the devices, a
    device that is not there at the start is waited for.
    """

    def __init__(
        self,
        start: Message,
        telemetry: TelemetryReader,
        spawn: Callable[[], Child],
        *,
        log: Path = Path(),
        restarting: Callable[[Message], None] = lambda start: None,
        look: Callable[[], Child] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.start = start
        self.phase = Phase.STARTING
        self.restarts = 0
        self._facts: Message = {}
        self._telemetry = telemetry
        self._spawn = spawn
        self._log = log
        self._restarting = restarting
        self._look = look
        self._clock = clock
        self._child: Child | None = None
        self._standby: Standby | None = None
        self._crashes, self._hangs = CrashHistory(), CrashHistory()
        self._notes: list[Note] = []
        self._voices: deque[Message] = deque(maxlen=64)
        self.requests = Requests(start)
        self._complaint = self._advised = ""
        self._crashed = False
        self._played = False
        self._devices_before: Message | None = None
        self._launch()

    @property
    def facts(self) -> Message:
        """What the engine last said about itself."""
        return self._standby.facts if self._standby is not None else self._facts

    @property
    def over(self) -> bool:
        """Whether the engine came to its end and is gone."""
        return self.phase is Phase.ENDED and self._child is None

    @property
    def engine_pid(self) -> int | None:
        """The engine's process number while there is one."""
        return self._child.pid if self._child is not None else None

    @property
    def playing(self) -> bool:
        """Whether an engine plays."""
        return self.phase is Phase.PLAYING

    def fresh(self) -> None:
        """Change over to what plays in its first state; `voice_events` tells when."""
        if self._child is not None:
            self._child.tell({"do": "fresh"})

    def voice_events(self) -> list[Message]:
        """Return what was said since the last call about voices that began, or did not."""
        events = list(self._voices)
        self._voices.clear()
        return events

    def step(self) -> list[Note]:
        """Look after the engine; return what the player should know.

        Raises the engine's own RtvaeError if it could not play at all.
        """
        now_s = self._clock()
        child = self._child
        if child is not None:
            # Its end first, then its words: nothing it said before it ended is missed.
            status = child.exit_status()
            for message in child.heard():
                if self._child is child:
                    self._hear(message, now_s)
            if self._child is child:
                self._check(status, now_s)
        elif self._standby is not None:
            if self._standby.step(now_s):
                self._launch_again()
        elif self.phase is Phase.WAITING and now_s - self._since_s >= RETRY_S:
            self._launch_again()
        notes, self._notes = self._notes, []
        return notes

    def load(self, model: str | None, *, beside: bool = False) -> None:
        """Change to another model, by path, while the old one plays on.

        With `beside` it is the second model that changes; None takes that one away.
        """
        place = {"beside": True} if beside else {}
        self.ask({"do": "load", "model": model, **place})

    def ask(self, command: Message) -> None:
        """Ask for a load, a change or what `requests.prepare` gives; an engine hears of it."""
        if self.phase is Phase.WAITING:
            self.requests.plays(command)
            return
        self.requests.add(command)
        if self.phase is Phase.PLAYING:
            self._tell(command)

    def play_on(self, devices: Mapping[str, str | None]) -> None:
        """Play through other audio devices: "input", "output" or both, by name; None is the
        system's own. What is not named stays, unless files were played.

        If they cannot be opened, those before are taken again. Waits for the end of the sound on
        the old ones, a tenth of a second as a rule.
        """
        if self._devices_before is None:
            self._devices_before = {key: self.start.get(key) for key in _DEVICE_FIELDS}
        for side in ("input", "output"):
            if side in devices or self.start["driver"] != "portaudio":
                self.start.update({side: devices.get(side), f"{side}_channels": None})
                if side == "input":
                    self.start["loop"] = False
        self.start["driver"] = "portaudio"
        if self._child is not None:
            self._child.tell({"do": "quit"})
            self._child.wait(QUIT_S)
            self._end_child()
        self._launch()

    def _tell(self, command: Message) -> None:
        if self._child is not None:
            self._child.tell(command)

    def stop(self, wait_s: float = QUIT_S) -> None:
        """Ask the engine to end, give it `wait_s`, kill it."""
        self.phase = Phase.ENDED
        self._end_standby()
        if self._child is not None:
            self._child.tell({"do": "quit"})
            self._child.wait(wait_s)
            self._end_child()

    def _end_standby(self) -> None:
        if self._standby is not None:
            self._standby.end()
            self._standby = None

    def _launch(self) -> None:
        self._end_standby()
        self._enter(Phase.STARTING, self._clock())
        self.requests.lose()
        self._child = self._spawn()
        self._child.tell(self.start)

    def _launch_again(self) -> None:
        self.restarts += 1
        self._restarting(self.start)
        self._launch()

    def _enter(self, phase: Phase, now_s: float) -> None:
        self.phase = phase
        self._since_s = now_s

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _say(self, sentence: str, level: Level = "info") -> None:
        if sentence:
            self._notes.append(Note(sentence, level))

    def _hear(self, message: Message, now_s: float) -> None:
        event, sentence = message.get("event"), str(message.get("sentence", ""))
        if event in ("ready", "loaded", "fresh") or message.get("do") == "fresh":
            self._voices.append(message)
        if event == "ready":
            self._ready(message, now_s)
        elif event == "loaded":
            self._loaded(message)
        elif event == "replaced":
            self.requests.replaced(message)
        elif event == "refused":
            if message.get("do") not in ("fresh", "prepare"):
                self.requests.refused()
            self._say(sentence, "warning")
        elif event == "notice":
            self._say(sentence)
        elif event == "advice":
            self._advise(sentence)
        elif event == "failed":
            self._fail(error_of(message), now_s)
        elif event == "ended":
            self._enter(Phase.ENDED, now_s)

    def _loaded(self, message: Message) -> None:
        self._facts.update({key: message[key] for key in message if key != "event"})
        self._say(self.requests.loaded(message))
        self._advise(str(message.get("advice") or ""))

    def _advise(self, sentence: str) -> None:
        """The governor says that the model is too slow as it plays; "" says that it is not."""
        if sentence and sentence != self._advised:
            self._say(sentence, "warning")
        self._advised = sentence

    def _ready(self, message: Message, now_s: float) -> None:
        self._facts = {key: message[key] for key in message if key != "event"}
        self._enter(Phase.PLAYING, now_s)
        self._stillness = Stillness()
        self._first_blocks = self._blocks
        if self._played:
            self._say(f"Sound is back on {message.get('device')}.")
        else:
            second = message.get("beside")
            models = f"{message.get('model')} and {second}" if second else message.get("model")
            self._say(f"Playing model {models} on {message.get('device')}.")
        self._advise(str(message.get("advice") or ""))
        self._played = True
        self._crashed = False
        self._complaint = ""
        self._devices_before = None
        for command in self.requests.for_new_engine():
            self._tell(command)

    def _check(self, status: int | None, now_s: float) -> None:
        """Judge a running engine by what it does."""
        in_phase_s = now_s - self._since_s
        if self.phase is Phase.ENDED:
            if status is not None or in_phase_s > LAST_WORDS_S:
                self._end_child()
        elif status is not None:
            self._crash(f"The engine crashed ({cause(status)})", now_s)
        elif self.phase is Phase.STARTING and in_phase_s > READY_S:
            self._not_ready(now_s)
        elif self.phase is Phase.PLAYING and not self._moving(now_s):
            self._stand_still(now_s)

    @property
    def _blocks(self) -> int:
        return int(self._telemetry.scalar("blocks"))

    def _moving(self, now_s: float) -> bool:
        blocks = self._blocks
        if self._telemetry.state is State.ENDED:
            limit_s = LAST_WORDS_S  # it is finishing its files
        elif blocks == self._first_blocks:
            limit_s = FIRST_BLOCK_S
        else:
            # The largest blocks take longer than the usual limit themselves.
            rate_hz = self._telemetry.scalar("sample_rate_hz") or 48_000
            limit_s = max(
                STILL_S[self.start["driver"]], 3.0 * self._telemetry.scalar("block_size") / rate_hz
            )
        return self._stillness.seconds(blocks, now_s) < limit_s

    def _not_ready(self, now_s: float) -> None:
        if self._telemetry.scalar("in_block") and not self.start["dry"]:
            self._end_child()
            self._take_out(f"it was not ready within {READY_S:g} s", now_s)
            return
        sentence = f"The engine was not ready within {READY_S:g} s; the audio server may hang"
        self._fail(EngineError(f"{sentence}: restart it, or see {self._log}."), now_s)

    def _stand_still(self, now_s: float) -> None:
        """No block has ended for too long: was it the model, or did none begin?"""
        what = "The engine stopped answering"
        if not self._telemetry.scalar("in_block"):
            self._start_again(what)  # the device or its server: nothing here has crashed
            return
        if self.start["dry"]:
            self._crash(what, now_s)
            return
        what = f"{what} inside model {self._facts.get('model')}"
        if self._hangs.crashed(now_s) >= HANGS_TO_SAFE_MODE:
            self._end_child()
            self._take_out(f"{what} for the second time within a minute", now_s)
        else:
            self._crash(what, now_s)

    def _crash(self, what: str, now_s: float) -> None:
        self._end_child()
        self._crashed = True
        crashes = self._crashes.crashed(now_s)
        if crashes >= CRASHES_TO_SAFE_MODE and self.start["dry"]:
            sentence = f"{what} again and again, even without a model; see {self._log}."
            if not self._played:
                raise EngineError(sentence)
            self._wait(sentence, now_s)
            return
        if crashes >= CRASHES_TO_SAFE_MODE:
            self._take_out(f"{what} for the third time within a minute", now_s)
            return
        self._start_again(what)

    def _start_again(self, what: str) -> None:
        self._end_child()
        self._say(f"{what}; it is started again with its settings.", "warning")
        self._launch_again()

    def _take_out(self, why: str, now_s: float) -> None:
        model = Path(self.start["model"]).name
        sentence = f"Model {model} is taken out and the input passed on dry"
        self._say(f"{sentence}, because: {why}; choose another model.", "error")
        # The rate is the model's no longer.
        rate_hz = self._facts.get("sample_rate_hz") or self.start["sample_rate_hz"]
        self.start.update(dry=True, blend=None, sample_rate_hz=rate_hz)
        self._launch_again()

    def _fail(self, error: RtvaeError, now_s: float) -> None:
        """The engine gave up by itself, or did not come up."""
        self._end_child()
        if self._devices_before is not None and isinstance(error, DeviceError):
            self._say(f"{error} The devices before are taken again.", "warning")
            self.start.update(self._devices_before)
            self._devices_before = None
            self._launch()
            return
        waited_for = self._look is not None and isinstance(error, DeviceError)
        if not self._played and not waited_for:
            raise error
        if isinstance(error, ModelError) and not self.start["dry"]:
            self._take_out(str(error), now_s)
        elif isinstance(error, DeviceError | EngineError):
            if self._crashed:
                self._crashes.forgive()  # it was the device
                self._crashed = False
            self._wait(str(error), now_s)
        else:
            raise error

    def _wait(self, complaint: str, now_s: float) -> None:
        """Try again later, and say so unless it was said."""
        self._enter(Phase.WAITING, now_s)
        if complaint != self._complaint:
            self._say(f"{complaint} Trying again every {RETRY_S:g} s.", "warning")
        self._complaint = complaint
        if self._look is not None and not self._played:
            self._standby = Standby(self.start, self._spawn, self._look, now_s)
