"""TensorBoard's view of a training: curves, and now and then sounds and pictures of them.

    loss/*  held out/*  latents/*  pace/*           every report
    clip N/{wanted, played, wanted above played}    every ten minutes, if anything got better

The only module that knows TensorBoard. See it with: tensorboard --logdir RUN/tensorboard
"""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from rtvae.training.report import Clip, Report
from rtvae.training.spectrogram_picture import spectrogram_pair

FOLDER = "tensorboard"
SOUND_MINUTES = 10.0


class TensorBoardReport:
    """Writes reports into `tensorboard/` of a run folder.

    Where that fails it says so once and writes no more: training goes on without it.
    """

    def __init__(self, run: Path, say: Callable[[str], None]) -> None:
        self._folder, self._say = run / FOLDER, say
        self._writer: SummaryWriter | None = None
        self._failed = False
        self._sounded_minutes = -np.inf
        self._better = True

    def report(self, report: Report) -> None:
        """Write one report."""
        self._better |= report.better
        if self._failed:
            return
        try:
            if self._writer is None:
                # What a killed session wrote after its last checkpoint is hidden by this.
                self._writer = SummaryWriter(str(self._folder), purge_step=report.step)
            self._write(self._writer, report)
            self._writer.flush()
        except OSError as error:
            self._failed = True
            self._say(
                f"TensorBoard gets no more reports: {self._folder} cannot be written "
                f"({error.strerror}); training goes on."
            )

    def close(self) -> None:
        """Finish the file."""
        writer, self._writer = self._writer, None
        if writer is not None and not self._failed:
            with contextlib.suppress(OSError):
                writer.close()

    def _write(self, writer: SummaryWriter, report: Report) -> None:
        for name, value in scalars(report).items():
            writer.add_scalar(name, value, report.step)
        due = report.minutes - self._sounded_minutes >= SOUND_MINUTES
        if due and self._better and report.clips:
            first = self._sounded_minutes == -np.inf
            self._sounded_minutes, self._better = report.minutes, False
            for number, (wanted, played) in enumerate(report.clips, 1):
                self._write_clip(writer, report, f"clip {number}", wanted, played, first)

    def _write_clip(
        self,
        writer: SummaryWriter,
        report: Report,
        name: str,
        wanted: Clip,
        played: Clip,
        first: bool,
    ) -> None:
        if not np.isfinite(played).all():
            return
        sounds = {"wanted": wanted, "played": played} if first else {"played": played}
        for which, sound in sounds.items():
            inside = np.clip(sound, -1.0, 1.0)[None]
            writer.add_audio(f"{name}/{which}", inside, report.step, report.sample_rate_hz)
        picture = spectrogram_pair(wanted, played, report.sample_rate_hz)
        writer.add_image(f"{name}/wanted above played", picture, report.step, dataformats="HWC")


def scalars(report: Report) -> dict[str, float]:
    """Return every curve's value by its name."""
    digits = len(str(len(report.nats)))
    return {
        **{f"loss/{name}": value for name, value in report.losses.items()},
        "held out/log-mel distance in dB": report.held_out_db,
        "held out/best in dB": report.best_db,
        "latents/active dimensions": report.active_dimensions,
        "latents/nats in all": sum(report.nats),
        **{f"nats/dimension {k:0{digits}}": v for k, v in enumerate(report.nats, 1)},
        "pace/learning rate": report.learning_rate,
        "pace/clips per second": report.examples_per_second,
        "pace/steps per second": report.steps_per_second,
        "pace/minutes": report.minutes,
    }
