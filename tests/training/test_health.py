"""What a training's course sounds like in words, course by course."""

import math
from collections.abc import Callable

import pytest

from rtvae.training.health import health
from rtvae.training.report import Report
from tests.support.toy_report import report


def course(
    minutes: int,
    held_out_db: Callable[[float], float],
    mel: Callable[[float], float] = lambda at: 0.5,
    **changes: object,
) -> list[Report]:
    """A report every half minute, the first at minute 5."""
    best, reports = math.inf, []
    for k in range(2 * minutes + 1):
        at = 5.0 + 0.5 * k
        apart = held_out_db(at)
        better, best = apart < best, min(best, apart)
        losses = {"mel": mel(at), "phase": 0.6}
        reports.append(
            report(
                **{
                    "minutes": at,
                    "held_out_db": apart,
                    "best_db": best,
                    "better": better,
                    "losses": losses,
                }
                | changes
            )
        )
    return reports


def falling(at: float) -> float:
    return 8.0 - 0.03 * at


def stuck(at: float) -> float:
    return max(5.0, 8.0 - 0.2 * at)


def nats(active: int, asleep: int) -> dict[str, object]:
    return {"nats": (1.0,) * active + (0.01,) * asleep}


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (course(1, falling), "too early to say"),
        (course(30, falling), "reconstruction still improving, 0.3 dB in the last 10 minutes"),
        (course(5, falling), "reconstruction still improving, 0.1 dB in the last 5 minutes"),
        (course(30, lambda at: 8.0 - 0.001 * at), "improving very slowly"),
        (course(25, stuck), "no better for 15 minutes: the end of what this data and size give"),
        (course(20, stuck), "no better for 10 minutes so far"),
        (
            course(30, lambda at: 5.0 + 0.05 * abs(at - 12), lambda at: 1.0 - 0.01 * at),
            "learns your recordings by heart",
        ),
        (course(30, lambda at: 5.0 + 0.05 * abs(at - 12)), "no better for 23 minutes"),
        (course(30, lambda at: 5.0 + 0.01 * at, phase="adversarial"), "being sharpened"),
    ],
)
def test_where_the_reconstruction_goes(history: list[Report], words: str) -> None:
    assert words in health(history)


@pytest.mark.parametrize(
    ("active", "asleep", "words"),
    [
        (11, 5, "; posterior collapsed in 5 of 16 dimensions: lower --beta"),
        (14, 2, "; 2 of 16 dimensions asleep"),
    ],
)
def test_dimensions_that_carry_nothing_are_counted(active: int, asleep: int, words: str) -> None:
    assert health(course(30, falling, **nats(active, asleep))).endswith(words)


def test_nothing_is_said_of_dimensions_that_all_live() -> None:
    assert ";" not in health(course(30, falling, **nats(16, 0)))


def test_nothing_is_said_of_dimensions_in_the_first_minutes() -> None:
    newest = report(minutes=1.0, **nats(1, 15))
    assert "dimensions" not in health([newest])


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("which", ["held out", "loss"])
def test_numbers_that_are_none_drown_everything_else(which: str, value: float) -> None:
    history = course(30, falling, **nats(1, 15))
    broken = (
        report(minutes=36.0, held_out_db=value)
        if which == "held out"
        else report(minutes=36.0, losses={"mel": 0.4, "phase": value})
    )
    assert health([*history, broken]).startswith("the loss is not finite")


def test_skipped_steps_are_told() -> None:
    history = course(30, falling)
    skipping = report(minutes=35.5, best_db=6.9, losses={"mel": 0.4, "skipped_steps": 3.0})
    assert health([*history, skipping]).endswith("not finite in 3 steps, which were skipped")
