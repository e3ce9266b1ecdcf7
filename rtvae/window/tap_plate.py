"""The tap button: press it on the beat; it lights with the engine's beat."""

from rtvae.window import theme
from rtvae.window.plate import Plate

FLASH_BEATS = 0.2
BAR_BEATS = 4


class TapPlate(Plate):
    """Shows which beat of four it is."""

    def __init__(self) -> None:
        super().__init__("TAP", "Tap tempo", "Press it on the beat, a few times. L: learn MIDI.")
        self._beat = -1.0

    def show_beat(self, beat: float) -> None:
        """Show the engine's beat."""
        lit = theme.TONES["good"] if 0.0 < beat and beat % 1.0 < FLASH_BEATS else None
        if lit is not self.edge:
            self.edge = lit
            self.update()
        self.say(f"TAP  {int(beat) % BAR_BEATS + 1}" if beat > 0.0 else "TAP")
