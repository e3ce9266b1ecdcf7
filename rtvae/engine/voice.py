"""Voice: one model made ready to play, with everything whose size depends on it.

    heard -> dry delay -----------------------------------> dry
          -> reblock { encode -> latent control -> decode } -> fallback -> wet

The model runs right here, or buffered: on a worker thread and one fixed block later.
`dry` and `wet` lag by the same number of frames either way. A voice is prepared off the audio
thread and then played there; a change of model is a change of voice.
"""

import time
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.address import address_of
from rtvae.dsp.delay_line import DelayLine
from rtvae.dsp.reblock import Reblock
from rtvae.engine.buffered import Buffered, Outcome, buffer_rows
from rtvae.engine.fallback import Fallback
from rtvae.engine.holding import sounds_when_held
from rtvae.engine.inference import Inference
from rtvae.engine.ladder import Rung
from rtvae.engine.splice import Splice
from rtvae.errors import ModelError
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE
from rtvae.model.latent_control import LatentControl
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

Audio = NDArray[np.float32]

_WARM_UP_BLOCKS = 32
_MEASURED_BLOCKS = 64


class Voice:
    """Plays `model` in blocks of at most `max_block` frames.

    `values` are the parameters to start from, so that no knob glides at the first sound. With
    `buffered` the model runs on a worker thread; set `patient` for blocks that nobody waits for.
    After each `process`: `mean`, `bent` and `rows` (latents as encoded and as played, float32
    `(rows, latents)`), `encoder_s`, `control_s`, `decoder_s` (what they took on this thread), and
    `failed` and `concealed` (whether the model did, or came too late). `cost_s` is the usual cost
    of a block and `high_cost_s` that of a slow one, as `warm_up` found them. `inference` runs the
    model, `line` holds the dry path back, and `latent_places` are the addresses of `mean` and
    `bent` where nothing is buffered.
    """

    def __init__(
        self,
        model: LiveModel,
        stream: StreamSpec,
        max_block: int,
        values: Audio,
        buffered: bool = False,
    ) -> None:
        rate_hz, hop = stream.sample_rate_hz, model.hop_frames
        self.model = model
        self._rate_hz = rate_hz
        self._values = values
        self._serial: int | None = None
        # A block that has to be played in parts brings more than one size.
        size = stream.block_size if stream.block_size <= max_block else 0
        hops = max_block // hop + 1
        self._reblock = Reblock(hop, size, max_block)
        self.inference = Inference(model, rate_hz, hops, values)
        self._buffered: Buffered | None = None
        if buffered:
            rows = buffer_rows(hop, size or min(DEFAULT_BLOCK_SIZE, max_block))
            self._buffered = Buffered(self.inference, rows, hops, values.shape[0])
        longest = hop - 1 + model.delay_frames + (hops * hop if buffered else 0)
        self.line = DelayLine(longest, max_block)
        mean, bent = self.inference.latents
        self.latent_places = address_of(mean), address_of(bent)
        self._hop_splice, self._growth_splice = Splice(rate_hz), Splice(rate_hz)
        self._fallback = Fallback(rate_hz, max_block)
        self._slept = False
        self._old_dry = np.empty(max_block, np.float32)
        self._ramp = np.empty(max_block, np.float32)
        self._index = np.arange(1, max_block + 1, dtype=np.float32)
        self._missed = False
        self._latents: Inference | Buffered = self._buffered or self.inference
        self.rung = Rung.FULL
        self.holds = False
        self.rows = 0
        self.failed = False
        self.concealed = False
        self.cost_s = self.high_cost_s = 0.0
        self.encoder_s = self.control_s = self.decoder_s = 0.0

    @property
    def latency_frames(self) -> int:
        """By how much `wet` and `dry` lag behind `heard`."""
        own = self._reblock.latency_frames + self.model.delay_frames
        return own + self.buffer_latency_frames

    @property
    def reblock_latency_frames(self) -> int:
        """The part of the latency that comes from the device's block size."""
        return self._reblock.latency_frames

    @property
    def buffer_latency_frames(self) -> int:
        """The part of the latency that comes from a worker thread: none in the callback."""
        return 0 if self._buffered is None else self._buffered.latency_frames

    @property
    def patient(self) -> bool:
        """Whether blocks wait for the worker, because nobody waits for them."""
        return self._buffered is not None and self._buffered.patient

    @patient.setter
    def patient(self, patient: bool) -> None:
        if self._buffered is not None:
            self._buffered.patient = patient

    @property
    def keeps_denormals(self) -> bool:
        """Whether the worker's processor computes with denormal numbers."""
        return self._buffered is not None and self._buffered.keeps_denormals

    @property
    def dry_only(self) -> bool:
        """Whether the model is out of the sound because it failed."""
        return self._fallback.dry

    @property
    def given_up(self) -> bool:
        """Whether the model failed so often that it stays out."""
        return self._fallback.latched

    @property
    def control(self) -> LatentControl:
        """What bends the latents: it knows where modulators, beat, looper and leash are."""
        return self.inference.control

    @property
    def mean(self) -> Audio:
        """The last block's latents as encoded."""
        return self._latents.mean[: self.rows]

    @property
    def bent(self) -> Audio:
        """The last block's latents as played."""
        return self._latents.bent[: self.rows]

    def process(
        self, heard: Audio, wet: Audio, dry: Audio, values: Audio, serial: int | None = None
    ) -> None:
        """Play one block, all float32 `(frames,)`; `values` is the control block's array.

        `serial` is a number that changes with the values (None: look at all of them).
        Real-time: no allocation that stays, no lock, never raises on the model's account.
        """
        self._values, self._serial = values, serial
        self._begin()
        before, reblocked = self.latency_frames, self._reblock.latency_frames
        self.line.write(heard)
        self._reblock.process(heard, wet, self._run)
        grown = self._reblock.latency_frames - reblocked
        latency = before if not grown and self._buffered is None else self.latency_frames
        self.line.read(dry, latency)
        if grown:
            self._growth_splice.cut(gap_frames=grown)
        if latency != before:
            self._smooth_growth(dry, before)
        self._growth_splice.process(wet)
        self._fallback.left_out = self.rung >= Rung.DRY
        self._fallback.process(wet, dry)

    def calm(self, frames: int) -> bool:
        """Whether blocks of so many frames need nothing of it now but the model."""
        return (
            self._buffered is None
            and self.rung is Rung.FULL
            and self._reblock.passes(frames)
            and not (self._slept or self._missed)
            and self._hop_splice.at_rest
            and self._growth_splice.at_rest
            and self._fallback.at_rest
        )

    def note_run(self) -> None:
        """The model has been run by somebody else: be as after `process`. Real-time safe."""
        self._begin()
        self.rows = self.inference.rows
        self.encoder_s = self.inference.encoder_s
        self.control_s = self.inference.control_s
        self.decoder_s = self.inference.decoder_s

    def went_well(self, frames: int, last: float) -> None:
        """So many frames were sound, `last` the last sample of them. Real-time safe."""
        self._hop_splice.last = self._growth_splice.last = last
        self._fallback.pass_by(frames)

    def went_wrong(self, wet: Audio, dry: Audio) -> None:
        """A block was no sound: do to it what `process` does then. Real-time safe."""
        self.inference.fail(wet)
        self.rows = 0
        self._judge(Outcome.FAILED, wet)
        self.read_dry(dry)
        self._growth_splice.process(wet)
        self._fallback.process(wet, dry)

    def read_dry(self, dry: Audio) -> None:
        """Fill `dry` with the last block that `line` heard. Real-time safe."""
        self.line.read(dry, self.latency_frames)

    def listen(self, heard: Audio, wet: Audio, dry: Audio) -> None:
        """As `process` without the model: `wet` is silence, `dry` goes on. Real-time."""
        self._begin()
        self.line.process(heard, dry, self.latency_frames)
        wet.fill(0.0)

    def land(self, values: Audio) -> None:
        """Be where the knobs are now, without a glide, before the first block. Real-time safe."""
        self._values = values
        self.inference.land(values)

    def _begin(self) -> None:
        self.rows = 0
        self.failed = self.concealed = False
        self.encoder_s = self.control_s = self.decoder_s = 0.0

    def forgive(self) -> None:
        """Start the model afresh, whatever it did before. Real-time safe."""
        self._reset_model()
        self._hop_splice.cut()
        self._fallback.forgive()

    def close(self) -> None:
        """End the worker thread, if there is one; not on the audio thread."""
        if self._buffered is not None:
            self._buffered.close()

    def warm_up(self, block_size: int, pause_s: float | None = None) -> None:
        """Play silence until everything is in place, then forget it; not on the audio thread.

        With `pause_s` the cost is measured as a callback has it: after a pause before each block,
        in which others use the processor and its caches. Back to back, blocks cost a fraction.
        Raises ModelError if the model fails.
        """
        patient, self.patient = self.patient, True
        costs = self._costs(_WARM_UP_BLOCKS, block_size, 0.0)
        if pause_s is not None:
            costs = self._costs(_MEASURED_BLOCKS, block_size, pause_s)
        self.patient = patient
        if self._buffered is not None:
            self._buffered.reset()
        self.holds = sounds_when_held(self.model, self._rate_hz)
        self.model.reset()
        self.inference.land(self._values)
        self._reblock.reset()
        self.line.reset()
        # Blocks smaller than a hop cost nothing until one is whole; those are not asked for.
        busy = round(len(costs) * min(1.0, block_size / self.model.hop_frames))
        dearest = np.sort(costs)[-max(2, busy) :]
        self.cost_s = float(np.median(dearest))
        # Not the very slowest: now and then the machine does something else altogether.
        self.high_cost_s = float(np.quantile(dearest, 0.95))

    def _costs(self, blocks: int, block_size: int, pause_s: float) -> list[float]:
        heard = np.zeros(min(block_size, self._index.shape[0]), np.float32)
        wet, dry = np.empty_like(heard), np.empty_like(heard)
        costs = []
        for _ in range(blocks):
            if pause_s:
                time.sleep(pause_s)
            start = perf_counter()
            self.process(heard, wet, dry, self._values, 0)
            worker_s = 0.0 if self._buffered is None else self._buffered.worker_s
            costs.append(max(perf_counter() - start, worker_s))
            if self.failed or self.concealed:
                self.close()
                raise ModelError(
                    f"The model {self.model.card.name} fails as soon as it runs; "
                    "export it again or choose another one."
                )
        return costs

    def _run(self, hops_in: Audio, hops_out: Audio) -> None:
        rows = hops_in.shape[0] // self.model.hop_frames
        if self._fallback.silenced:
            hops_out.fill(0.0)
            self._slept = True
            if self._buffered is not None:
                self._buffered.skip(rows)
            return
        if self._slept:
            self._slept = False
            self._reset_model()
            self._hop_splice.cut(gap_frames=self.buffer_latency_frames)
        holding = self.rung is Rung.HOLDING
        if self._buffered is None:
            good = self.inference.run(hops_in, hops_out, self._values, holding, self._serial)
            outcome = Outcome.GOOD if good else Outcome.FAILED
            self.encoder_s = self.inference.encoder_s
            self.control_s = self.inference.control_s
            self.decoder_s = self.inference.decoder_s
        else:
            outcome = self._buffered.run(hops_in, hops_out, self._values, holding, self._serial)
            if self._buffered.gap_rows:
                self._hop_splice.cut(gap_frames=self._buffered.gap_rows * self.model.hop_frames)
        self.rows = self._latents.mean.shape[0]
        self._judge(outcome, hops_out)

    def _judge(self, outcome: Outcome, hops_out: Audio) -> None:
        missed = outcome is not Outcome.GOOD
        if missed or self._missed:
            self._hop_splice.cut()
        self._missed = missed
        if outcome is Outcome.FAILED:
            self.failed = True
            self._fallback.fail()
        elif outcome is Outcome.LATE:
            self.concealed = True
            self._fallback.rest()
        self._hop_splice.process(hops_out)

    def _reset_model(self) -> None:
        if self._buffered is None:
            self.inference.reset()
        else:
            self._buffered.reset_model()

    def _smooth_growth(self, dry: Audio, before: int) -> None:
        """An unforeseen block size made the latency grow: hide the jump in the dry path."""
        frames = dry.shape[0]
        old, ramp = self._old_dry[:frames], self._ramp[:frames]
        self.line.read(old, before)
        np.multiply(self._index[:frames], 1.0 / frames, out=ramp)
        dry -= old
        dry *= ramp
        dry += old
