"""The desk: a helper thread that takes the host's commands while the audio thread plays.

One thread listens and one works: it loads and warms up, and the audio thread only takes over a
reference. What that has let go of is freed here too. A request that comes while another is under
way waits, and of several waiting for the same place only the last is carried out. When the host
is gone (end of its lines) the desk closes and the sound plays on. What is prepared for later waits
until nothing else is asked for.
"""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from rtvae.engine.appraisal import Appraisal, Watch, models_of, prepare
from rtvae.engine.blend import Playable
from rtvae.engine.block_path import BlockPath
from rtvae.engine.governor import SAFE_SHARE
from rtvae.engine.lineup import Lineup, Loader, facts, load_models, make_voice
from rtvae.engine.messages import Change, Fresh, Load, Prepare, Quit, event, parse
from rtvae.engine.ready import Made, Ready
from rtvae.errors import RtvaeError
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE
from rtvae.link.control_block import ControlReader, Scene, make_scene
from rtvae.link.telemetry import TelemetryReader
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

_POLL_S = 0.005
_FADE_OUT_S = 0.4
_LOOK_S = 1.0
_KNOWN = 32

Request = Load | Change | Prepare | Fresh


class Outbox:
    """Sends events to the host, from any thread but the audio thread; a dead host is no fault."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, line: str) -> None:
        """Send one line."""
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                pass  # nobody listens any more; the sound matters more than the message

    def notice(self, sentence: str) -> None:
        """Send something worth knowing that stops nothing."""
        self.send(event("notice", sentence=sentence))


class Desk:
    """Serves `lines` for the path that plays `lineup`; `load` makes a model from a path.

    With an `appraisal` of what plays, those that come are appraised too, and with `telemetry` the
    blocks that are played are watched for a load that is not safe. `keep` is given the models
    that have gone out of the sound in good health. What is asked for is done within `errand`.
    """

    def __init__(
        self,
        lines: Iterator[str],
        outbox: Outbox,
        path: BlockPath,
        control: ControlReader,
        load: Loader,
        lineup: Lineup,
        appraisal: Appraisal | None = None,
        telemetry: TelemetryReader | None = None,
        keep: Callable[[LiveModel], None] = lambda model: None,
        errand: AbstractContextManager[None] | None = None,
    ) -> None:
        self._lines, self._outbox, self._path = lines, outbox, path
        self._control, self._load, self._lineup = control, load, lineup
        self._paced = appraisal is not None
        self._telemetry, self._keep = telemetry, keep
        self._errand = errand or nullcontext()
        self._cost_s = path.voice.cost_s
        self._known = {} if appraisal is None else {lineup: appraisal}
        self._appraise(appraisal)
        self._stop = False
        self._closed = False
        self._ready = Ready(self._make, keep)
        self._to_prepare: list[Lineup] = []
        self._waiting: list[Request] = []
        self._changed = threading.Condition()
        self._listener = threading.Thread(target=self._listen, name="desk", daemon=True)
        self._worker = threading.Thread(target=self._work, name="desk worker", daemon=True)

    def open(self) -> None:
        """Begin to serve."""
        self._worker.start()
        self._listener.start()

    def stopped(self) -> bool:
        """Whether the stream should end. Real-time: one read."""
        return self._stop

    def quit(self) -> None:
        """Fade out, then end the stream."""
        self._path.leaving = True
        deadline = time.monotonic() + _FADE_OUT_S
        while not self._path.silent and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        self._stop = True

    def _listen(self) -> None:
        self._take_lines()
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _take_lines(self) -> None:
        for line in self._lines:
            try:
                command = parse(line)
                if isinstance(command, Quit):
                    self.quit()
                    return
                if isinstance(command, Request):
                    self._put(command)
                else:
                    self._refuse("The stream is open already; quit before you start another.")
            except RtvaeError as error:
                self._refuse(str(error))

    def _put(self, command: Request) -> None:
        with self._changed:
            for waiting in [waiting for waiting in self._waiting if _replaces(command, waiting)]:
                self._waiting.remove(waiting)
                if isinstance(waiting, Load):
                    model, beside = waiting.model, waiting.beside
                    self._outbox.send(event("replaced", model=model, beside=beside))
                elif isinstance(waiting, Change):
                    self._outbox.send(event("replaced", scene=waiting.number))
            self._waiting.append(command)
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._to_prepare and not self._closed:
                    self._changed.wait(_LOOK_S)
                if not self._waiting and self._closed:
                    return
                command = self._waiting.pop(0) if self._waiting else None
            if command is None and not self._to_prepare:
                self._look()
                continue
            with self._errand:
                self._serve(command)

    def _serve(self, command: Request | None) -> None:
        """Do what was asked for, or with None the next of what is to be prepared."""
        what = "prepare" if command is None else _NAMES[type(command)]
        try:
            if command is None:
                self._ready.make(self._to_prepare.pop(0))
            else:
                self._obey(command)
        except RtvaeError as error:
            self._refuse(str(error), what)
        except Exception as error:  # a dead desk would leave the player without commands
            self._refuse(f"The command failed inside the engine ({error!r}); try again.", what)
        # The collector is off while playing. A look at nothing but what this command left behind
        # takes 0.2 ms, in which no block can begin; a whole collection takes ten times as long.
        gc.collect(0)

    def _refuse(self, sentence: str, what: str | None = None) -> None:
        self._outbox.send(event("refused", sentence=sentence, do=what))

    def _obey(self, command: Request) -> None:
        path = self._path
        if isinstance(command, Prepare):
            lineups = [self._lineup_of(model, blend) for model, blend in command.lineups]
            self._to_prepare = self._ready.keep_only(lineups)
            return
        if isinstance(command, Fresh):
            self._start_afresh()
            self._outbox.send(event("fresh", frame=path.start_frame, whole=path.whole_frame))
            return
        scene, named = None, {}
        if isinstance(command, Change):
            lineup = self._lineup_of(command.model, command.blend)
            scene = make_scene(command.number, command.values)
            named = {"scene": command.number}
        else:
            wanted = None if command.model is None else Path(command.model)
            playing = self._lineup
            lineup = replace(
                playing,
                model=playing.model if command.beside else wanted,
                beside=wanted if command.beside else playing.beside,
            )
        advice = self._change_to(lineup, scene)
        self._lineup = lineup
        where = {"frame": path.start_frame, "whole": path.whole_frame}
        self._outbox.send(event("loaded", **where, **named, **facts(path.voice, advice)))

    def _lineup_of(self, model: str, beside: str | None) -> Lineup:
        second = None if beside is None else Path(beside)
        return replace(self._lineup, model=Path(model), beside=second)

    def _change_to(self, lineup: Lineup, scene: Scene | None) -> str:
        """Play another lineup; return the governor's advice."""
        made = self._ready.take(lineup)
        appraisal = made.appraisal
        cost_s = made.voice.cost_s if appraisal is None else appraisal.cost.usual_s
        self._swap(made.voice, cost_s, scene)
        self._cost_s = cost_s
        self._appraise(appraisal)
        for sentence in made.notices:
            self._outbox.notice(sentence)
        return appraisal.advice if appraisal is not None else ""

    def _make(self, lineup: Lineup) -> Made:
        """Make a warm voice; not on the audio thread."""
        path, stream = self._path, self._path.stream
        models = load_models(lineup, self._load, stream.sample_rate_hz)
        voice, appraisal, notices = prepare(
            models,
            stream,
            path.max_block,
            self._control.values.copy(),
            buffered=lineup.buffered,
            paced=self._paced,
            known=self._known.get(lineup),
        )
        if appraisal is not None and len(self._known) < _KNOWN:
            self._known[lineup] = appraisal
        return Made(voice, appraisal, notices)

    def _start_afresh(self) -> None:
        """Play the same models from their first state. They have been measured already."""
        path, stream = self._path, self._path.stream
        models = load_models(self._lineup, self._load, stream.sample_rate_hz)
        values = self._control.values.copy()
        voice = make_voice(models, stream, path.max_block, values, path.buffered)
        voice.warm_up(stream.block_size or DEFAULT_BLOCK_SIZE)
        self._swap(voice, self._cost_s)

    def _swap(self, voice: Playable, cost_s: float, scene: Scene | None = None) -> None:
        path = self._path
        overlap = may_overlap(path.stream, self._cost_s, cost_s)
        swap = path.offer(voice, overlap=overlap, scene=scene)
        while path.swapping and not self._stop:
            time.sleep(_POLL_S)
        old = swap.old
        del swap
        old.close()
        if not old.given_up and not old.buffer_latency_frames:
            for model in models_of(old):
                self._keep(model)
        del old  # here, not on the audio thread, the old voice goes

    def _appraise(self, appraisal: Appraisal | None) -> None:
        """Watch what plays from now on."""
        self._watch = None if appraisal is None else Watch(appraisal)
        self._rows_seen, self._late_seen = self._counts()

    def _counts(self) -> tuple[int, int]:
        if self._telemetry is None:
            return 0, 0
        count = self._telemetry.scalar
        return int(count("timing_rows")), int(count("concealed_blocks"))

    def _look(self) -> None:
        if self._telemetry is None or self._watch is None:
            return
        rows, late = self._counts()
        costs_us, frames = self._telemetry.timing(rows - self._rows_seen)
        if frames.size:
            loads = costs_us[:, 0] * 1e-6 * self._path.stream.sample_rate_hz / frames
            sentence = self._watch.add(loads, late - self._late_seen)
            self._rows_seen, self._late_seen = rows, late
            if sentence:
                self._outbox.send(event("advice", sentence=sentence))


_NAMES = {Load: "load", Change: "load", Fresh: "fresh", Prepare: "prepare"}


def _replaces(command: Request, waiting: Request) -> bool:
    """Whether what waits need not be done any more where `command` will be."""
    if isinstance(command, Load):
        return isinstance(waiting, Load) and waiting.beside == command.beside
    if isinstance(command, Change):
        return isinstance(waiting, Load | Change)
    return isinstance(command, Prepare) and isinstance(waiting, Prepare)


def may_overlap(stream: StreamSpec, playing_s: float, coming_s: float) -> bool:
    """Whether two voices whose blocks cost so much fit safely into one block period."""
    block_size = stream.block_size or DEFAULT_BLOCK_SIZE
    return playing_s + coming_s <= SAFE_SHARE * block_size / stream.sample_rate_hz
