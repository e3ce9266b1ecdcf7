"""Whatever comes in, what leaves the guard is finite, under the ceiling, and free of clicks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtvae.dsp.guard import DC_REMOVED, LIMITED, REPAIRED, Guard
from tests.support.allocation import assert_no_net_allocation

RATE_HZ = 48_000
RAMP_FRAMES = 720
CEILING = 10 ** (-1 / 20)

Audio = NDArray[np.float32]


def play(
    audio: Audio, block_size: int = 64, guard: Guard | None = None, dry: Audio | None = None
) -> tuple[Audio, int]:
    guard = guard or Guard(8192, RATE_HZ)
    out, flags = audio.copy(), 0
    for at in range(0, out.size, block_size):
        part = slice(at, at + block_size)
        flags |= guard.process(out[part], False, None if dry is None else dry[part])
    return out, flags


def open_guard() -> Guard:
    guard = Guard(8192, RATE_HZ)
    play(np.zeros(RAMP_FRAMES, np.float32), guard=guard)
    return guard


def sine(hz: float, level: float, frames: int) -> Audio:
    return (level * np.sin(2 * np.pi * hz * np.arange(frames) / RATE_HZ)).astype(np.float32)


def sounds() -> dict[str, Audio]:
    random = np.random.default_rng(0)
    click = np.zeros(RATE_HZ, np.float32)
    click[5000] = 0.89
    return {
        "noise": random.uniform(-0.89, 0.89, RATE_HZ).astype(np.float32),
        "low tone": sine(30, 0.89, RATE_HZ),
        "speech-like bursts": sine(150, 0.5, RATE_HZ) * (np.arange(RATE_HZ) // 6000 % 2),
        "click": click,
    }


@pytest.mark.parametrize("block_size", [16, 64, 480, 8192])
@pytest.mark.parametrize("name", sounds())
def test_sound_in_range_passes_bit_for_bit(name: str, block_size: int) -> None:
    audio = sounds()[name].astype(np.float32)
    out, flags = play(audio, block_size, open_guard())
    assert flags == 0
    np.testing.assert_array_equal(out, audio)


def test_starts_muted_and_fades_in() -> None:
    out, _ = play(np.full(2000, 0.5, np.float32) * sine(6000, 1, 2000))
    assert abs(out[0]) < 1e-5
    loudness = np.abs(out[: RAMP_FRAMES - RAMP_FRAMES % 8].reshape(-1, 8)).max(axis=1)
    assert (np.diff(loudness) >= -1e-6).all()


def test_mute_ends_in_silence_without_a_step_and_can_turn_round() -> None:
    guard = open_guard()
    audio = sine(440, 0.8, 9600)
    out = audio.copy()
    for at in range(0, out.size, 64):
        guard.process(out[at : at + 64], 3200 <= at < 3520 or 4800 <= at < 6400)
    own_step = np.abs(np.diff(audio)).max()
    assert np.abs(np.diff(out)).max() < own_step + 0.8 * np.pi / 2 / RAMP_FRAMES
    assert not out[4800 + 768 : 6400].any()
    np.testing.assert_array_equal(out[8000:], audio[8000:])


@pytest.mark.parametrize("fault", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("frames", [1, 64, 700])
def test_a_faulty_stretch_is_bridged(fault: float, frames: int) -> None:
    audio = sine(440, 0.5, 9600)
    faulty = audio.copy()
    faulty[4800 : 4800 + frames] = fault
    out, flags = play(faulty, guard=open_guard())
    assert flags & REPAIRED
    assert np.isfinite(out).all()
    # A gap of at most 1 is faded out over 480 frames, beside the sound's own steps.
    assert np.abs(np.diff(out)).max() < np.abs(np.diff(audio)).max() + 2 * np.pi / 2 / 480
    np.testing.assert_array_equal(out[:4800], audio[:4800])
    np.testing.assert_array_equal(out[-2000:], audio[-2000:])


def test_the_dry_sound_takes_over_if_it_is_sound_itself() -> None:
    dry = sine(330, 0.3, 9600)
    wet = np.full(9600, np.nan, np.float32)
    out, flags = play(wet, guard=open_guard(), dry=dry)
    assert flags & REPAIRED
    np.testing.assert_array_equal(out[480:], dry[480:])
    out, _ = play(wet, guard=open_guard(), dry=wet)
    assert not out[480:].any()


@pytest.mark.parametrize("block_size", [1, 64, 500, 8192])
def test_the_ceiling_holds_and_the_limiter_lets_go_again(block_size: int) -> None:
    audio = sine(440, 3.0, RATE_HZ)
    audio[RATE_HZ // 2 :] *= 0.1
    out, flags = play(audio, block_size, open_guard())
    assert flags & LIMITED
    assert np.abs(out).max() <= CEILING
    assert np.abs(out[: RATE_HZ // 2]).max() > 0.99 * CEILING
    np.testing.assert_array_equal(out[-4800:], audio[-4800:])


def test_the_limiter_does_not_depend_on_the_block_size() -> None:
    audio = np.random.default_rng(1).standard_normal(20_000).astype(np.float32)
    fine, _ = play(audio, 64, open_guard())
    coarse, _ = play(audio, 777, open_guard())
    np.testing.assert_allclose(fine, coarse, atol=2e-6)


def test_the_limiters_gain_moves_no_faster_than_the_sound() -> None:
    audio = sine(200, 2.0, 9600)
    out, _ = play(audio, guard=open_guard())
    assert np.abs(np.diff(out)).max() <= np.abs(np.diff(audio)).max() * 1.001


@pytest.mark.parametrize("offset", [0.5, -0.5, 0.01])
def test_a_constant_output_is_brought_to_zero_within_a_second(offset: float) -> None:
    out, flags = play(np.full(2 * RATE_HZ, offset, np.float32), guard=open_guard())
    assert flags & DC_REMOVED
    assert abs(out[RATE_HZ:].mean()) < 1e-3
    assert np.abs(np.diff(out)).max() < 1e-3


def test_an_offset_under_a_tone_is_removed_and_the_tone_kept() -> None:
    tone = sine(440, 0.3, 2 * RATE_HZ)
    out, flags = play(tone + np.float32(0.1), guard=open_guard())
    assert flags & DC_REMOVED
    np.testing.assert_allclose(out[RATE_HZ:], tone[RATE_HZ:], atol=3e-3)


def test_when_the_offset_ends_the_blocker_lets_go() -> None:
    audio = sine(440, 0.3, 4 * RATE_HZ)
    audio[:RATE_HZ] += 0.2
    out, _ = play(audio, guard=open_guard())
    np.testing.assert_array_equal(out[-RATE_HZ:], audio[-RATE_HZ:])


@given(
    st.lists(
        st.tuples(
            st.integers(0, 300),
            st.sampled_from([0.0, 0.3, 1.0, 50.0, 1e6, np.inf, np.nan, 1e-40]),
            st.booleans(),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_never_anything_but_finite_sound_under_the_ceiling(
    blocks: list[tuple[int, float, bool]],
) -> None:
    guard = Guard(300, RATE_HZ)
    random = np.random.default_rng(2)
    for frames, level, muted in blocks:
        audio = random.uniform(-1, 1, frames).astype(np.float32)
        with np.errstate(invalid="ignore"):
            audio *= np.float32(level)
        guard.process(audio, muted)
        assert np.isfinite(audio).all()
        assert np.abs(audio).max(initial=0.0) <= CEILING


@pytest.mark.parametrize("level", [0.5, 3.0, np.nan])
def test_no_allocation_stays(level: float) -> None:
    guard = Guard(64, RATE_HZ)
    source = np.full(64, level, np.float32)
    audio = np.empty_like(source)

    def block() -> None:
        audio[:] = source
        guard.process(audio, False, source)

    assert_no_net_allocation(block)
