"""Latent control: what the player does to the latents, between encoder and decoder.

In this order, once for each hop (docs/latents.md says it for players):

    generate    the input's latents fade to generated ones
    feedback    mixed with what was played a while ago
    knobs       * scale (inverted: * -1) + offset
    looper      records this, or repeats what it recorded
    modulators  + what the eight do to each latent
    diffusion   + noise on all latents, of any colour
    clamp       held in the card's range where that is switched on
    leash       drawn back toward where the model is at home
    variation   + variation * std * noise, and clamped again
    freeze      held where it was played last

Nothing jumps: what is turned glides there with a time constant of 10 ms. All chance is seeded: the
same input with the same settings gives the same sound.
"""

import numpy as np

from rtvae.latents.beat import Beat
from rtvae.latents.diffusion import Diffusion
from rtvae.latents.feedback import Feedback
from rtvae.latents.freeze import Freeze
from rtvae.latents.generator import Gaussian, Generator
from rtvae.latents.glide import pull_of
from rtvae.latents.knobs import Knobs
from rtvae.latents.leash import Leash
from rtvae.latents.looper import Looper
from rtvae.latents.modulators import Modulators
from rtvae.latents.settings import Settings
from rtvae.model.live import Floats
from rtvae.model.prior import Prior
from rtvae.model.space import Space

NOISE_ROWS = 256
WIDEST = 8.0
"""The range of a latent where no card states one."""


