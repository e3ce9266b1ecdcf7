"""The ladder: how much of the model the machine can afford at present. Pure.

    FULL      encoder and decoder run
    HOLDING   the encoder rests, the decoder plays on from the last latents; the knobs still act
    DRY       no model runs, the input is passed on
    SILENT    nothing sounds: even the dry path came too late

One late block is counted and not punished. Late blocks fill a bucket that runs dry at four a
second; where ten lie in it, a storm is on and one rung is left behind. So ten in a row are a
storm at any block size, six a second become one after five seconds, and a machine that stumbles
now and then stays where it is. A storm that goes on takes the next rung after five more. A block
that was late although it computed little was held up by other programs: little would be won by
playing less, so it counts a quarter.

Calm is a bucket that has all but run dry. After five calm seconds the ladder goes back up, to the
full model at once: latents held since long ago would be a drone that nobody played. If that was
too early the next wait is twice as long, up to a minute, and is spent on the dry rung.
"""

from enum import IntEnum

STORM_BLOCKS = 10.0
STILL_STORM_BLOCKS = 5.0  # what is left in the bucket when a rung is left behind
FORGIVEN_PER_S = 4.0
HELD_UP = 0.25
CALM_BLOCKS = 2.0
CALM_S = 5.0
LONGEST_CALM_S = 60.0
PROVEN_S = 30.0  # so long at the top without a storm, and the next wait is short again


class Rung(IntEnum):
    """What runs, from everything to nothing; the telemetry shows the number."""

    FULL = 0
    HOLDING = 1
    DRY = 2
    SILENT = 3


class Ladder:
    """Counts late blocks and says on which rung to play. Time is counted in frames."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.rung = Rung.FULL
        self._second_frames = float(sample_rate_hz)
        self._bucket = 0.0
        self._calm_frames = 0.0
        self._wait_s = CALM_S
        self._was_ours = False

    def advance(
        self, frames: int, ours: bool, flagged: bool, holds: bool, heavy: bool = True
    ) -> Rung:
        """Note how a block of `frames` went and return the rung for the next one.

        ours      the block took longer than its period
        flagged   sound was lost before it, and the model may have a share in that
        holds     the model can play on from held latents
        heavy     the block computed for a good part of its period
        Real-time: a few comparisons, nothing allocated.
        """
        # What the device misses after a block of ours that was late is the same mishap.
        late = ours or (flagged and not self._was_ours)
        self._was_ours = ours
        if late:
            self._bucket += 1.0 if heavy or not ours else HELD_UP
            if self._bucket >= STORM_BLOCKS:
                self._step_down(ours, holds)
        elif self._bucket > 0.0:
            leak = FORGIVEN_PER_S * frames / self._second_frames
            self._bucket = max(0.0, self._bucket - leak)
        if self._bucket > CALM_BLOCKS:
            self._calm_frames = 0.0
        else:
            self._calm_frames += frames
            self._step_up()
        return self.rung

    def forget(self) -> Rung:
        """Go back to the top: nobody waits for the blocks, or the model is another. Real-time."""
        self.rung = Rung.FULL
        self._bucket = self._calm_frames = 0.0
        self._wait_s = CALM_S
        return self.rung

    def _step_down(self, ours: bool, holds: bool) -> None:
        self._bucket = STILL_STORM_BLOCKS
        if self.rung is Rung.FULL:
            again = self._wait_s > CALM_S
            self.rung = Rung.HOLDING if holds and not again else Rung.DRY
        elif self.rung is Rung.HOLDING:
            self.rung = Rung.DRY
        elif self.rung is Rung.DRY and ours:
            # Crackle of others' making is no better for being silenced; ours is.
            self.rung = Rung.SILENT

    def _step_up(self) -> None:
        calm_s = self._calm_frames / self._second_frames
        if self.rung is Rung.FULL:
            if calm_s >= PROVEN_S:
                self._wait_s = CALM_S
        elif calm_s >= self._wait_s:
            self._calm_frames = 0.0
            if self.rung is Rung.SILENT:
                self.rung = Rung.DRY
            else:
                self.rung = Rung.FULL
                self._wait_s = min(2.0 * self._wait_s, LONGEST_CALM_S)
