"""Howl: tells feedback from loud music, and turns it down until it is calm.

    LISTENING --full scale and steady for 0.5 s--> PROBING --input follows--> DUCKED
        ^                                          ^  |                         |
        |                                          |  | input does not          | 2 s
        |                                          |  v                         |
        +--------------level is back------------ RETURNING <--------------------+

A howl stands at full scale and does not move: for half a second every 50 ms reach -3 dBFS with the
limiter at work or the input clipping, and their rms stays within 3 dB. A held organ chord may do
that too. So the sound is turned down by 6 dB for 0.2 s: what comes back from a loudspeaker falls
with it, what a player plays does not, and a false alarm is a short dip (no other for 20 s, then 40
and so on). Where the input clips, a small step would drown in the clipping, and the step is the
whole 20 dB.

Ducked by 20 dB the sound waits two seconds and comes back within two more. Should it howl again
on the way or soon after, it waits twice as long, up to a minute.
"""

import math
from enum import Enum

WINDOW_S = 0.05
LOUD = 10 ** (-3 / 20)
STEADY = 10 ** (3 / 10)  # of powers: 3 dB
SUSPECT_WINDOWS = 10
PROBE_WINDOWS = 4
PROBE = 10 ** (-6 / 20)
FOLLOWED = 10 ** (-4 / 10)  # of powers: 4 dB
EXEMPT_S = 20.0
CLIPPING = 0.99
QUIET = 1e-7  # power of an input that nothing comes back to: -70 dBFS
DUCK = 10 ** (-20 / 20)
DUCK_S = 2.0
LONGEST_DUCK_S = 60.0
RETURN_S = 2.0
CALM_S = 20.0


class Stage(Enum):
    """What is being done about a howl."""

    LISTENING = "listening"
    PROBING = "probing"
    DUCKED = "ducked"
    RETURNING = "returning"


class Howl:
    """Watches levels, block by block, and says by which `gain` to multiply what has been limited.

    `howls` counts how often the sound was ducked.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self.gain = 1.0
        self.howls = 0
        self.stage = Stage.LISTENING
        self._second_frames = float(sample_rate_hz)
        self._window_frames = WINDOW_S * sample_rate_hz
        self._listen_anew()

    def _listen_anew(self) -> None:
        self._frames = 0
        self._peak = self._heard_peak = self._energy = self._heard_energy = 0.0
        self._limited = False
        self._run = 0
        self._lowest = self._highest = 0.0
        self._heard_before = 0.0
        self._gain_before = 1.0
        self._windows = 0
        self._exempt_s, self._calm_s = 0.0, CALM_S
        self._next_exempt_s = EXEMPT_S
        self._duck_s = DUCK_S

    def restart(self) -> None:
        """Judge from here on as if nothing had been heard before, unless there is a howl now.

        Another voice sounds otherwise; and what is recorded from its first frame on can be played
        again with the same judgements. Real-time: a few assignments.
        """
        if self.stage is Stage.LISTENING:
            self._listen_anew()

    @property
    def ducked(self) -> bool:
        """Whether the sound is turned down because of a howl."""
        returning = self.stage is Stage.RETURNING and self.gain < 1.0
        return returning or self.stage is Stage.DUCKED

    def advance(
        self,
        frames: int,
        heard_peak: float,
        heard_power: float,
        peak: float,
        power: float,
        limited: bool,
    ) -> None:
        """Note one block: peak and mean square of the input, and of the output before `gain`.

        `limited` says that the limiter was at work.

        Real-time: a few additions; every 50 ms a few comparisons more.
        """
        self._frames += frames
        self._limited = self._limited or limited
        self._peak = max(self._peak, peak)
        self._heard_peak = max(self._heard_peak, heard_peak)
        self._energy += frames * power
        self._heard_energy += frames * heard_power
        if self._frames >= self._window_frames:
            self._judge()
            self._frames = 0
            self._peak = self._heard_peak = self._energy = self._heard_energy = 0.0
            self._limited = False

    def _judge(self) -> None:
        """At the end of each window."""
        seconds = self._frames / self._second_frames
        power, heard = self._energy / self._frames, self._heard_energy / self._frames
        self._note_loudness(power)
        self._windows += 1
        self._exempt_s = max(0.0, self._exempt_s - seconds)
        if self.stage is Stage.PROBING:
            if self._windows >= PROBE_WINDOWS:
                self._conclude(heard)
        elif self.stage is Stage.DUCKED:
            if self._windows * WINDOW_S >= self._duck_s:
                self._enter(Stage.RETURNING)
        else:
            if self.stage is Stage.RETURNING:
                self._return(seconds)
            self._suspect(heard, seconds)

    def _note_loudness(self, power: float) -> None:
        """Count the windows in a row that are at full scale and of one loudness."""
        at_its_end = self._limited or self._heard_peak >= CLIPPING
        if self._peak < LOUD or not at_its_end:
            self._run = 0
            return
        lowest, highest = min(self._lowest, power), max(self._highest, power)
        if self._run and highest <= STEADY * lowest:
            self._run += 1
            self._lowest, self._highest = lowest, highest
        else:
            self._run = 1
            self._lowest = self._highest = power

    def _suspect(self, heard: float, seconds: float) -> None:
        self._calm_s += seconds
        if self._calm_s >= CALM_S:
            self._duck_s = DUCK_S
        if self._run >= SUSPECT_WINDOWS and not self._exempt_s and heard > QUIET:
            self._heard_before = heard
            self._gain_before = self.gain
            self.gain = min(self.gain, DUCK if self._heard_peak >= CLIPPING else PROBE * self.gain)
            self._enter(Stage.PROBING)

    def _conclude(self, heard: float) -> None:
        if heard > FOLLOWED * self._heard_before:
            self.gain = self._gain_before
            self._exempt_s, self._next_exempt_s = self._next_exempt_s, 2.0 * self._next_exempt_s
            self._enter(Stage.RETURNING)
            return
        if self.howls and self._calm_s < CALM_S:
            self._duck_s = min(2.0 * self._duck_s, LONGEST_DUCK_S)
        self.howls += 1
        self._calm_s = 0.0
        self.gain = DUCK
        self._enter(Stage.DUCKED)

    def _return(self, seconds: float) -> None:
        self.gain = min(1.0, self.gain * math.exp(-math.log(DUCK) * seconds / RETURN_S))
        if self.gain == 1.0:
            self._enter(Stage.LISTENING)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self._windows = 0
