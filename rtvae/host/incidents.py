"""Incidents: what goes wrong with the sound, told once each however often it happens.

The engine counts; here the counters are watched and turned into sentences. Lost sound becomes one
sentence at its third loss, and the next not before five seconds have passed without any.
"""

from rtvae.host.notes import Level, Note
from rtvae.link.telemetry import TelemetryReader, dropouts

TOLD_AT_LOSS = 3
OVER_S = 5.0

# The telemetry's rung -> what is told on arriving there. The engine's ladder has the same numbers.
RUNGS: dict[int, tuple[str, Level]] = {
    0: ("The model plays in full again.", "info"),
    1: (
        "The machine does not keep up: the last latents are held, the knobs still act; a larger "
        "--block-size or a smaller model helps.",
        "warning",
    ),
    2: (
        "The machine does not keep up: the model rests and the input is passed on dry; a larger "
        "--block-size or a smaller model helps.",
        "warning",
    ),
    3: (
        "The machine does not keep up even without the model, so there is silence until it does; "
        "end other programs or use a larger --block-size.",
        "error",
    ),
}
HOWL = (
    "Feedback: the sound is turned down by 20 dB and comes back when it is calm; turn the output "
    "down or move the microphone."
)


class Incidents:
    """Watches one session's counters, which only grow. Call `look` many times a second."""

    def __init__(self, telemetry: TelemetryReader) -> None:
        self._telemetry = telemetry
        self._lost = self._count_lost()
        self._changes = int(telemetry.scalar("rung_changes"))
        self._howls = int(telemetry.scalar("howls"))
        self._losses = 0
        self._first_s = self._last_s = 0.0

    def look(self, now_s: float) -> list[Note]:
        """Return what the player should know since the last look."""
        return [*self._lost_sound(now_s), *self._ladder(), *self._feedback()]

    def _lost_sound(self, now_s: float) -> list[Note]:
        lost = self._count_lost()
        new, self._lost = lost - self._lost, lost
        if new > 0:
            if not self._losses:
                self._first_s = now_s
            told = self._losses >= TOLD_AT_LOSS
            self._losses += new
            self._last_s = now_s
            if self._losses >= TOLD_AT_LOSS and not told:
                return [Note("Sound is being lost: the machine is too busy.", "warning")]
        elif self._losses and now_s - self._last_s >= OVER_S:
            losses, self._losses = self._losses, 0
            if losses >= TOLD_AT_LOSS:
                seconds = self._last_s - self._first_s
                return [Note(f"Sound was lost {losses} times in {seconds:.1f} s.", "info")]
        return []

    def _ladder(self) -> list[Note]:
        changes = int(self._telemetry.scalar("rung_changes"))
        if changes == self._changes:
            return []
        self._changes = changes
        told = RUNGS.get(int(self._telemetry.scalar("rung")))
        return [Note(*told)] if told is not None else []

    def _feedback(self) -> list[Note]:
        howls, before = int(self._telemetry.scalar("howls")), self._howls
        self._howls = howls
        return [Note(HOWL, "warning")] if howls > before else []

    def _count_lost(self) -> int:
        return dropouts(
            int(self._telemetry.scalar("input_overflows")),
            int(self._telemetry.scalar("output_underflows")),
        )
