"""Dice: numbers by chance for a modulator, the same ones from every start and in every version."""

_MULTIPLIER = 6364136223846793005
_INCREMENT = 1442695040888963407
_MASK = (1 << 64) - 1
_SPREAD = 0x9E3779B97F4A7C15


class Dice:
    """A linear congruential generator of 64 bits (Knuth, MMIX); its high bits are good."""

    def __init__(self, seed: int) -> None:
        self._first = (seed + 1) * _SPREAD & _MASK
        self._state = self._first

    def restart(self) -> None:
        """Begin anew."""
        self._state = self._first

    def throw(self) -> float:
        """Return the next number, from -1 to 1, all alike. Real-time: three multiplications."""
        self._state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return (self._state >> 11) * (2.0 / (1 << 53)) - 1.0
