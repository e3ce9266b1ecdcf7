"""The terminal's side of a session: a status line, and sentences above it.

Where stderr is no terminal there is one plain line every few seconds instead.
"""

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from rtvae.host.notes import Note
from rtvae.host.readings import Readings

PLAIN_S = 5.0
METER_CELLS = 12
METER_FLOOR_DB = -48.0
BUSY = 0.6

STYLES = {"info": "", "warning": "yellow", "error": "bold red"}


class StatusLine:
    """Shows readings and notes on `console`."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._live: Live | None = None
        self._printed_s = float("-inf")

    def say(self, note: Note) -> None:
        """Print a sentence; it stays."""
        text = Text(note.sentence, style=STYLES[note.level])
        self._console.print(text, soft_wrap=True)

    def update(self, readings: Readings, doing: str) -> None:
        """Show the newest readings, each time on a terminal; `doing` is the state in words."""
        if not self._console.is_terminal:
            if self._clock() - self._printed_s >= PLAIN_S:
                self._printed_s = self._clock()
                self._console.print(plain(readings, doing), markup=False, soft_wrap=True)
            return
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(coloured(readings, doing), refresh=True)

    def close(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def plain(readings: Readings, doing: str) -> str:
    """The status in one line of text."""
    return "  ".join(
        (
            doing,
            f"in {readings.input_peak_db:.0f} dB",
            f"out {readings.output_peak_db:.0f} dB",
            latency(readings),
            f"load {100 * readings.load:.0f} %",
            f"dropouts {readings.dropouts}",
        )
    )


def coloured(readings: Readings, doing: str) -> Text:
    """The status in one line for a terminal."""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{doing:<9}", "bold")
    for name, level_db in (("in", readings.input_peak_db), ("out", readings.output_peak_db)):
        line.append(f" {name} ")
        line.append(meter(level_db), "red" if level_db > -1.5 else "green")
        line.append(f"{level_db:4.0f} dB")
    line.append(f"  {latency(readings)}  load ")
    line.append(f"{100 * readings.load:3.0f} %", "red" if readings.load > BUSY else "")
    line.append("  dropouts ")
    line.append(str(readings.dropouts), "red" if readings.dropouts else "")
    return line


def latency(readings: Readings) -> str:
    """The latency in milliseconds and frames; files have no device with buffers of its own."""
    frames = readings.latency_frames
    parts = [f"{frames} frames"] if frames else []
    if not readings.device_latency_frames:
        parts.append("no device buffers")
    return f"latency {readings.latency_ms:.1f} ms ({', '.join(parts)})"


def meter(level_db: float) -> str:
    """A level as a bar of METER_CELLS characters."""
    share = 1.0 - level_db / METER_FLOOR_DB
    filled = round(METER_CELLS * min(max(share, 0.0), 1.0))
    return "█" * filled + "·" * (METER_CELLS - filled)
