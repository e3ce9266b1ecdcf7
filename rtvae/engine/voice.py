"""Voice: one model made ready to play, with everything whose size depends on it.

    heard -> dry delay -----------------------------------> dry
          -> reblock { encode -> latent control -> decode } -> fallback -> wet

`dry` and `wet` lag by the same number of frames. A voice is prepared off the audio thread and
then played there; a change of model is a change of voice.
"""

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.delay_line import DelayLine
from rtvae.dsp.guard import NOT_SOUND
from rtvae.dsp.reblock import Reblock
from rtvae.engine.fallback import Fallback
from rtvae.engine.holding import Hold, sounds_when_held
from rtvae.engine.ladder import Rung
from rtvae.engine.splice import Splice
from rtvae.errors import ModelError
from rtvae.model.latent_control import LatentControl
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

Audio = NDArray[np.float32]

_WARM_UP_BLOCKS = 32


class Voice:
    """Plays `model` in blocks of at most `max_block` frames.

    `values` are the parameters to start from, so that no knob glides at the first sound.
    After each `process`: `mean`, `bent` and `rows` (latents as encoded and as played, float32
    `(rows, latents)`), `encoder_s`, `control_s`, `decoder_s` (what they took), and `failed`
    (whether the model did). `cost_s` is the usual cost of a block, as `warm_up` found it.
    """

    def __init__(self, model: LiveModel, stream: StreamSpec, max_block: int, values: Audio) -> None:
        rate_hz, hop = stream.sample_rate_hz, model.hop_frames
        self.model = model
        self._rate_hz = rate_hz
        self._values = values
        # A block that has to be played in parts brings more than one size.
        size = stream.block_size if stream.block_size <= max_block else 0
        self._reblock = Reblock(hop, size, max_block)
        self._delay = DelayLine(hop - 1 + model.delay_frames, max_block)
        self._knobs = LatentControl(model.latents, hop, rate_hz)
        self._hop_splice, self._growth_splice = Splice(rate_hz), Splice(rate_hz)
        self._fallback = Fallback(rate_hz, max_block)
        self._hold = Hold(model.latents, hop, rate_hz)
        self._slept = False
        hops = max_block // hop + 1
        self._mean = np.zeros((hops, model.latents), np.float32)
        self._std = np.zeros((hops, model.latents), np.float32)
        self._bent = np.zeros((hops, model.latents), np.float32)
        self._magnitude = np.empty(hops * hop, np.float32)
        self._old_dry = np.empty(max_block, np.float32)
        self._ramp = np.empty(max_block, np.float32)
        self._index = np.arange(1, max_block + 1, dtype=np.float32)
        self._growths = 0
        self.rung = Rung.FULL
        self.holds = False
        self.rows = 0
        self.failed = False
        self.cost_s = 0.0
        self.encoder_s = self.control_s = self.decoder_s = 0.0
        # A knob that starts away from its rest is there at the first sound.
        self._knobs.land(values)

    @property
    def latency_frames(self) -> int:
        """By how much `wet` and `dry` lag behind `heard`."""
        return self._reblock.latency_frames + self.model.delay_frames

    @property
    def reblock_latency_frames(self) -> int:
        """The part of the latency that comes from the device's block size."""
        return self._reblock.latency_frames

    @property
    def buffer_latency_frames(self) -> int:
        """The part of the latency that comes from a worker thread: none in the callback."""
        return 0

    @property
    def dry_only(self) -> bool:
        """Whether the model is out of the sound because it failed."""
        return self._fallback.dry

    @property
    def given_up(self) -> bool:
        """Whether the model failed so often that it stays out."""
        return self._fallback.latched

    @property
    def mean(self) -> Audio:
        """The last block's latents as encoded."""
        return self._mean[: self.rows]

    @property
    def bent(self) -> Audio:
        """The last block's latents as played."""
        return self._bent[: self.rows]

    def process(self, heard: Audio, wet: Audio, dry: Audio, values: Audio) -> None:
        """Play one block, all float32 `(frames,)`; `values` is the control block's array.

        Real-time: no allocation that stays, no lock, never raises on the model's account.
        """
        self._values = values
        self._begin()
        before = self.latency_frames
        self._delay.write(heard)
        self._reblock.process(heard, wet, self._run)
        self._delay.read(dry, self.latency_frames)
        if self._reblock.growths != self._growths:
            self._smooth_growth(dry, before)
        self._growth_splice.process(wet)
        self._fallback.left_out = self.rung >= Rung.DRY
        self._fallback.process(wet, dry)

    def listen(self, heard: Audio, wet: Audio, dry: Audio) -> None:
        """As `process` without the model: `wet` is silence, `dry` goes on. Real-time."""
        self._begin()
        self._delay.process(heard, dry, self.latency_frames)
        wet.fill(0.0)

    def land(self, values: Audio) -> None:
        """Be where the knobs are now, without a glide, before the first block. Real-time safe."""
        self._values = values
        self._knobs.land(values)

    def _begin(self) -> None:
        self.rows = 0
        self.failed = False
        self.encoder_s = self.control_s = self.decoder_s = 0.0

    def forgive(self) -> None:
        """Start the model afresh, whatever it did before. Real-time safe."""
        self.model.reset()
        self._hop_splice.cut()
        self._fallback.forgive()

    def warm_up(self, block_size: int) -> None:
        """Play silence until everything is in place, then forget it; not on the audio thread.

        Raises ModelError if the model fails.
        """
        heard = np.zeros(min(block_size, self._index.shape[0]), np.float32)
        wet, dry = np.empty_like(heard), np.empty_like(heard)
        costs = []
        for _ in range(_WARM_UP_BLOCKS):
            start = perf_counter()
            self.process(heard, wet, dry, self._values)
            costs.append(perf_counter() - start)
            if self.failed:
                raise ModelError(
                    f"The model {self.model.card.name} fails as soon as it runs; "
                    "export it again or choose another one."
                )
        self.holds = sounds_when_held(self.model, self._rate_hz)
        self.model.reset()
        self._knobs.land(self._values)
        self._reblock.reset()
        self._delay.reset()
        self.cost_s = float(np.median(costs))

    def _run(self, hops_in: Audio, hops_out: Audio) -> None:
        rows = hops_in.shape[0] // self.model.hop_frames
        if self._fallback.silenced:
            hops_out.fill(0.0)
            self._slept = True
            return
        if self._slept:
            self._slept = False
            self.model.reset()
            self._hop_splice.cut()
        mean, std, bent = self._mean[:rows], self._std[:rows], self._bent[:rows]
        try:
            start = perf_counter()
            if self.rung is Rung.HOLDING:
                self._hold.fill(mean, std)
            else:
                self.model.encode(hops_in, mean, std)
                self._hold.follow(mean, std)
            encoded = perf_counter()
            self._knobs.apply(mean, std, self._values, bent)
            steered = perf_counter()
            self.model.decode(bent, hops_out)
            decoded = perf_counter()
            self.encoder_s = encoded - start
            self.control_s = steered - encoded
            self.decoder_s = decoded - steered
            self.rows = rows
            magnitude = np.abs(hops_out, out=self._magnitude[: hops_out.shape[0]])
            # Written so that NaN, which is not <= anything, counts as a failure.
            good = bool(magnitude.max() <= NOT_SOUND)
        except Exception:  # the audio thread must survive whatever a model does
            good = False
        if not good:
            self._fail(hops_out)
        self._hop_splice.process(hops_out)

    def _fail(self, hops_out: Audio) -> None:
        self.rows = 0
        self.failed = True
        hops_out.fill(0.0)
        self.model.reset()
        self._hop_splice.cut()
        self._fallback.fail()

    def _smooth_growth(self, dry: Audio, before: int) -> None:
        """An unforeseen block size made the latency grow: hide the jump in both paths."""
        self._growths = self._reblock.growths
        self._growth_splice.cut(gap_frames=self.latency_frames - before)
        frames = dry.shape[0]
        old, ramp = self._old_dry[:frames], self._ramp[:frames]
        self._delay.read(old, before)
        np.multiply(self._index[:frames], 1.0 / frames, out=ramp)
        dry -= old
        dry *= ramp
        dry += old
