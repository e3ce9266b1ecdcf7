"""How a training is doing, in plain words, from the reports so far. Pure.

numbers that are none -> alone
else: where the reconstruction goes; then which dimensions have fallen asleep
"""

import math
from collections.abc import Sequence

from rtvae.training.report import Report

WINDOW_MINUTES = 10.0
PATIENCE_MINUTES = 12.0
SETTLING_MINUTES = 3.0
WORTH_SAYING_DB = 0.05
WORSE_DB = 0.5
MANY_ASLEEP = 0.25
ADVERSARIAL = "adversarial"
SKIPPED = "skipped_steps"


def health(history: Sequence[Report]) -> str:
    """Return one sentence on a history of at least one report, oldest first.

    The history may be that of the running session alone.
    """
    newest = history[-1]
    if not math.isfinite(newest.held_out_db) or not all(map(math.isfinite, newest.losses.values())):
        return (
            "the loss is not finite: steps like this are not learned from; if it stays so, begin "
            "again from an earlier checkpoint with another --seed or a lower --beta"
        )
    parts = [_reconstruction(history)]
    asleep = _asleep(newest)
    if asleep and newest.minutes >= SETTLING_MINUTES:
        parts.append(asleep)
    skipped = newest.losses.get(SKIPPED, 0.0)
    if skipped > 0:
        parts.append(f"the loss was not finite in {skipped:.0f} steps, which were skipped")
    return "; ".join(parts)


def _reconstruction(history: Sequence[Report]) -> str:
    newest = history[-1]
    seen = newest.minutes - history[0].minutes
    if newest.phase == ADVERSARIAL:
        return (
            "the sound is being sharpened: the distance may rise a little while detail comes back"
        )
    if seen < SETTLING_MINUTES:
        return "too early to say how it goes"
    if _learns_by_heart(history):
        return (
            "held-out sound is getting worse while the training sound gets better: it learns your "
            "recordings by heart, so stop here (the best is kept) or add recordings"
        )
    still = newest.minutes - _last_better(history)
    if still >= PATIENCE_MINUTES:
        return (
            f"no better for {still:.0f} minutes: the end of what this data and size give, "
            "or lower --beta"
        )
    past = [report for report in history if report.minutes >= newest.minutes - WINDOW_MINUTES]
    gained = past[0].best_db - newest.best_db
    span = newest.minutes - past[0].minutes
    if still > 0.5 * span and gained < WORTH_SAYING_DB:
        return f"no better for {still:.0f} minutes so far"
    if gained < WORTH_SAYING_DB:
        return f"reconstruction improving very slowly, under {WORTH_SAYING_DB} dB in {span:.0f} min"
    return f"reconstruction still improving, {gained:.1f} dB in the last {span:.0f} minutes"


def _last_better(history: Sequence[Report]) -> float:
    better = [report.minutes for report in history if report.better]
    return better[-1] if better else history[0].minutes


def _learns_by_heart(history: Sequence[Report]) -> bool:
    """Whether the held-out distance rises over the window while every spectral loss falls."""
    newest = history[-1]
    if newest.held_out_db < newest.best_db + WORSE_DB:
        return False
    at_best = min(history, key=lambda report: report.held_out_db)
    return (
        newest.minutes - at_best.minutes >= SETTLING_MINUTES
        and "mel" in newest.losses
        and newest.losses["mel"] < at_best.losses.get("mel", -math.inf)
    )


def _asleep(report: Report) -> str:
    dims = len(report.nats)
    asleep = dims - report.active_dimensions
    if asleep == 0:
        return ""
    if asleep > MANY_ASLEEP * dims:
        return f"posterior collapsed in {asleep} of {dims} dimensions: lower --beta"
    return f"{asleep} of {dims} dimensions asleep"
