"""The schedules of a run follow from its progress alone."""

from dataclasses import replace

import pytest
import torch

from rtvae.training.phases import enter_adversarial, note_distance, phase_is_over
from rtvae.training.progress import ADVERSARIAL, Progress
from rtvae.training.schedule import (
    PEAK_RATE,
    RISE_STEPS,
    Plan,
    begin_stretch,
    divergence_warmth,
    learning_rate,
    mean_keeps,
    share_done,
    usual_batch,
)

PLAN = Plan(2, 4, 16384, max_minutes=60.0, horizon_minutes=100.0)


def _at(minutes: float, **changes: object) -> Progress:
    return replace(Progress(step=10 * RISE_STEPS, minutes=minutes), **changes)  # type: ignore[arg-type]


def test_the_rate_rises_stays_and_falls() -> None:
    first = learning_rate(PLAN, Progress())
    assert 0 < first < 0.01 * PEAK_RATE
    assert learning_rate(PLAN, _at(1.0)) == PEAK_RATE
    # However the clock ran: the same losses after a kill.
    assert learning_rate(PLAN, _at(59.0)) == learning_rate(PLAN, _at(1.0))
    falling = [learning_rate(PLAN, _at(float(m))) for m in range(60, 101, 10)]
    assert falling == sorted(falling, reverse=True)
    assert 0 < falling[-1] <= 0.02 * PEAK_RATE


def test_a_given_model_learns_gently_and_with_its_latents_in_order() -> None:
    given = _at(1.0, fine_tuning=True)
    assert learning_rate(PLAN, given) < 0.5 * learning_rate(PLAN, _at(1.0))
    assert divergence_warmth(Progress(fine_tuning=True)) == 1.0
    assert divergence_warmth(Progress()) == 0.0
    assert mean_keeps(Progress(fine_tuning=True)) > 0.9
    assert mean_keeps(Progress()) < 0.2


def test_a_rate_that_is_asked_for_is_taken() -> None:
    asked = replace(PLAN, learning_rate=8e-4)
    assert learning_rate(asked, _at(1.0)) == 8e-4
    assert learning_rate(asked, _at(1.0, fine_tuning=True)) == 8e-4


def test_a_killed_run_stays_in_its_stretch_and_a_finished_one_begins_another() -> None:
    killed = _at(70.0)
    begin_stretch(PLAN, killed)
    assert share_done(PLAN, killed) == pytest.approx(0.7)
    over = _at(100.0)
    begin_stretch(PLAN, over)
    assert share_done(PLAN, over) == 0.0
    over.minutes += 50.0
    assert share_done(PLAN, over) == pytest.approx(0.5)


def test_counted_steps_leave_the_clock_no_say() -> None:
    plan = replace(PLAN, max_steps=1000)
    at = Progress(step=900, minutes=1e6)
    assert share_done(plan, at) == 0.9
    assert learning_rate(plan, at) == learning_rate(plan, replace(at, minutes=0.0))


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_every_process_gets_as_many_groups(device: str, processes: int) -> None:
    groups, clips, frames = usual_batch(torch.device(device), processes)
    assert groups % processes == 0
    assert groups >= 2
    assert clips % 2 == frames % 64 == 0


def test_progress_survives_a_checkpoint_and_older_ones_are_understood() -> None:
    at = _at(3.0, phase=ADVERSARIAL, best_db=4.5)
    assert Progress.from_dict(at.as_dict()) == at
    old = {"step": 7, "minutes": 2.0, "best_db": 5.0, "random": {}, "torch_random": [1]}
    assert Progress.from_dict(old) == Progress(step=7, minutes=2.0, best_db=5.0)


def test_the_opponent_joins_when_the_distance_has_settled() -> None:
    plan = replace(PLAN, adversarial=True)
    at = _at(0.0)
    for minute in range(0, 40, 2):
        at.minutes = float(minute)
        note_distance(at, plan, 10.0 * 0.9**minute)
        assert not phase_is_over(at, plan)
    settled = at.best_db
    while not phase_is_over(at, plan):
        at.minutes += 1.0
        note_distance(at, plan, 0.999 * settled)
    assert 45.0 < at.minutes < 55.0
    assert not phase_is_over(at, PLAN)


def test_the_opponent_joins_in_time_though_the_distance_still_falls() -> None:
    plan = replace(PLAN, adversarial=True)
    at = _at(0.0)
    while not phase_is_over(at, plan):
        at.minutes += 1.0
        note_distance(at, plan, 10.0 * 0.97**at.minutes)
    assert at.minutes == 60.0
    enter_adversarial(at)
    assert not phase_is_over(at, plan)


def test_the_second_phase_may_cost_a_little_distance_and_not_more() -> None:
    at = _at(60.0)
    assert note_distance(at, PLAN, 4.0)
    assert not note_distance(at, PLAN, 4.1)
    enter_adversarial(at)
    assert note_distance(at, PLAN, 4.2)
    assert not note_distance(at, PLAN, 4.5)
    assert note_distance(at, PLAN, 4.1)
