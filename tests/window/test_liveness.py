"""A dead engine is told from a living one by its blocks, whatever its last word was."""

import pytest

from rtvae.link.layout import State
from rtvae.window.liveness import CONDITIONS, Liveness, condition
from rtvae.window.theme import TONES


def test_moving_blocks_are_life() -> None:
    liveness = Liveness(0.0)
    assert all(liveness.alive(k, 0.3 * k, 0.003) for k in range(20))


def test_standing_blocks_are_death_after_a_while() -> None:
    liveness = Liveness(0.0)
    assert liveness.alive(7, 0.0, 0.003)
    assert liveness.alive(7, 0.3, 0.003)
    assert not liveness.alive(7, 0.5, 0.003)
    assert liveness.alive(8, 0.6, 0.003)


def test_long_blocks_may_take_their_time() -> None:
    liveness = Liveness(0.0)
    assert liveness.alive(0, 0.0, 0.17)
    assert liveness.alive(0, 0.6, 0.17)


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_word_in_a_known_tone(state: State) -> None:
    assert CONDITIONS[state].word
    assert CONDITIONS[state].tone in TONES


@pytest.mark.parametrize("state", [State.PLAYING, State.MUTED, State.DRY, State.SWAPPING, 99])
def test_a_silent_engine_is_said_to_have_stopped(state: int) -> None:
    assert condition(state, alive=False, host_alive=True).sentence == "engine stopped, restarting"
    assert "restarting" not in condition(state, alive=False, host_alive=False).sentence


@pytest.mark.parametrize("state", [State.STARTING, State.ENDED])
def test_no_blocks_are_expected_before_the_start_and_after_the_end(state: State) -> None:
    assert condition(state, alive=False, host_alive=True) is CONDITIONS[state]


def test_a_state_from_another_time_is_unknown() -> None:
    assert condition(99, alive=True, host_alive=True).word == "unknown"
