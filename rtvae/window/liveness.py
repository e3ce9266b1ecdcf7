"""Is the engine alive, and in which words is that said.

The only sign of life is the block counter moving; a state that is not backed by blocks is the
last word of a dead engine.
"""

from dataclasses import dataclass

from rtvae.link.layout import State

SILENT_S = 0.4
SILENT_BLOCKS = 4


@dataclass(frozen=True)
class Condition:
    """The engine's condition: a word, its tone (a key of theme.TONES) and a sentence if bad."""

    word: str
    tone: str
    sentence: str = ""


CONDITIONS = {
    State.STARTING: Condition("starting", "calm"),
    State.PLAYING: Condition("playing", "good"),
    State.MUTED: Condition("muted", "warn"),
    State.DRY: Condition("dry only", "warn", "model bypassed, dry sound only"),
    State.SWAPPING: Condition("swapping", "calm"),
    State.ENDED: Condition("ended", "calm", "the sound has ended"),
    State.FAILED: Condition("failed", "bad", "engine failed"),
    State.HOLDING: Condition("holding", "warn", "too slow: the last latents are held, knobs work"),
    State.SILENT: Condition("silent", "bad", "too slow: silent until the machine keeps up"),
    State.DUCKED: Condition("ducked", "warn", "howl: turned down until it is calm"),
}
WAITING = Condition("waiting", "bad", "no sound yet, tried again every 2 s")
UNKNOWN = Condition("unknown", "warn")
STOPPED = Condition("stopped", "bad", "engine stopped, restarting")
ORPHANED = Condition("stopped", "bad", "engine stopped, and rtvae play is gone")
_MAY_STAND_STILL = (State.STARTING, State.ENDED, State.FAILED)


class Liveness:
    """Watches the block counter against a clock."""

    def __init__(self, now_s: float) -> None:
        self._blocks = -1
        self._moved_s = now_s

    def alive(self, blocks: int, now_s: float, block_s: float) -> bool:
        """Return whether the counter moved lately.

        `block_s` is the length of a block: long blocks are allowed to take their time.
        """
        if blocks != self._blocks:
            self._blocks = blocks
            self._moved_s = now_s
        return now_s - self._moved_s <= max(SILENT_S, SILENT_BLOCKS * block_s)


def condition(state: int, alive: bool, host_alive: bool) -> Condition:
    """Return the engine's condition for a state number, known or not."""
    known = State(state) if state in State._value2member_map_ else None
    if not alive and known not in _MAY_STAND_STILL:
        return STOPPED if host_alive else ORPHANED
    return UNKNOWN if known is None else CONDITIONS[known]
