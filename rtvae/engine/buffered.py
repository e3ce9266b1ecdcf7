"""Buffered inference: the model runs on a worker thread, and is heard one fixed block later.

    audio thread   posts hops k .. k+n, plays hops k-D .. k+n-D      never waits
                        |                     ^
    worker         input ring -> model -> output ring

A hop has its place in both rings by its number, so nothing that the worker does can move the
sound: what is not there when its turn comes is concealed, and what comes after its turn lies in a
place that nobody reads again. The latency of D hops is therefore the same for ever.
"""

import threading
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.denormals import denormals_are_flushed
from rtvae.engine import realtime
from rtvae.engine.inference import Inference

Audio = NDArray[np.float32]

JOBS = 256
RINGS = 4
"""The rings hold so many times the longest run: the worker may be that far behind."""
PATIENCE_S = 5.0
_CLOSE_S = 1.0

_FIRST, _ROWS, _HOLDING, _RESET, _VALUES = range(5)


class Outcome(Enum):
    """What a run gave: sound, a failure of the model, or nothing in time."""

    GOOD = 0
    FAILED = 1
    LATE = 2


def buffer_rows(hop: int, block_size: int) -> int:
    """Return the hops of latency that give the worker one block of time, whatever the phase."""
    return max(1, -(-block_size // hop))


class Buffered:
    """Plays `inference` from a thread of its own, `rows` hops late.

    With `patient`, which is for blocks that nobody waits for (files, a server that freewheels),
    a run waits for the worker: the sound is then that of direct inference, sample for sample.
    After each `run`: `mean` and `bent` as played in it, and `gap_rows`, the hops of silence at
    its start that were inserted because blocks became longer than there was latency for.
    """

    def __init__(self, inference: Inference, rows: int, max_rows: int, value_count: int) -> None:
        model = inference.model
        self._inference = inference
        self._hop = model.hop_frames
        self._least_rows = rows
        self._max_rows = max_rows
        size = RINGS * max_rows
        self._size = size
        self._in = np.zeros((size, self._hop), np.float32)
        self._out = np.zeros((size, self._hop), np.float32)
        self._mean_ring = np.zeros((size, model.latents), np.float32)
        self._bent_ring = np.zeros((size, model.latents), np.float32)
        # A hop's number plus one where it has been played, negative where the model failed.
        self._stamps = np.zeros(size, np.int64)
        self._job = np.zeros((JOBS, 5), np.int64)
        self._job_values = np.zeros((JOBS, value_count), np.float32)
        self._mean = np.zeros((max_rows, model.latents), np.float32)
        self._bent = np.zeros((max_rows, model.latents), np.float32)
        self._work_in = np.zeros((max_rows, self._hop), np.float32)
        self._work_out = np.zeros((max_rows, self._hop), np.float32)
        self._work_values = np.zeros(value_count, np.float32)
        self.patient = False
        self.worker_s = 0.0
        self.keeps_denormals = False
        self._audio_priority: int | None = None
        self._posted = self._taken = 0
        self._serial: int | None = None
        # How often the values changed, and which change the worker has.
        self._changes, self._work_change = 0, -1
        self._asked = self._played = self._stretch = 0
        self._reset_wanted = False
        self._stopping = False
        self._wake, self._ready = threading.Lock(), threading.Lock()
        self._wake.acquire()
        self._ready.acquire()
        self._begin()
        self._thread = threading.Thread(target=self._work, name="inference", daemon=True)
        self._thread.start()

    @property
    def latency_frames(self) -> int:
        """How much later the sound is than with direct inference."""
        return self._rows * self._hop

    @property
    def idle(self) -> bool:
        """Whether the worker has done all that was posted."""
        return self._taken == self._posted

    @property
    def mean(self) -> Audio:
        """The latents as encoded of what the last run played; empty if it was not all there."""
        return self._mean[: self._shown]

    @property
    def bent(self) -> Audio:
        """The latents as played of what the last run played; empty if it was not all there."""
        return self._bent[: self._shown]

    def run(
        self,
        hops_in: Audio,
        hops_out: Audio,
        values: Audio,
        holding: bool,
        serial: int | None = None,
    ) -> Outcome:
        """Post whole hops and play those of `latency_frames` ago, float32 `(n * hop,)` each.

        `serial` is a number that changes with the values (None: they may have).
        Where the outcome is not GOOD, `hops_out` is silence.
        Real-time: a few copies and at most one lock let go; waits only if `patient`.
        """
        rows = hops_in.shape[0] // self._hop
        first = self._asked
        if serial is None or serial != self._serial:
            self._serial = serial
            self._changes += 1
            self._job_values[self._changes % JOBS] = values
        self._post(first, rows, hops_in, holding)
        self._asked += rows
        return self._play(first, rows, hops_out.reshape(rows, self._hop))

    def skip(self, rows: int) -> None:
        """Let so many hops pass without the model; it starts afresh after them. Real-time."""
        self._asked += rows
        self._played = max(self._played, self._asked - self._rows)
        self._stretch = self._asked
        self.reset_model()

    def reset_model(self) -> None:
        """Have the model start afresh with the next run. Real-time safe."""
        self._reset_wanted = True

    def reset(self) -> None:
        """Forget all hops under way and return to the first latency; not on the audio thread."""
        while not self.idle and self._ready.acquire(timeout=PATIENCE_S):
            pass
        self._stamps.fill(0)
        self._begin()

    def close(self) -> None:
        """End the worker; a model that hangs is left to itself. Not on the audio thread."""
        self._stopping = True
        self._release(self._wake)
        self._thread.join(_CLOSE_S)

    def _begin(self) -> None:
        self._rows = self._least_rows
        self._asked = self._played = self._stretch = 0
        self._shown = self.gap_rows = 0
        self._serial = None
        self._reset_wanted = False

    def _post(self, first: int, rows: int, hops_in: Audio, holding: bool) -> None:
        if self._audio_priority is None and not self.patient:
            self._audio_priority = realtime.priority()
        hops = hops_in.reshape(rows, self._hop)
        for place, part in self._parts(first, rows):
            self._in[place] = hops[part]
        job = self._job[self._posted % JOBS]
        job[_FIRST], job[_ROWS], job[_VALUES] = first, rows, self._changes
        job[_HOLDING], job[_RESET] = holding, self._reset_wanted
        self._reset_wanted = False
        self._posted += 1
        self._release(self._wake)

    def _play(self, first: int, rows: int, out: Audio) -> Outcome:
        grown = max(0, rows - self._rows)
        self._rows += grown
        due = first - self._rows
        # Nothing is played twice, and nothing from before the model was last left out.
        begin = min(max(due, self._played, self._stretch), due + rows)
        end = due + rows
        self._played = max(self._played, end)
        self._shown = 0
        self.gap_rows = grown
        silent = begin - due
        out[:silent] = 0.0
        outcome = self._outcome(begin, end)
        if outcome is not Outcome.GOOD:
            out.fill(0.0)
            return outcome
        for place, part in self._parts(begin, end - begin):
            out[silent:][part] = self._out[place]
            self._mean[part] = self._mean_ring[place]
            self._bent[part] = self._bent_ring[place]
        self._shown = end - begin
        return outcome

    def _outcome(self, begin: int, end: int) -> Outcome:
        worst = Outcome.GOOD
        for hop in range(begin, end):
            stamp = abs(int(self._stamps[hop % self._size]))
            while self.patient and stamp != hop + 1:
                if not self._ready.acquire(timeout=PATIENCE_S):
                    break
                stamp = abs(int(self._stamps[hop % self._size]))
            if stamp != hop + 1:
                return Outcome.LATE
            if self._stamps[hop % self._size] < 0:
                worst = Outcome.FAILED
        return worst

    def _parts(self, first: int, rows: int) -> tuple[tuple[slice, slice], ...]:
        """Where hops lie in a ring, and which of the `rows` they are: one stretch or two."""
        at = first % self._size
        fit = min(rows, self._size - at)
        whole = (slice(at, at + fit), slice(0, fit))
        if fit == rows:
            return (whole,)
        return whole, (slice(0, rows - fit), slice(fit, rows))

    @staticmethod
    def _release(lock: threading.Lock) -> None:
        try:
            if lock.locked():
                lock.release()
        except RuntimeError:
            pass  # `close` was there first

    def _work(self) -> None:
        self.keeps_denormals = not denormals_are_flushed()
        raised = False
        while not self._stopping:
            self._wake.acquire()
            if self._audio_priority is not None and not raised:
                raised = True
                realtime.take_priority_below(self._audio_priority)
            while not self.idle and not self._stopping:
                self._next_job()
                self._release(self._ready)

    def _next_job(self) -> None:
        taken = self._taken
        job = self._job[taken % JOBS]
        first, rows, holding, reset, change = job.tolist()
        if change != self._work_change:
            self._work_values[:] = self._job_values[change % JOBS]
            self._work_change = change
        for place, part in self._parts(first, rows):
            self._work_in[part] = self._in[place]
        if self._overrun(taken, first):
            # Too far behind for what was just read to be whole: start afresh with the newest.
            self._work_change = -1
            self._taken = self._posted
            self._inference.reset()
            return
        if reset:
            self._inference.reset()
        hops_in, hops_out = self._work_in[:rows].reshape(-1), self._work_out[:rows].reshape(-1)
        good = self._inference.run(
            hops_in, hops_out, self._work_values, bool(holding), self._work_change
        )
        self.worker_s = (
            self._inference.encoder_s + self._inference.control_s + self._inference.decoder_s
        )
        for place, part in self._parts(first, rows):
            self._out[place] = self._work_out[part]
            if good:
                self._mean_ring[place] = self._inference.mean[part]
                self._bent_ring[place] = self._inference.bent[part]
        for hop in range(first, first + rows):
            self._stamps[hop % self._size] = hop + 1 if good else -(hop + 1)
        self._taken = taken + 1

    def _overrun(self, taken: int, first: int) -> bool:
        jobs, hops = self._posted - taken, self._asked - first
        return jobs >= JOBS or hops > self._size - self._max_rows
