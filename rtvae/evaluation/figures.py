"""The figures of an evaluation as plain data: means, and the machine-readable whole.

A figure's key is its path through a row: "log_mel_db", "stft.convergence", "pitch.error_cents".
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from rtvae.evaluation.folder import Evaluation
from rtvae.evaluation.knobs import KnobEffect
from rtvae.evaluation.recording import Row
from rtvae.spec import ModelCard

FORMAT = 1


@dataclass(frozen=True)
class Column:
    """One column of a table: the figure's key, its title, its unit, and how it is written."""

    key: str
    title: str
    unit: str
    form: str
    meaning: str

    def text(self, figures: dict[str, float | None]) -> str:
        """Return the figure, "-" where there is none."""
        value = figures.get(self.key)
        return "-" if value is None else format(value, self.form)


COLUMNS = (
    Column("seconds", "length", "s", ".1f", "what was measured of the recording"),
    Column("log_mel_db", "log-mel", "dB", ".2f", "mean difference of 80 mel bands; 0 is equal"),
    Column("level_db", "level", "dB", "+z.1f", "rms of the output against the input"),
    Column("stft.convergence", "STFT", "", ".2f", "spectral convergence over three windows"),
    Column("stft.log_magnitude", "log STFT", "", ".2f", "difference of log magnitudes, in nepers"),
    Column("waveform.si_sdr_db", "SI-SDR", "dB", ".1f", "only where the waveform is followed"),
    Column("loudness.error_db", "loudness", "dB", ".1f", "mean error of the K-weighted loudness"),
    Column("loudness.correlation", "loudness", "r", ".2f", "its correlation with the input's"),
    Column("pitch.error_cents", "pitch", "cents", ".1f", "median error where both are voiced"),
    Column("pitch.kept_share", "voiced", "share", ".2f", "of the voiced frames, voiced in both"),
    Column("pitch.gross_share", "gross", "share", ".2f", "of those, off by more than 20 %"),
    Column("onsets.recall", "onsets", "share", ".2f", "found within 50 ms in the output"),
    Column("onsets.delay_ms", "onset", "ms", "+z.1f", "later than in the input, median"),
)

TRANSFER_COLUMNS = (
    Column("seconds", "length", "s", ".1f", "what was measured of the recording"),
    Column("pitch.error_cents", "pitch", "cents", ".1f", "median error where both are voiced"),
    Column("pitch.folded_cents", "folded", "cents", ".1f", "the same, octaves forgiven"),
    Column("pitch.voiced_frames", "voiced", "frames", ".0f", "of 10 ms, voiced in the input"),
    Column("pitch.kept_share", "voiced", "share", ".2f", "of those, voiced in the output too"),
    Column("loudness.correlation", "loudness", "r", ".2f", "correlation with the input's"),
    Column("onsets.recall", "onsets", "share", ".2f", "found within 50 ms in the output"),
    Column("onsets.delay_ms", "onset", "ms", "+z.1f", "later than in the input, median"),
    Column("log_mel_db", "log-mel", "dB", ".2f", "distance from the input: here it should be far"),
)


TERMINAL_COLUMNS = tuple(
    column
    for column in COLUMNS
    if column.key not in ("seconds", "stft.log_magnitude", "pitch.gross_share")
)


def figures(row: Row) -> dict[str, float | None]:
    """Return the figures of a row by their keys."""
    found: dict[str, float | None] = {}
    for key, value in asdict(row).items():
        parts = {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else None
        for name, part in (parts or {key: value}).items():
            if part is None or (isinstance(part, int | float) and not isinstance(part, bool)):
                found[name] = part
    return found


def means(rows: Iterable[Row]) -> dict[str, float | None]:
    """Return the mean of every figure over the rows that have it."""
    gathered: dict[str, list[float]] = {}
    for row in rows:
        for key, value in figures(row).items():
            gathered.setdefault(key, []).extend([] if value is None else [value])
    return {key: float(np.mean(found)) if found else None for key, found in gathered.items()}


def by_folder(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows of each subfolder, "." for the folder itself."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(PurePath(row.file).parent), []).append(row)
    return groups


def mean_of_folders(rows: Iterable[Row]) -> float:
    """Return the mean log-mel distance in which every subfolder counts the same."""
    return float(np.mean([np.mean([r.log_mel_db for r in g]) for g in by_folder(rows).values()]))


def furthest(rows: Iterable[Row]) -> Row:
    """Return the recording whose output is furthest from it."""
    return max(rows, key=lambda row: row.log_mel_db)


def as_json(
    card: ModelCard, evaluation: Evaluation, knobs: Sequence[KnobEffect] | None
) -> dict[str, Any]:
    """Return everything measured, in what JSON can hold; what there is none of is None.

    `format` rises when a key changes its meaning or goes.
    """
    groups = by_folder(evaluation.rows)
    overall = means(evaluation.rows)
    mean_by_folder = {name: means(rows) for name, rows in groups.items()}
    whole: dict[str, Any] = {
        "format": FORMAT,
        "model": card.name,
        "sample_rate_hz": card.sample_rate_hz,
        "hop_frames": card.hop_frames,
        "delay_frames": card.latency.delay_frames,
        "files": [asdict(row) for row in evaluation.rows],
        "log_mel_db_by_folder": {k: v["log_mel_db"] for k, v in mean_by_folder.items()},
        "log_mel_db": overall["log_mel_db"],
        "log_mel_db_mean_of_folders": mean_of_folders(evaluation.rows),
        "furthest": furthest(evaluation.rows).file,
        "means": overall,
        "means_by_folder": mean_by_folder,
        "pitch": asdict(evaluation.pitch) if evaluation.pitch else None,
        "latents": asdict(evaluation.latents) | {"names": [latent.name for latent in card.latents]},
        "skipped": list(evaluation.skipped),
    }
    if evaluation.transfer:
        whole["transfer"] = asdict(evaluation.transfer)
    if knobs is not None:
        whole["knobs"] = [
            asdict(knob)
            | {
                "per_unit": {name: knob.per_unit(name) for name in knob.change},
                "in_deviations": {name: knob.in_spreads(name) for name in knob.change},
                "monotonic": bool(knob.attribute) and knob.monotonic(knob.attribute),
            }
            for knob in knobs
        ]
    return whole
