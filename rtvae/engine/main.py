"""The engine process, from top to bottom: load, settle, open, play, end.

    python -m rtvae.engine SESSION_FOLDER       commands on stdin, events on stdout (JSON lines)

Parameters come only through the session's control block, measurements go only through its
telemetry. When the host dies the sound plays on.
"""

import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rtvae.engine import realtime
from rtvae.engine.appraisal import Appraisal, prepare
from rtvae.engine.blend import Playable
from rtvae.engine.block_path import MAX_BLOCK, BlockPath
from rtvae.engine.callback import EngineCallback
from rtvae.engine.contest import Contest, Rival
from rtvae.engine.desk import Desk, Outbox
from rtvae.engine.errand import Errand
from rtvae.engine.ladder import Ladder
from rtvae.engine.lineup import Lineup, Loader, facts, load_models
from rtvae.engine.messages import Start, event, failed, parse
from rtvae.engine.shelf import Shelf
from rtvae.errors import EngineError, RtvaeError, UsageError
from rtvae.io.drivers import Driver, Opened, Request, Stop
from rtvae.io.dummy_clock import DummyClockDriver
from rtvae.io.file_driver import FileDriver
from rtvae.io.portaudio import PortAudioDriver
from rtvae.link.control_block import ControlReader
from rtvae.link.layout import State
from rtvae.link.session_memory import open_control, open_telemetry
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter
from rtvae.model.load import load_model, load_rival
from rtvae.model.ort import prepare_process

LAST_FADE_S = 0.05

MakeDriver = Callable[[Callable[[], None]], Driver]

DRIVERS: dict[str, MakeDriver] = {
    "portaudio": PortAudioDriver,
    "dummy": lambda begin: DummyClockDriver(begin),
    "file": lambda begin: FileDriver(),
}
"""Each is given what its audio thread calls once, before the first block it has to deliver."""


@dataclass(frozen=True)
class Parts:
    """What an engine is made of; tests put other drivers and models in."""

    drivers: Mapping[str, MakeDriver] = field(default_factory=lambda: DRIVERS)
    load: Loader = load_model
    rival: Rival = load_rival
    settle: Callable[[bool], Sequence[str]] = realtime.settle_process
    on_playing: Callable[[Desk], None] = lambda desk: None


@dataclass
class AudioThread:
    """What the audio thread finds out about itself before its first block."""

    realtime: bool = False
    keeps_denormals: bool = False
    unplaced: str = ""

    def begin(self) -> None:
        """Called once on the audio thread."""
        self.realtime = realtime.raise_priority()
        if processor := os.environ.get(realtime.PROCESSOR_VARIABLE):
            self.unplaced = realtime.stay_on_processor(processor)
        self.keeps_denormals = realtime.denormals_are_kept()


def serve(folder: Path, lines: Iterator[str], outbox: Outbox, parts: Parts) -> None:
    """Play one stream to its end. Raises RtvaeError if it cannot start or breaks off."""
    control = ControlReader(open_control(folder))
    shown = open_telemetry(folder)
    telemetry, measured = TelemetryWriter(shown), TelemetryReader(shown)
    telemetry.set("engine_pid", os.getpid())
    telemetry.set_state(State.STARTING)
    try:
        _play(_first_command(lines), lines, outbox, control, telemetry, measured, parts)
    except BaseException:
        telemetry.set_state(State.FAILED)
        raise
    telemetry.set_state(State.ENDED)


def _play(
    start: Start,
    lines: Iterator[str],
    outbox: Outbox,
    control: ControlReader,
    telemetry: TelemetryWriter,
    measured: TelemetryReader,
    parts: Parts,
) -> None:
    lineup = _lineup(start)
    telemetry.set("in_block", 1)  # what hangs in here is the model, not the device
    shelf = Shelf(parts.load)
    models = load_models(lineup, shelf, start.sample_rate_hz)
    telemetry.set("in_block", 0)
    rate_hz = start.sample_rate_hz or models[0].card.sample_rate_hz
    thread = AudioThread()
    driver = parts.drivers[start.driver](thread.begin)
    notices = [*parts.settle(driver.paced)]
    try:
        opened = driver.open(_request(start, rate_hz))
        control.refresh()
        telemetry.set("in_block", 1)
        contest = Contest(shelf, parts.rival, opened.stream, notices.append)
        if driver.paced:
            models = contest.settle(lineup, models)
        voice, appraisal, said = prepare(
            models,
            opened.stream,
            MAX_BLOCK,
            control.values,
            buffered=start.buffered,
            paced=driver.paced,
        )
        telemetry.set("in_block", 0)
        path = BlockPath(
            voice,
            opened.stream,
            control,
            telemetry,
            input_channels=opened.input_channels,
            output_channels=opened.output_channels,
            muted_start=driver.muted_start,
        )
        load: Loader = contest if driver.paced else shelf
        errand = Errand() if driver.paced and thread.realtime else None
        desk = Desk(
            lines, outbox, path, control, load, lineup, appraisal, measured, shelf.put, errand
        )
        notices += said
        notices += [*opened.notices, *_refused(driver, thread, path.voice)]
        _announce(opened, path, appraisal, thread, telemetry, outbox, notices)
        contest.say = outbox.notice
        desk.open()
        parts.on_playing(desk)
        fade_at = _fade_at_frames(start, rate_hz) if driver.muted_start else math.inf
        ladder = Ladder(rate_hz) if driver.paced else None
        stop = _following(opened, telemetry, desk.stopped)
        driver.run(EngineCallback(path, telemetry, rate_hz, fade_at, ladder), stop)
        # Before the device is closed, which may take a while: nobody is dead.
        telemetry.set_state(State.ENDED)
        path.voice.close()
    finally:
        driver.close()


