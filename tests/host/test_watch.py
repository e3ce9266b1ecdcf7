"""When something counts as dead, and when as dying too often."""

from rtvae.host.watch import CrashHistory, Stillness


def test_a_counter_that_moves_is_never_still() -> None:
    stillness = Stillness()
    assert all(stillness.seconds(k, 0.02 * k) == 0.0 for k in range(100))


def test_stillness_is_measured_and_ends_with_the_next_move() -> None:
    stillness = Stillness()
    still = [stillness.seconds(7, 0.05 * k) for k in range(9)]
    assert still[0] == 0.0
    assert abs(still[-1] - 0.4) < 1e-9
    assert stillness.seconds(8, 0.5) == 0.0


def test_a_counter_may_start_again_from_zero() -> None:
    stillness = Stillness()
    stillness.seconds(1000, 0.0)
    assert stillness.seconds(0, 0.1) == 0.0


def test_a_machine_that_slept_kills_nobody() -> None:
    stillness = Stillness()
    stillness.seconds(7, 0.0)
    assert stillness.seconds(7, 3600.0) <= 0.1


def test_only_the_crashes_of_the_last_minute_count() -> None:
    history = CrashHistory(within_s=60.0)
    assert [history.crashed(t) for t in (0.0, 10.0, 59.0)] == [1, 2, 3]
    assert history.crashed(65.0) == 3
    assert history.crashed(200.0) == 1


def test_a_forgiven_crash_does_not_count() -> None:
    history = CrashHistory()
    history.crashed(0.0)
    history.crashed(1.0)
    history.forgive()
    assert history.crashed(2.0) == 2
