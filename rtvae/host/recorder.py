"""The recorder: one key, and everything that is heard, turned and played goes to the disk.

    rings of the telemetry --follower--> stretches --scribe (a thread)--> NAME.w64, NAME.rtvp

It begins with a voice in its first state, so that `rtvae render --performance` can begin there
too. The audio thread knows nothing of it. What could not be kept is silence of the same length,
counted and told: nothing ever shifts.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import rtvae
from rtvae.control.parameters import PARAMETER_COUNT, name_of
from rtvae.host.notes import Level, Note
from rtvae.host.recorded import (
    VoiceNote,
    folder_for,
    require_room,
    write_silence,
    write_stretch,
    write_values,
    write_voice,
)
from rtvae.host.scribe import Scribe
from rtvae.io.performance_chunks import FORMAT
from rtvae.io.performance_facts import Gap, Head, Origin
from rtvae.io.performance_writer import unused_stem
from rtvae.link.follower import Follower, Stretch

Message = dict[str, Any]

TAKE_S = 0.05
FRESH_S = 10.0
CLOSE_S = 5.0
PACKETS = 1 << 16


class Engine(Protocol):
    """What the recorder asks of the supervisor."""

    start: Message

    @property
    def facts(self) -> Message:
        """What the engine last said about itself."""

    @property
    def playing(self) -> bool:
        """Whether an engine plays."""

    def fresh(self) -> None:
        """Ask for what plays in its first state; the event "fresh" answers."""


class Phase(Enum):
    """What the recorder is about."""

    IDLE = "idle"
    ASKED = "starting"
    RECORDING = "recording"
    ENDING = "ending"


class Recorder:
    """Records what one session plays, one performance after the other.

    `telemetry` is the session's, `target` where to write (None: a dated name in the user's folder
    FOLDER; a folder: a dated name in it), `note` takes sentences for the player, `values`
    returns all parameters by name. `hear` may be called from any thread, the rest from one.
    """

    def __init__(
        self,
        telemetry: NDArray[Any],
        target: Path | None,
        note: Callable[[Note], None],
        values: Callable[[], Mapping[str, float]],
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.phase = Phase.IDLE
        self.file: Path | None = None
        self.frames = 0
        self.lost_frames = 0
        self._telemetry, self._target, self._note = telemetry, target, note
        self._values, self._clock, self._now = values, clock, now
        self._scribe: Scribe | None = None
        self._follower: Follower | None = None
        self._packets: deque[tuple[int, bytes]] = deque(maxlen=PACKETS)
        self._voices: list[VoiceNote] = []
        self._rate_hz = 1

    @property
    def seconds(self) -> float:
        """How much the newest recording holds."""
        return self.frames / self._rate_hz

    @property
    def full(self) -> bool:
        """Whether the disk is so far behind that nothing more is given to it."""
        return self._scribe is not None and self._scribe.full

    @property
    def shown(self) -> Message | None:
        """What the window shows: whether it records yet, the file's name and whole seconds."""
        if self.phase in (Phase.IDLE, Phase.ENDING):
            return None
        on = self.phase is Phase.RECORDING and self.file is not None
        name = self.file.name if on and self.file is not None else ""
        return {"on": on, "file": name, "seconds": int(self.seconds) if on else 0}

    @property
    def summary(self) -> Message | None:
        """The newest recording, for the session's stats; None if there was none."""
        if self.file is None:
            return None
        return {
            "file": str(self.file),
            "seconds": round(self.seconds, 3),
            "lost_frames": self.lost_frames,
        }

    def toggle(self, engine: Engine) -> None:
        """Start or stop, as the key does."""
        if self.phase is Phase.IDLE:
            self.start(engine)
        else:
            self.stop()

    def start(self, engine: Engine) -> None:
        """Record from the next fresh voice on: at once, or when there is sound."""
        if self.phase is not Phase.IDLE:
            return
        self.phase = Phase.ASKED
        self._asked_s: float | None = None
        if not engine.playing:
            return
        self._asked_s = self._clock()
        if int(self._telemetry["looper_rows"]):
            # A fresh voice has no loop, and nobody presses the key to lose theirs.
            self._begin_anyway(engine, "a loop was there before it began")
        else:
            engine.fresh()

    def stop(self, why: str = "stopped") -> None:
        """Take what is left and complete the files."""
        if self.phase is Phase.ASKED:
            self.phase = Phase.IDLE
        elif self.phase is Phase.RECORDING and self._scribe is not None:
            self._take()
            self._scribe.finish(why)
            self.phase = Phase.ENDING

    def close(self) -> None:
        """End with the session: wait for the disk, though not for ever."""
        self.stop("the session ended")
        if self.phase is Phase.ENDING and self._scribe is not None:
            if not self._scribe.wait(CLOSE_S):
                self._say(f"The disk is too slow to complete {self.file}.", "warning")
                self.phase = Phase.IDLE
                return
            self._end()

    def hear(self, packet: list[int]) -> None:
        """Keep a MIDI packet that came now."""
        if self.phase is Phase.RECORDING:
            self._packets.append((int(self._telemetry["frames"]), bytes(b & 0xFF for b in packet)))

    def step(self, engine: Engine, events: list[Message]) -> None:
        """Do what is due; `events` are what the engine said about voices since the last call."""
        for event in events:
            self._on_event(event, engine)
        if self.phase is Phase.ASKED and self._asked_s is not None:
            if self._clock() - self._asked_s > FRESH_S:
                self._begin_anyway(engine, "the engine did not start afresh in time")
        elif self.phase is Phase.RECORDING:
            if self._clock() - self._taken_s >= TAKE_S:
                self._take()
            self._check()
        elif self.phase is Phase.ENDING and self._scribe is not None and not self._scribe.busy:
            self._end()

    def _on_event(self, event: Message, engine: Engine) -> None:
        name = event.get("event")
        if name == "refused":
            if self.phase is Phase.ASKED:
                self._begin_anyway(engine, str(event.get("sentence", "")).rstrip("."))
            return
        start = int(self._telemetry["voice_start_frame"])
        frame, whole = int(event.get("frame", start)), int(event.get("whole", start))
        origin: Origin = "started" if name == "ready" else "loaded"
        if self.phase is Phase.ASKED and name != "loaded":
            self._begin(engine, frame, whole, "fresh" if name == "fresh" else origin)
        elif self.phase is Phase.RECORDING:
            if engine.facts.get("sample_rate_hz", self._rate_hz) != self._rate_hz:
                self.stop("the sample rate changed")
                self._say("Recording stopped: the sample rate changed; start it again.", "warning")
                return
            if name == "ready" and self._follower is not None:
                self._take(until=start)
                self._meet(self._follower.engine_pid)
            self._note_voice(engine, frame, whole, origin)

    def _begin_anyway(self, engine: Engine, why: str) -> None:
        self._say(f"This recording cannot be played back to the sample: {why}.", "warning")
        now = int(self._telemetry["frames"])
        self._begin(engine, now, now, "unknown")
        if self._scribe is not None:
            self._scribe.write(partial(write_values, self._values()))

    def _begin(self, engine: Engine, frame: int, whole: int, origin: Origin) -> None:
        self._rate_hz = int(self._telemetry["sample_rate_hz"]) or 48_000
        self._follower = Follower(self._telemetry, frame)
        self._engine_pid = self._follower.engine_pid
        self._shift = -frame
        self._taken_s = self._moved_s = self._clock()
        self._gap_since_s: float | None = None
        self.frames = self.lost_frames = 0
        self._packets.clear()
        self._voices.clear()
        stem = unused_stem(self._stem())
        self.file = stem.with_name(stem.name + ".w64")
        head = Head(
            format=FORMAT,
            rtvae=rtvae.__version__,
            made=self._now().isoformat(timespec="seconds"),
            sample_rate_hz=self._rate_hz,
            muted_start=engine.start.get("driver") != "file",
            parameters=tuple(name_of(k) for k in range(PARAMETER_COUNT)),
        )
        hop, latents = (int(self._telemetry[name]) for name in ("hop_frames", "latents"))
        file = self.file

        def open_up() -> None:
            room = require_room(stem.parent, self._rate_hz, max(hop, 1), latents)
            self._say(f"Recording to {file}; there is room for {room}.")

        self._scribe = Scribe(stem, head, open_up)
        self.phase = Phase.RECORDING
        self._note_voice(engine, frame, whole, origin)

    def _stem(self) -> Path:
        if self._target is not None and not os.path.isdir(self._target):
            return self._target
        return folder_for(self._target) / f"rtvae-{self._now():%Y-%m-%d-%H%M%S}"

    def _note_voice(self, engine: Engine, frame: int, whole: int, origin: Origin) -> None:
        about = VoiceNote(dict(engine.start), dict(engine.facts), frame, whole, origin)
        self._voices.append(about)
        # Behind a gap its place is known only when the gap ends.
        if self._gap_since_s is None:
            self._tell_voices()

    def _tell_voices(self) -> None:
        for about in self._voices:
            if self._scribe is not None:
                self._scribe.write(partial(write_voice, about, self._shift))
        self._voices.clear()

    def _meet(self, engine_pid: int) -> None:
        """What was taken so far was the engine's before; what a new one plays follows a gap."""
        if engine_pid != self._engine_pid:
            self._engine_pid = engine_pid
            if self._gap_since_s is None:
                self._gap_since_s = self._moved_s

    def _take(self, until: int | None = None) -> None:
        scribe, follower = self._scribe, self._follower
        if scribe is None or follower is None or self.full:
            return
        self._taken_s = self._clock()
        stretch = follower.take(until)
        # What came since the last block, as the press that ends it all, belongs to it too.
        if stretch.frames or (self._packets and self._gap_since_s is None):
            self._keep(scribe, stretch)
        if stretch.block_frame.shape[0]:
            self._moved_s = self._taken_s
        # A new engine writes its number long before it plays.
        self._meet(follower.engine_pid)

    def _keep(self, scribe: Scribe, stretch: Stretch) -> None:
        if self._gap_since_s is not None:
            self._bridge(scribe, self._taken_s - self._gap_since_s, stretch.frames)
            self._gap_since_s = None
            self._tell_voices()
        midi = self._midi_before(stretch.first_frame + stretch.frames)
        scribe.write(partial(write_stretch, stretch, midi, self._shift))
        self.frames += stretch.frames
        if stretch.lost_frames or stretch.lost_rows:
            self._lose(scribe, stretch)

    def _bridge(self, scribe: Scribe, since_s: float, frames: int) -> None:
        missing = max(0, round(since_s * self._rate_hz) - frames)
        gap = Gap(self.frames, missing, "the engine was started again")
        scribe.write(partial(write_silence, gap))
        self._shift += missing
        self.frames += missing
        seconds = missing / self._rate_hz
        self._say(
            f"The recording goes on after {seconds:.1f} s of silence for the new engine.", "warning"
        )

    def _lose(self, scribe: Scribe, stretch: Stretch) -> None:
        if not self.lost_frames:
            self._say(
                "The recorder fell behind; what is missing is silence in the file.", "warning"
            )
        self.lost_frames += stretch.lost_frames
        gap = Gap(
            stretch.first_frame + self._shift, stretch.lost_frames, "the recorder fell behind"
        )
        scribe.write(lambda writer: writer.add_gap(gap))

    def _midi_before(self, frame: int) -> dict[str, NDArray[Any]]:
        packets = []
        while self._packets and self._packets[0][0] <= frame:
            packets.append(self._packets.popleft())
        return {
            "frame": np.array([at for at, _ in packets], np.uint64),
            "size": np.array([len(data) for _, data in packets], np.uint32),
            "bytes": np.frombuffer(b"".join(data for _, data in packets), np.uint8),
        }

    def _check(self) -> None:
        if self._scribe is not None and self._scribe.fault:
            self._end()

    def _end(self) -> None:
        scribe, self._scribe, self._follower = self._scribe, None, None
        self.phase = Phase.IDLE
        if scribe is None:
            return
        if scribe.fault:
            kept = f" What was recorded before is in {self.file}." if scribe.opened else ""
            self._say(f"Recording stopped: {scribe.fault}{kept}", "error")
            return
        lost = f", of which {self.lost_frames / self._rate_hz:.1f} s are missing"
        self._say(f"Recorded {self.seconds:.1f} s to {self.file}{lost * bool(self.lost_frames)}.")

    def _say(self, sentence: str, level: Level = "info") -> None:
        self._note(Note(sentence, level))