class LatentControl:
    """Everything that bends the latents of one model, of which there are `latents`.

    `ranges` are the card's, lowest and highest, `attributes` what it says of each; `space` is
    where the model is at home. Shown: `modulators` (float32 `(8,)`, their outputs), `beat`,
    `looper_rows`, `looper_at` (in hops) and `leash_pull` (sd, rms over the latents), all as of the
    last hop.
    """

    def __init__(
        self,
        latents: int,
        hop_frames: int = 64,
        sample_rate_hz: int = 48_000,
        seed: int = 0,
        *,
        ranges: tuple[Floats, Floats] | None = None,
        attributes: tuple[str, ...] = (),
        space: Space | None = None,
    ) -> None:
        hop_s = hop_frames / sample_rate_hz
        pull = pull_of(hop_s)
        widest = np.full(latents, WIDEST, np.float32)
        low, high = ranges or (-widest, widest)
        prior = None if space is None else Prior(space, seed)
        self._hop = hop_frames
        self._settings = Settings(latents)
        self._knobs = Knobs(low, high, pull)
        self._generator = Generator(Gaussian(latents, hop_s, seed + 1), prior, latents, pull)
        level = np.array([attribute != "" for attribute in attributes or [""] * latents], bool)
        self._feedback = Feedback(low, high, level, hop_s, pull)
        self._looper = Looper(self._knobs.offset, self._knobs.scale, hop_s, pull)
        self._modulators = Modulators(latents, hop_s, seed + 2)
        self._diffusion = Diffusion(latents, hop_s, seed + 3)
        self._freeze = Freeze(latents, pull)
        self._leash = None if space is None else _leash(space)
        self._beat = Beat(hop_s)
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._first_noise = self._random.bit_generator.state
        self._noise = np.empty((NOISE_ROWS, latents), np.float32)
        self._last: Floats | None = None
        self._serial: int | None = None
        self.modulators = self._modulators.out
        self._look()

    @property
    def beat(self) -> float:
        """The beat that it has reached."""
        return self._beat.value

    @property
    def looper_rows(self) -> int:
        """The length of the loop in hops; 0 if there is none."""
        return self._looper.rows

    @property
    def looper_at(self) -> int:
        """The place in the loop, in hops."""
        return int(self._looper.at)

    @property
    def leash_pull(self) -> float:
        """By how much the leash drew in the last hop."""
        return 0.0 if self._leash is None or self._even else self._leash.pull

    def apply(
        self,
        mean: Floats,
        std: Floats,
        values: Floats,
        out: Floats,
        serial: int | None = None,
        heard: Floats | None = None,
    ) -> None:
        """Bend one block's latents: `mean`, `std`, `out` float32 `(n, latents)`, n >= 0.

        values  the control block's float32 `(PARAMETER_COUNT,)`: held inside each parameter's
                range, and where it is NaN the last sane value holds
        serial  a number that changes with `values`: while it stays they are not looked at
        heard   the block's sound, float32 `(n * hop,)`, for the envelope followers
        `out` stays as it is until the next call. A mean that is NaN passes through, so that the
        guard sees it and the engine resets the model.
        Real-time: no allocation that stays. With nothing switched on one or two NumPy calls a
        block; else some ten a hop and a few for each feature that is on.
        """
        if serial is None or serial != self._serial:
            self._aim(values)
            self._serial = serial
        rows, row, hop = mean.shape[0], 0, self._hop
        while row < rows and not self._even:
            sound = None if heard is None else heard[row * hop : (row + 1) * hop]
            self._play(mean[row], std[row], out[row], sound)
            row += 1
        if row < rows:
            self._pass_on(mean[row:], std[row:], out[row:])
        if rows:
            self._last = out

    def land(self, values: Floats) -> None:
        """Be where `values` point to, without a glide, and begin everything anew.

        What is played from here on depends on nothing that was before. Real-time safe, but not
        meant for every block.
        """
        self._serial = None
        self._last = None
        self._take(values)
        self._beat.land(self._settings["tempo_bpm"], self._settings["beat"])
        self._knobs.land()
        self._random.bit_generator.state = self._first_noise
        self._generator.land()
        self._feedback.land()
        self._looper.land()
        self._modulators.land()
        self._diffusion.land()
        self._freeze.land()
        self._freeze.aim(self._settings.freeze, None)
        self._look()

    def reset(self) -> None:
        """Forget what was played, as the model does. A loop is kept. Real-time safe."""
        self._feedback.forget()
        self._last = None

    def _aim(self, values: Floats) -> None:
        self._take(values)
        self._freeze.aim(self._settings.freeze, None if self._last is None else self._last[-1])
        self._look()

    def _take(self, values: Floats) -> None:
        """Point everything but the frozen latents where the values are."""
        settings = self._settings
        settings.take(values)
        self._beat.aim(settings["tempo_bpm"], settings["beat"])
        self._knobs.aim(settings)
        self._generator.aim(learned=settings["prior"] >= 0.5, pace=settings["generate_pace"])
        self._feedback.aim(settings["feedback_ms"])
        self._looper.aim(
            round(settings["looper"]), settings["looper_mix"], settings["looper_speed"]
        )
        self._modulators.aim(settings, jumped=self._beat.jumped)
        self._diffusion.aim(settings["diffusion_colour"])

    def _look(self) -> None:
        """Find out whether each hop is bent as the one before, and whether it is bent at all."""
        knobs, share = self._knobs, self._knobs.share
        moving = (
            not knobs.resting
            or self._modulators.busy
            or self._looper.busy
            or self._freeze.busy
            or share["generate"] > 0.0
            or share["feedback"] > 0.0
            or share["diffusion"] > 0.0
        )
        bent = knobs.bends or knobs.clamps or share["variation"] > 0.0
        leashed = knobs.bends and self._leash is not None and share["leash"] > 0.0
        self._even = not (moving or leashed)
        self._untouched = self._even and not bent

    def _pass_on(self, mean: Floats, std: Floats, out: Floats) -> None:
        """Bend rows `(n, latents)` that are all bent in the same way."""
        self._beat.pass_by(mean.shape[0])
        if self._untouched:
            out[:] = mean
            return
        knobs, variation = self._knobs, self._knobs.share["variation"]
        for start in range(0, mean.shape[0], NOISE_ROWS):
            rows = slice(start, start + NOISE_ROWS)
            knobs.bend(mean[rows], out[rows])
            if variation > 0.0:
                self._vary(out[rows], std[rows], self._noise[: out[rows].shape[0]], variation)
            if knobs.clamps:
                knobs.hold_in_range(out[rows])

    def _play(self, mean: Floats, std: Floats, row: Floats, heard: Floats | None) -> None:
        """Bend one hop, all `(latents,)`, with everything that is on."""
        knobs, share, leash = self._knobs, self._knobs.share, self._leash
        if not knobs.resting:
            knobs.step()
            self._looper.turn()
        row[:] = mean
        if share["generate"] > 0.0:
            self._generator.mix(row, share["generate"], share["generate_spread"])
        if share["feedback"] > 0.0:
            self._feedback.mix(row, share["feedback"])
        if knobs.bends:
            knobs.bend(row, row)
        if self._looper.busy:
            self._looper.step(row)
        if self._modulators.busy:
            self._modulators.step(self._beat.value, heard)
            if knobs.routed:
                self._modulators.move(row, knobs.routes)
        if share["diffusion"] > 0.0:
            self._diffusion.add(row, share["diffusion"])
        if knobs.clamps:
            knobs.hold_in_range(row)
        if leash is not None:
            leash.hold(row, mean, share["leash"])
        if share["variation"] > 0.0:
            # After the leash: the model was trained on this very noise, it is at home there.
            self._vary(row, std, self._noise[0], share["variation"])
            if knobs.clamps:
                knobs.hold_in_range(row)
        if self._freeze.busy:
            self._freeze.apply(row)
        if share["feedback"] > 0.0:
            self._feedback.keep(row)
        else:
            self._feedback.forget()
        self._beat.pass_by(1)
        self._look()

    def _vary(self, rows: Floats, std: Floats, noise: Floats, variation: float) -> None:
        self._random.standard_normal(dtype=np.float32, out=noise)
        noise *= std
        noise *= variation
        rows += noise


def _leash(space: Space) -> Leash:
    return Leash(space.mean, space.least, space.most, space.whiten, space.radius)
