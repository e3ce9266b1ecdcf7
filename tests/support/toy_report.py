"""A report of a training that nobody ran."""

import dataclasses

from rtvae.training.report import Report

USUAL = Report(
    minutes=60.0,
    step=18_000,
    steps_per_second=5.0,
    examples_per_second=40.0,
    losses={"mel": 0.4, "phase": 0.6},
    held_out_db=4.5,
    best_db=4.4,
    better=False,
    nats=(1.5, 0.8, 0.6, 0.4),
    phase="spectra",
    minutes_left=130.0,
    learning_rate=1e-3,
    sample_rate_hz=48_000,
)


def report(**changes: object) -> Report:
    """A usual report with changes."""
    return dataclasses.replace(USUAL, **changes)  # type: ignore[arg-type]
