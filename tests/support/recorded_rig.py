"""An engine on the bench with the real recorder beside it: what it plays becomes a performance."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT, name_of
from rtvae.engine.blend import Playable
from rtvae.engine.lineup import Lineup, facts, load_models, make_voice
from rtvae.engine.swap import Swap
from rtvae.host.notes import Note
from rtvae.host.recorder import Phase, Recorder
from rtvae.io.drivers import UNPACED
from rtvae.io.performance import Performance, read_performance
from rtvae.link.control_block import Scene
from rtvae.model.load import load_model
from tests.support.rig import RATE_HZ, Rig
from tests.support.worker import held_up

Audio = NDArray[np.float32]
STEP_S = 0.05


class RecordedRig:
    """Plays the model at a path (None: dry); is to the recorder what the supervisor is.

    `options` go to the Rig.
    """

    def __init__(
        self,
        model: Path | None,
        target: Path | None,
        *,
        beside: Path | None = None,
        block_size: int = 64,
        **options: Any,
    ) -> None:
        self.lineup = Lineup(model, beside)
        models = load_models(self.lineup, load_model, RATE_HZ)
        self.rig = Rig(
            models[0], block_size, beside=models[1] if beside is not None else None, **options
        )
        self.rig.path.voice.warm_up(block_size)
        self.rig.memory["sample_rate_hz"] = RATE_HZ
        self.rig.memory["engine_pid"] = 1
        self._buffered = bool(options.get("buffered", False))
        self.playing = True
        self.flags = UNPACED
        self.stall = False
        self.first_frame = 0
        self.notes: list[Note] = []
        self.clock_s = 0.0
        self.recorder = Recorder(
            self.rig.memory,
            target,
            self.notes.append,
            lambda: {name_of(k): float(self.rig.reader.values[k]) for k in range(PARAMETER_COUNT)},
            clock=lambda: self.clock_s,
        )
        self.wet: list[Audio] = []
        self._events: list[dict[str, Any]] = []
        self._pending: tuple[str, Swap] | None = None
        self._blocks = 0
        self._stepped_s = 0.0

    @property
    def start(self) -> dict[str, Any]:
        """What the supervisor told the engine."""
        model, beside = (
            str(path) if path else None for path in (self.lineup.model, self.lineup.beside)
        )
        return {"driver": "dummy", "model": model or "", "blend": beside, "dry": model is None}

    @property
    def facts(self) -> dict[str, Any]:
        """What the engine said of itself."""
        return {"block_size": self.rig.stream.block_size, **facts(self.rig.path.voice)}

    def fresh(self) -> None:
        """Change to a fresh voice, as the engine's desk does."""
        self._change("fresh", overlap=True)

    def load(
        self,
        model: Path | None,
        beside: Path | None = None,
        *,
        overlap: bool = True,
        scene: Scene | None = None,
    ) -> None:
        """Change to another lineup, as the engine's desk does."""
        self.lineup = Lineup(model, beside)
        self._change("loaded", overlap=overlap, scene=scene)

    def started(self) -> None:
        """Say that the engine is ready, before its first block."""
        self._events.append({"event": "ready"})
        self.step()

    def refuse(self, sentence: str) -> None:
        """Refuse a fresh start."""
        self._events.append({"event": "refused", "do": "fresh", "sentence": sentence})

    def record(self) -> None:
        """Press the key."""
        self.recorder.toggle(self)

    def play(
        self,
        audio: Audio,
        turn: Callable[[Rig, int], None] = lambda rig, block: None,
        sizes: tuple[int, ...] | None = None,
    ) -> None:
        """Play mono audio; `turn` may move knobs before each block."""
        at = 0
        while at < audio.shape[0]:
            size = (sizes or (self.rig.block_size,))[self._blocks % len(sizes or (0,))]
            heard = np.ascontiguousarray(audio[at : at + size, None])
            played = np.empty((heard.shape[0], 1), np.float32)
            turn(self.rig, self._blocks)
            self.rig.callback(heard, played, self.flags)
            self.wet.append(played[:, 0])
            at += size
            self._blocks += 1
            self.clock_s += heard.shape[0] / RATE_HZ
            self._tell()
            if self.clock_s - self._stepped_s >= STEP_S and not self.stall:
                self._stepped_s = self.clock_s
                self.step()

    def play_late(self, audio: Audio) -> None:
        """Play mono audio while the worker thread of buffered inference gets nothing done.

        The first block was done before; those that follow are concealed.
        """
        self.flags = 0
        with held_up(self.rig.path.voice):
            self.play(audio)
        self.flags = UNPACED

    def step(self) -> None:
        """Let the host's loop go round once."""
        events, self._events = self._events, []
        self.recorder.step(self, events)

    def finish(self) -> Performance:
        """Stop the recording and read it."""
        self.step()
        assert self.recorder.phase is Phase.RECORDING, self.notes
        self.recorder.close()
        self.rig.path.voice.close()
        assert self.recorder.file is not None
        return read_performance(self.recorder.file)

    def _change(self, event: str, *, overlap: bool, scene: Scene | None = None) -> None:
        path = self.rig.path
        models = load_models(self.lineup, load_model, RATE_HZ)
        values = self.rig.reader.values.copy()
        voice: Playable = make_voice(models, path.stream, path.max_block, values, self._buffered)
        voice.warm_up(self.rig.block_size)
        self._pending = event, path.offer(voice, overlap=overlap, scene=scene)

    def _tell(self) -> None:
        if self._pending is None or self.rig.path.swapping:
            return
        event, swap = self._pending
        if event == "fresh":
            self.first_frame = self.rig.path.start_frame
        swap.old.close()
        self._pending = None
        path = self.rig.path
        self._events.append({"event": event, "frame": path.start_frame, "whole": path.whole_frame})
