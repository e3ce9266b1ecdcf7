"""Blend: two voices side by side, with a crossfader between them, in the same block.

    heard -> voice A -> delay to the slower one ---- cos ----+
          -> voice B -> delay to the slower one ---- sin ----+--> wet

The parameter "blend" is the crossfader: 0 is A alone and 1 is B alone, bit for bit; between them
the power stays the same. Both voices always run, heard or not: the one that comes in is in the
middle of its phrase, and the load does not jump when the fader moves. A voice whose model fails
gives its own dry path, so only its share of the sound goes dry.
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import index_of
from rtvae.dsp.delay_line import DelayLine
from rtvae.dsp.smoothing import Ramp
from rtvae.engine.ladder import Rung
from rtvae.engine.voice import Voice
from rtvae.model.latent_control import LatentControl
from rtvae.model.live import LiveModel

Audio = NDArray[np.float32]

RAMP_MS = 10.0

_BLEND = index_of("blend")
_QUARTER_TURN = np.float32(0.5 * math.pi)


class Blend:
    """Plays `first` and `second` as one voice; has what Voice has.

    What speaks of latents (`model`, `control`, `mean`, `bent`, `rows`) speaks of the first; costs
    are those of both together, latencies those of the slower one.
    """

    def __init__(
        self, first: Voice, second: Voice, sample_rate_hz: int, max_block: int, values: Audio
    ) -> None:
        self.first, self.second = first, second
        self._both = (first, second)
        longest = max(voice.latency_frames + voice.model.hop_frames for voice in self._both)
        self._wet_lag, self._dry_lag, self._other_lag = (_Lag(longest, max_block) for _ in range(3))
        self._target = 0.0
        self._fader = Ramp(self._wanted(values), round(RAMP_MS * 1e-3 * sample_rate_hz), max_block)
        self._other_wet = np.empty(max_block, np.float32)
        self._other_dry = np.empty(max_block, np.float32)
        self._turn = np.empty(max_block, np.float32)
        self._gain = np.empty(max_block, np.float32)

    @property
    def model(self) -> LiveModel:
        """The first voice's model."""
        return self.first.model

    @property
    def _slower(self) -> Voice:
        later = self.second.latency_frames > self.first.latency_frames
        return self.second if later else self.first

    @property
    def latency_frames(self) -> int:
        """By how much `wet` and `dry` lag behind `heard`."""
        return self._slower.latency_frames

    @property
    def reblock_latency_frames(self) -> int:
        """The part of the latency that comes from the device's block size."""
        return self._slower.reblock_latency_frames

    @property
    def buffer_latency_frames(self) -> int:
        """The part of the latency that comes from a worker thread."""
        return self._slower.buffer_latency_frames

    @property
    def rows(self) -> int:
        """How many latents the first model gave in the last block."""
        return self.first.rows

    @property
    def control(self) -> LatentControl:
        """What bends the first model's latents."""
        return self.first.control

    @property
    def mean(self) -> Audio:
        """The last block's latents as encoded."""
        return self.first.mean

    @property
    def bent(self) -> Audio:
        """The last block's latents as played."""
        return self.first.bent

    @property
    def encoder_s(self) -> float:
        """What both encoders took in the last block."""
        return self.first.encoder_s + self.second.encoder_s

    @property
    def control_s(self) -> float:
        """What both latent controls took in the last block."""
        return self.first.control_s + self.second.control_s

    @property
    def decoder_s(self) -> float:
        """What both decoders took in the last block."""
        return self.first.decoder_s + self.second.decoder_s

    @property
    def cost_s(self) -> float:
        """The usual cost of a block."""
        return self.first.cost_s + self.second.cost_s

    @property
    def high_cost_s(self) -> float:
        """The cost of a slow block: a bad moment meets one of them, not both."""
        return self.cost_s + max(voice.high_cost_s - voice.cost_s for voice in self._both)

    @property
    def failed(self) -> bool:
        """Whether one of the models failed in the last block."""
        return self.first.failed or self.second.failed

    @property
    def rung(self) -> Rung:
        """On which rung of the ladder both play."""
        return self.first.rung

    @rung.setter
    def rung(self, rung: Rung) -> None:
        self.first.rung = self.second.rung = rung

    @property
    def holds(self) -> bool:
        """Whether both can play on from held latents."""
        return self.first.holds and self.second.holds

    @property
    def concealed(self) -> bool:
        """Whether one of the models came too late for the last block."""
        return self.first.concealed or self.second.concealed

    @property
    def patient(self) -> bool:
        """Whether blocks wait for the workers, because nobody waits for them."""
        return self.first.patient

    @patient.setter
    def patient(self, patient: bool) -> None:
        for voice in self._both:
            voice.patient = patient

    @property
    def keeps_denormals(self) -> bool:
        """Whether a worker's processor computes with denormal numbers."""
        return any(voice.keeps_denormals for voice in self._both)

    @property
    def dry_only(self) -> bool:
        """Whether no model is in the sound because those that should be failed."""
        first_out = self.first.dry_only or self._target == 1.0
        second_out = self.second.dry_only or self._target == 0.0
        return first_out and second_out

    @property
    def given_up(self) -> bool:
        """Whether a model failed so often that it stays out."""
        return self.first.given_up or self.second.given_up

    def process(
        self, heard: Audio, wet: Audio, dry: Audio, values: Audio, serial: int | None = None
    ) -> None:
        """Play one block, all float32 `(frames,)`; `values` is the control block's array.

        `serial` is a number that changes with the values (None: look at all of them).
        Real-time: no allocation that stays, no lock, never raises on a model's account.
        """
        frames = heard.shape[0]
        other_wet, other_dry = self._other_wet[:frames], self._other_dry[:frames]
        self.first.process(heard, wet, dry, values, serial)
        self.second.process(heard, other_wet, other_dry, values, serial)
        self._align(wet, dry, other_wet)
        self._target = self._wanted(values)
        self._crossfade(wet, other_wet)

    def listen(self, heard: Audio, wet: Audio, dry: Audio) -> None:
        """As `process` without the models: `wet` is silence, `dry` goes on. Real-time."""
        frames = heard.shape[0]
        other_wet, other_dry = self._other_wet[:frames], self._other_dry[:frames]
        self.first.listen(heard, wet, dry)
        self.second.listen(heard, other_wet, other_dry)
        self._align(wet, dry, other_wet)
        wet.fill(0.0)

    def land(self, values: Audio) -> None:
        """Be where the knobs are now, without a glide, before the first block. Real-time safe."""
        for voice in self._both:
            voice.land(values)
        self._target = self._wanted(values)
        self._fader.land(self._target)

    def forgive(self) -> None:
        """Start both models afresh, whatever they did before. Real-time safe."""
        for voice in self._both:
            voice.forgive()

    def close(self) -> None:
        """End the worker threads, if there are any; not on the audio thread."""
        for voice in self._both:
            voice.close()

    def warm_up(self, block_size: int, pause_s: float | None = None) -> None:
        """Warm up both voices; not on the audio thread. Raises ModelError if a model fails."""
        for voice in self._both:
            voice.warm_up(block_size, pause_s)

    def _align(self, wet: Audio, dry: Audio, other_wet: Audio) -> None:
        first, second = self.first.latency_frames, self.second.latency_frames
        latency = max(first, second)
        self._wet_lag.process(wet, latency - first)
        self._dry_lag.process(dry, latency - first)
        self._other_lag.process(other_wet, latency - second)

    def _wanted(self, values: Audio) -> float:
        share = float(values[_BLEND])
        # Written so that NaN leaves the fader where it is.
        return share if 0.0 <= share <= 1.0 else self._target

    def _crossfade(self, wet: Audio, other: Audio) -> None:
        shares = self._fader.advance(self._target, wet.shape[0])
        if shares is not None:
            turn, gain = self._turn[: wet.shape[0]], self._gain[: wet.shape[0]]
            np.multiply(shares, _QUARTER_TURN, out=turn)
            wet *= np.cos(turn, out=gain)
            other *= np.sin(turn, out=gain)
            wet += other
        elif self._target == 1.0:
            wet[:] = other
        elif self._target != 0.0:
            wet *= math.cos(self._target * _QUARTER_TURN)
            other *= math.sin(self._target * _QUARTER_TURN)
            wet += other


class _Lag:
    """Holds one stream back by a number of frames that may change: then it crossfades."""

    def __init__(self, longest: int, max_block: int) -> None:
        self._line = DelayLine(longest, max_block)
        self._delay = 0
        self._before = np.empty(max_block, np.float32)
        self._ramp = np.empty(max_block, np.float32)
        self._index = np.arange(1, max_block + 1, dtype=np.float32)
        self._begun = False

    def process(self, audio: Audio, delay_frames: int) -> None:
        """Delay float32 `(frames,)` in place. Real-time: no allocation that stays."""
        frames = audio.shape[0]
        self._line.write(audio)
        moved = self._begun and delay_frames != self._delay
        if delay_frames:
            self._line.read(audio, delay_frames)
        if moved and frames:
            before, ramp = self._before[:frames], self._ramp[:frames]
            self._line.read(before, self._delay)
            np.multiply(self._index[:frames], 1.0 / frames, out=ramp)
            audio -= before
            audio *= ramp
            audio += before
        self._delay = delay_frames
        self._begun = True


Playable = Voice | Blend
"""What the block path plays and a swap changes."""
