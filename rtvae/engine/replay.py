"""Replay: a recorded performance through the block path once more, block by block as it was.

Same blocks, same settings taken over before the same block, the same changes of voice, rungs and
panics: through the same models the result is the recording, sample for sample, from the frame on
where the first voice was alone. What stood in another state when the recording began cannot be
known: a master knob in mid-glide, a guard that just removes an offset or a howl. Nor can what a
worker thread delivered too late.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.knob_map import map_latents, map_parameters
from rtvae.control.parameters import PARAMETER_COUNT, clamp, defaults, index_of
from rtvae.engine.blend import Playable
from rtvae.engine.block_path import MAX_BLOCK, BlockPath
from rtvae.engine.ladder import Rung
from rtvae.engine.lineup import DRY_HOP_FRAMES, check_rate, make_voice
from rtvae.engine.swap import Swap
from rtvae.errors import PerformanceError
from rtvae.io.audio_file import AudioReader, AudioWriter
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE
from rtvae.io.performance import Performance
from rtvae.io.performance_facts import Gap, PlayedModel, Voice
from rtvae.link.control_block import ControlReader
from rtvae.link.layout import CONTROL, TELEMETRY, Mark
from rtvae.link.telemetry import TelemetryWriter
from rtvae.model.identity import IdentityModel
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

Audio = NDArray[np.float32]
Row = tuple[int, float]

Load = Callable[[PlayedModel, str], LiveModel]
"""Makes a model that was played, given the executor that played it."""

_PIECE_FRAMES = 1 << 16
_RUNGS = {float(rung): rung for rung in Rung}


@dataclass(frozen=True)
class Replayed:
    """What came out, and how it compares with what was recorded; gaps do not count.

    From `whole_frame` on the two should be the same; from `same_from` on they are (`frames` where
    they are not at the end). From `whole_frame` on `differing` frames differ, the first of them
    `first_difference`, by at most `largest_difference` of full scale.
    """

    frames: int
    sample_rate_hz: int
    whole_frame: int
    same_from: int
    differing: int
    first_difference: int | None
    largest_difference: float


class Replay:
    """Plays `performance` again, once. `load` gives the models it was played with.

    With `other`, which makes another model, that one plays throughout and the knobs are carried
    over (control/knob_map.py).
    """

    def __init__(
        self,
        performance: Performance,
        load: Load,
        other: Callable[[], LiveModel] | None = None,
    ) -> None:
        if not performance.voices or not performance.blocks["frame"].size:
            raise PerformanceError(
                f"The performance {performance.path} broke off before anything was played; "
                "there is nothing to play back."
            )
        self._performance = performance
        self._load, self._other = load, other
        self._spare = [other()] if other is not None else []
        self._voices = sorted(performance.voices, key=lambda voice: voice.frame)
        self._control = np.zeros((), CONTROL)
        self._control["values"] = defaults()
        if "leash" not in performance.head.parameters:
            # Before there was one, nothing was held.
            self._control["values"][index_of("leash")] = 0.0
        self._telemetry = TelemetryWriter(np.zeros((), TELEMETRY))
        self._places = _places(performance.head.parameters)
        self._path: BlockPath | None = None
        self._swap: Swap | None = None
        self._out = np.empty((MAX_BLOCK, 1), np.float32)

    def run(self, destination: Path | None = None) -> Replayed:
        """Play to the end; write `destination` (WAV, W64 or FLAC, mono) if there is one.

        It is as long as the recording and lies in time with its wet channel.
        Raises AudioFileError, ModelError and PerformanceError; then nothing is written.
        """
        rate_hz = self._performance.head.sample_rate_hz
        comparison = _Comparison(self._voices[0].whole_frame, self._performance.gaps)
        try:
            with AudioReader(self._performance.sound) as reader:
                if reader.channels != 2 or reader.sample_rate_hz != rate_hz:
                    raise PerformanceError(
                        f"{reader.path} is not the sound of this performance; put the W64 file "
                        "that was recorded with it beside it."
                    )
                if destination is None:
                    frames = self._play(reader, comparison, lambda audio: None)
                else:
                    with AudioWriter(destination, rate_hz, 1) as writer:
                        frames = self._play(reader, comparison, writer.write)
        finally:
            self._let_go()
        return comparison.result(frames, rate_hz)

    def _play(
        self, reader: AudioReader, comparison: "_Comparison", write: Callable[[Audio], None]
    ) -> int:
        feed, rows = _Feed(reader), _Rows(self._performance.turned)
        at = 0
        for frame, size in self._parts():
            if frame < at:
                continue
            if frame > at:
                missing = feed.take(frame - at).shape[0]
                write(np.zeros((missing, 1), np.float32))
                at += missing
            sound = feed.take(size)
            if sound.shape[0] < size:
                break
            path = self._follow(rows.until(frame), frame)
            out = self._out[:size]
            path.process(np.ascontiguousarray(sound[:, :1]), out)
            self._telemetry.add("frames", size)
            write(out)
            comparison.add(at, out[:, 0], sound[:, 1])
            at += size
            if self._swap is not None and not path.swapping:
                self._swap.old.close()
                self._swap = None
        return at

    def _parts(self) -> Iterator[tuple[int, int]]:
        """Yield first frame and size of each block, cut as the block path cuts them."""
        for frame, size in self._performance.each_block():
            if not size:
                raise PerformanceError(
                    f"The performance {self._performance.path} is damaged: a block has no "
                    "frames; the sound is in the file beside it."
                )
            for start in range(0, size, MAX_BLOCK):
                yield frame + start, min(MAX_BLOCK, size - start)

    def _follow(self, rows: list[Row], frame: int) -> BlockPath:
        """Do before the block at `frame` what was done then; return what plays it."""
        voice = self._voice_at(frame)
        marks = [row for row in rows if row[0] >= PARAMETER_COUNT]
        self._turn([row for row in rows if row[0] < PARAMETER_COUNT], voice)
        begins = any(mark == Mark.VOICE for mark, _ in marks)
        path = self._path
        if path is None or (begins and voice.frame == frame and voice.origin == "started"):
            self._let_go()
            path = self._path = self._new_path(voice)
            marks = [row for row in marks if row[0] != Mark.SWAP]
        for mark, value in marks:
            if mark == Mark.SWAP:
                self._change(path, frame, overlap=bool(value))
            elif mark == Mark.APART and self._swap is not None:
                self._swap.take_apart(value)
            elif mark == Mark.PANIC:
                self._control["panic_count"] += np.uint64(1)
            elif mark == Mark.LEAVING:
                path.leaving = True
            elif mark == Mark.RUNG:
                path.rung = _RUNGS.get(value, path.rung)
            elif mark == Mark.LIMITER:
                path.limit_as(value)
        return path

    def _turn(self, rows: list[Row], voice: Voice) -> None:
        if not rows:
            return
        for index, value in rows:
            place = self._place(index, voice)
            if place is not None:
                self._control["values"][place] = clamp(place, value)
        self._control["sequence"] += np.uint64(2)

    def _place(self, index: int, voice: Voice) -> int | None:
        place = self._places.get(index)
        if place is None or self._other is None:
            return place
        played = voice.model.attributes if voice.model is not None else ()
        return map_parameters(self._carried(played), len(played), place)

    def _carried(self, played: tuple[str, ...]) -> dict[int, int]:
        card = self._spare[0].card if self._spare else None
        card = self._path.voice.model.card if self._path is not None else card
        return map_latents(played, [latent.attribute for latent in card.latents] if card else [])

    def _voice_at(self, frame: int) -> Voice:
        before = [voice for voice in self._voices if voice.frame <= frame]
        return before[-1] if before else self._voices[0]

    def _new_path(self, voice: Voice) -> BlockPath:
        head, models = self._performance.head, self._models(voice)
        path = BlockPath(
            models[0],
            StreamSpec(head.sample_rate_hz, voice.block_size, 1, 1),
            ControlReader(self._control),
            self._telemetry,
            beside=models[1] if len(models) > 1 else None,
            muted_start=head.muted_start and voice.origin == "started",
            buffered=self._buffered(voice),
        )
        path.voice.warm_up(voice.block_size or DEFAULT_BLOCK_SIZE)
        path.patient = True
        return path

    def _change(self, path: BlockPath, frame: int, *, overlap: bool) -> None:
        later = [voice for voice in self._voices if voice.frame >= frame]
        if self._other is not None or not later or path.swapping:
            return
        voice = later[0]
        values = self._control["values"].copy()
        playable: Playable = make_voice(
            self._models(voice), path.stream, path.max_block, values, self._buffered(voice)
        )
        playable.warm_up(voice.block_size or DEFAULT_BLOCK_SIZE)
        self._swap = path.offer(playable, overlap=overlap)

    def _buffered(self, voice: Voice) -> bool:
        return voice.buffer_latency_frames > 0 and self._other is None

    def _models(self, voice: Voice) -> tuple[LiveModel, ...]:
        rate_hz = self._performance.head.sample_rate_hz
        if self._other is not None:
            models = [self._spare.pop() if self._spare else self._other()]
        elif voice.model is None:
            models = [IdentityModel(DRY_HOP_FRAMES, sample_rate_hz=rate_hz)]
        else:
            played = [model for model in (voice.model, voice.beside) if model is not None]
            models = [self._load(model, voice.executor) for model in played]
        for model in models:
            check_rate(model.card, rate_hz)
        return tuple(models)

    def _let_go(self) -> None:
        if self._swap is not None:
            self._swap.old.close()
            self._swap.new.close()
        if self._path is not None:
            self._path.voice.close()
        self._swap = self._path = None


class _Feed:
    """Reads a file front to back in pieces of any size."""

    def __init__(self, reader: AudioReader) -> None:
        self._pieces = reader.pieces(_PIECE_FRAMES)
        self._rest = np.zeros((0, reader.channels), np.float32)

    def take(self, frames: int) -> Audio:
        """Return the next frames, float32 `(frames, channels)`; fewer at the end."""
        while self._rest.shape[0] < frames:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest = np.concatenate([self._rest, piece])
        taken, self._rest = self._rest[:frames], self._rest[frames:]
        return taken


class _Rows:
    """Gives out the turned parameters and marks in the order of their frames."""

    def __init__(self, turned: dict[str, NDArray[Any]]) -> None:
        columns = (turned[name].tolist() for name in ("frame", "index", "value"))
        self._rows = iter(zip(*columns, strict=True))
        self._next = next(self._rows, None)

    def until(self, frame: int) -> list[Row]:
        """Return the rows up to those of a frame, except what was returned before."""
        found: list[Row] = []
        while self._next is not None and self._next[0] <= frame:
            _, index, value = self._next
            found.append((index, value))
            self._next = next(self._rows, None)
        return found


class _Comparison:
    """Compares what is played with what was recorded, bit by bit."""

    def __init__(self, whole_frame: int, gaps: tuple[Gap, ...]) -> None:
        self._whole = whole_frame
        self._gaps = [(gap.frame, gap.frame + gap.frames) for gap in gaps if gap.frames]
        self._same_from = 0
        self._differing = 0
        self._first: int | None = None
        self._largest = 0.0

    def add(self, at: int, played: Audio, recorded: Audio) -> None:
        """Compare float32 `(frames,)` each, from frame `at` on."""
        recorded = np.ascontiguousarray(recorded)
        differs = played.view(np.int32) != recorded.view(np.int32)
        for start, end in self._gaps:
            if start < at + played.shape[0] and end > at:
                differs[max(0, start - at) : end - at] = False
        if not differs.any():
            return
        places = np.flatnonzero(differs) + at
        self._same_from = int(places[-1]) + 1
        later = places[places >= self._whole]
        if later.shape[0]:
            self._first = int(later[0]) if self._first is None else self._first
            self._differing += later.shape[0]
            gap = np.abs(played - recorded)[later - at].max()
            self._largest = max(self._largest, float(gap))

    def result(self, frames: int, sample_rate_hz: int) -> Replayed:
        """Return what came of it."""
        return Replayed(
            frames=frames,
            sample_rate_hz=sample_rate_hz,
            whole_frame=self._whole,
            same_from=self._same_from,
            differing=self._differing,
            first_difference=self._first,
            largest_difference=self._largest,
        )


def _places(names: tuple[str, ...]) -> dict[int, int]:
    """Where each recorded parameter lies today; the gain into the model is in the sound already."""
    places = {}
    for k, name in enumerate(names):
        try:
            places[k] = index_of(name)
        except KeyError:
            continue
    return {k: place for k, place in places.items() if place != index_of("input_gain_db")}
