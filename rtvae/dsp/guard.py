"""Guard: the last stage before the loudspeaker, whatever the model does.

Four steps in place, in this order; each leaves audio that is in range bit for bit as it is:

    finite check -> DC blocker -> limiter -> mute ramp

The finite check replaces a block that is not sound, the DC blocker removes an offset that stays,
the limiter holds a ceiling of -1 dBFS, and the mute ramp starts in silence (unless nobody listens).
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.dc_blocker import DcBlocker
from rtvae.dsp.limiter import Limiter
from rtvae.dsp.mute import Mute
from rtvae.dsp.peak import peak_of

Audio = NDArray[np.float32]

# What `process` returns, added up.
REPAIRED = 1
LIMITED = 2
DC_REMOVED = 4

NOT_SOUND = 100.0  # 40 dB over full scale: no gain setting leads there, only a fault does
SPLICE_MS = 10.0


def is_sound(peak: float, energy: float) -> bool:
    """Whether a block is sound by its largest magnitude, NaN passed over, and sum of squares."""
    return energy <= NOT_SOUND**2 or (energy < math.inf and peak <= NOT_SOUND)


class Guard:
    """Makes one mono stream safe to hear. Starts muted and ramps in.

    max_block       the most frames one call of `process` will bring
    sample_rate_hz  sets the lengths of all ramps
    muted           false where the sound goes to a file: it is then there from the first frame
    """

    def __init__(self, max_block: int, sample_rate_hz: int, *, muted: bool = True) -> None:
        frames = round(SPLICE_MS * 1e-3 * sample_rate_hz)
        # A falling half cosine: 1 at the seam, 0 after `frames`.
        self._fall = (0.5 + 0.5 * np.cos(np.pi * np.arange(frames) / frames)).astype(np.float32)
        self._scratch = np.empty(max_block, np.float32)
        self._fallen = frames
        self._gap = 0.0
        self._last = 0.0
        self._was_good = True
        self._dc = DcBlocker(max_block, sample_rate_hz)
        self._limiter = Limiter(max_block, sample_rate_hz)
        self._mute = Mute(max_block, sample_rate_hz, muted=muted)

    @property
    def silent(self) -> bool:
        """Whether the mute ramp has arrived at silence."""
        return self._mute.silent

    def shut(self) -> None:
        """Start anew from silence: there was a hole in time. Real-time safe."""
        self._mute.shut()

    @property
    def attenuation_db(self) -> float:
        """What the limiter takes away at present; may be set, to go on where another stood."""
        return self._limiter.attenuation_db

    @attenuation_db.setter
    def attenuation_db(self, value: float) -> None:
        self._limiter.attenuation_db = value

    def process(self, audio: Audio, muted: bool, dry: Audio | None = None) -> int:
        """Make one block safe, in place: `audio` float32 `(frames,)`, contiguous.

        A block with a sample that is NaN, infinite or beyond NOT_SOUND is replaced by `dry` (the
        same frames of the dry path, if it is sound itself) or silence. Both seams, into the
        replacement and back, are bridged: the gap at the seam is added and faded out in 10 ms.
        Returns REPAIRED, LIMITED and DC_REMOVED, added up, for this block.
        Real-time: no allocation that stays, no lock, never raises.
        """
        if not audio.shape[0]:
            return 0
        # NaN survives the search, so that one comparison finds every kind of fault.
        peak = peak_of(audio)
        good = peak <= NOT_SOUND
        flags = 0 if good else REPAIRED
        if not good:
            peak = self._replace(audio, dry)
        if good != self._was_good:
            self._gap = self._last - float(audio[0])
            self._fallen = 0
            self._was_good = good
        if self._fallen < self._fall.shape[0]:
            self._bridge(audio)
            peak = peak_of(audio)
        self._last = float(audio[-1])
        if self._dc.process(audio):
            flags |= DC_REMOVED
            peak = peak_of(audio)
        if self._limiter.process(audio, peak):
            flags |= LIMITED
        self._mute.process(audio, muted)
        return flags

    @property
    def at_rest(self) -> bool:
        """Whether it leaves sound that is in range as it is, and is open."""
        return (
            self._was_good
            and self._fallen >= self._fall.shape[0]
            and self._dc.at_rest
            and self._limiter.attenuation_db == 0.0
            and self._mute.open
        )

    @property
    def offset(self) -> DcBlocker:
        """What removes an offset."""
        return self._dc

    def went_by(self, last: float) -> None:
        """Blocks went by while `at_rest`, this was the last sample of the last. Real-time safe."""
        self._last = last

    def _replace(self, audio: Audio, dry: Audio | None) -> float:
        if dry is not None:
            peak = peak_of(dry)
            if peak <= NOT_SOUND:
                audio[:] = dry
                return peak
        audio[:] = 0.0
        return 0.0

    def _bridge(self, audio: Audio) -> None:
        frames = min(audio.shape[0], self._fall.shape[0] - self._fallen)
        fade = self._scratch[:frames]
        np.multiply(self._fall[self._fallen : self._fallen + frames], self._gap, out=fade)
        audio[:frames] += fade
        self._fallen += frames