def _following(opened: Opened, telemetry: TelemetryWriter, stopped: Stop) -> Stop:
    """Keep the device's latency up to date where it can change, each time the driver looks up."""
    latency_frames = opened.latency_frames
    if latency_frames is None:
        return stopped

    def stop() -> bool:
        telemetry.set("device_latency_frames", latency_frames())
        return stopped()

    return stop


def _fade_at_frames(start: Start, sample_rate_hz: int) -> float:
    if start.duration_s is None:
        return math.inf
    return (start.duration_s - LAST_FADE_S) * sample_rate_hz


def _lineup(start: Start) -> Lineup:
    if start.dry:
        return Lineup(None, buffered=start.buffered)
    beside = Path(start.blend) if start.blend is not None else None
    return Lineup(Path(start.model), beside, start.buffered)


def _announce(
    opened: Opened,
    path: BlockPath,
    appraisal: Appraisal | None,
    thread: AudioThread,
    telemetry: TelemetryWriter,
    outbox: Outbox,
    notices: list[str],
) -> None:
    stream = opened.stream
    telemetry.set("sample_rate_hz", stream.sample_rate_hz)
    telemetry.set("block_size", stream.block_size)
    telemetry.set("device_latency_frames", stream.device_latency_frames)
    outbox.send(
        event(
            "ready",
            device=opened.device,
            sample_rate_hz=stream.sample_rate_hz,
            block_size=stream.block_size,
            device_latency_frames=stream.device_latency_frames,
            input_channels=[channel + 1 for channel in opened.input_channels],
            output_channels=[channel + 1 for channel in opened.output_channels],
            realtime=thread.realtime,
            **facts(path.voice, appraisal.advice if appraisal is not None else ""),
        )
    )
    for sentence in notices:
        outbox.notice(sentence)


def _refused(driver: Driver, thread: AudioThread, voice: Playable) -> list[str]:
    refusals = {
        realtime.NO_PRIORITY: driver.paced and not thread.realtime,
        realtime.DENORMALS_KEPT: thread.keeps_denormals or voice.keeps_denormals,
        thread.unplaced: thread.unplaced != "",
    }
    return [sentence for sentence, refused in refusals.items() if refused]


def _first_command(lines: Iterator[str]) -> Start:
    command = parse(next(lines, ""))
    if not isinstance(command, Start):
        raise UsageError("A command was refused: the first one must be start.")
    return command


def _request(start: Start, sample_rate_hz: int) -> Request:
    return Request(
        sample_rate_hz=sample_rate_hz,
        block_size=start.block_size,
        input=start.input,
        output=start.output,
        input_channels=start.input_channels,
        output_channels=start.output_channels,
        loop=start.loop,
        duration_s=start.duration_s,
    )


def _end_on_signals(desk: Desk) -> None:
    # Ctrl-C reaches the whole terminal; the host hears it too and asks this process to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not here and now: this thread may be the audio thread, which has a fade to play.
    signal.signal(signal.SIGTERM, lambda number, frame: threading.Thread(target=desk.quit).start())


def _tell_of_broken_threads(outbox: Outbox) -> None:
    """A helper thread that dies is told, with its traceback in the log; the sound goes on."""

    def tell(broken: threading.ExceptHookArgs) -> None:
        traceback.print_exception(broken.exc_type, broken.exc_value, broken.exc_traceback)
        name = broken.thread.name if broken.thread is not None else "a helper"
        what = "".join(traceback.format_exception_only(broken.exc_type, broken.exc_value)).strip()
        outbox.notice(
            f"A part of the engine broke ({name}: {what[:200]}); the sound goes on without it, "
            "start again when you can, and please report this."
        )

    threading.excepthook = tell


def main(arguments: Sequence[str]) -> int:
    """Run the engine for the session folder named in `arguments`; return the exit status."""
    outbox = Outbox(sys.stdout)
    _tell_of_broken_threads(outbox)
    try:
        prepare_process()
        if len(arguments) != 1:
            raise UsageError("The engine takes one argument, the session's folder.")
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        lines = iter(sys.stdin.readline, "")
        serve(Path(arguments[0]), lines, outbox, Parts(on_playing=_end_on_signals))
    except RtvaeError as error:
        outbox.send(failed(error))
        return error.exit_status
    except Exception as error:
        traceback.print_exc()
        outbox.send(failed(EngineError(f"The engine broke ({error!r}); please report this.")))
        return 1
    outbox.send(event("ended"))
    return 0
