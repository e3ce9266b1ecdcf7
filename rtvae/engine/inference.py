"""Inference: one run of the model: encode, bend by the knobs, decode, and judge what came out.

It belongs to one thread at a time: the audio thread, or the worker of buffered inference.
"""

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.guard import NOT_SOUND
from rtvae.dsp.peak import peak_of
from rtvae.engine.holding import Hold
from rtvae.model.latent_control import LatentControl
from rtvae.model.live import LiveModel

Audio = NDArray[np.float32]


class Inference:
    """Runs `model` over at most `max_rows` hops at a time, its knobs starting from `values`.

    `control` is what bends the latents. After each `run`: `mean` and `bent` (latents as encoded
    and as played, float32 `(rows, latents)`), and `encoder_s`, `control_s`, `decoder_s` (what they
    took).
    """

    def __init__(self, model: LiveModel, sample_rate_hz: int, max_rows: int, values: Audio) -> None:
        self.model = model
        self.control = LatentControl(
            model.latents,
            model.hop_frames,
            sample_rate_hz,
            ranges=model.ranges,
            attributes=model.attributes,
            space=model.space,
        )
        self._hold = Hold(model.latents, model.hop_frames, sample_rate_hz)
        self._mean = np.zeros((max_rows, model.latents), np.float32)
        self._std = np.zeros((max_rows, model.latents), np.float32)
        self._bent = np.zeros((max_rows, model.latents), np.float32)
        self._cut_rows = max_rows
        self._cut = self._mean, self._std, self._bent
        self.rows = 0
        self.encoder_s = self.control_s = self.decoder_s = 0.0
        # A knob that starts away from its rest is there at the first sound.
        self.control.land(values)

    @property
    def mean(self) -> Audio:
        """The last run's latents as encoded; empty if it failed."""
        return self._mean[: self.rows]

    @property
    def bent(self) -> Audio:
        """The last run's latents as played; empty if it failed."""
        return self._bent[: self.rows]

    @property
    def latents(self) -> tuple[Audio, Audio]:
        """Where `mean` and `bent` lie, from their first row on."""
        return self._mean, self._bent

    def land(self, values: Audio) -> None:
        """Be where the knobs are now, without a glide. Real-time safe."""
        self.control.land(values)

    def reset(self) -> None:
        """Return the model to the state of silence. Real-time safe."""
        self.model.reset()
        self.control.reset()

    def run(
        self,
        hops_in: Audio,
        hops_out: Audio,
        values: Audio,
        holding: bool,
        serial: int | None = None,
    ) -> bool:
        """Play whole hops, both float32 `(rows * hop,)`, contiguous; return whether it went well.

        `values` is the control block's array and `serial` a number that changes with it (None:
        look at all of it); with `holding` the encoder rests and the last latents stay. Where it
        goes wrong `hops_out` is silence and the model is reset.
        Real-time: no allocation that stays, no lock, never raises.
        """
        good = self.play(hops_in, hops_out, values, holding, serial)
        if good:
            # No sample is larger than the root of the sum of squares: one product is enough as a
            # rule. Written so that NaN, which is not <= anything, counts as a failure.
            good = float(hops_out.dot(hops_out)) <= NOT_SOUND**2 or peak_of(hops_out) <= NOT_SOUND
        if not good:
            self.fail(hops_out)
        return good

    def play(
        self,
        hops_in: Audio,
        hops_out: Audio,
        values: Audio,
        holding: bool,
        serial: int | None = None,
    ) -> bool:
        """As `run`, but leave it to the caller to judge the sound; False if the model raised.

        What goes wrong is to be followed by `fail`. Real-time: as `run`.
        """
        rows = hops_in.shape[0] // self.model.hop_frames
        if rows != self._cut_rows:
            self._cut_rows = rows
            self._cut = self._mean[:rows], self._std[:rows], self._bent[:rows]
        mean, std, bent = self._cut
        self.rows = 0
        try:
            start = perf_counter()
            if holding:
                self._hold.fill(mean, std)
            else:
                self.model.encode(hops_in, mean, std)
                self._hold.follow(mean, std)
            encoded = perf_counter()
            self.control.apply(mean, std, values, bent, serial, hops_in)
            steered = perf_counter()
            self.model.decode(bent, hops_out)
            decoded = perf_counter()
        except Exception:  # the audio thread must survive whatever a model does
            self.encoder_s = self.control_s = self.decoder_s = 0.0
            return False
        self.encoder_s = encoded - start
        self.control_s = steered - encoded
        self.decoder_s = decoded - steered
        self.rows = rows
        return True

    def fail(self, hops_out: Audio) -> None:
        """What the model made is no sound: be silent, and start it afresh. Real-time safe."""
        self.rows = 0
        hops_out.fill(0.0)
        self.reset()
