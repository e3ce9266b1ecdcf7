"""The built-in clocked device on a virtual clock: on time, honest when late, nothing lost."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.errors import AudioFileError
from rtvae.io.clocks import VirtualClock
from rtvae.io.drivers import INPUT_OVERFLOW, OUTPUT_UNDERFLOW, Audio, Request
from rtvae.io.dummy_clock import DummyClockDriver
from tests.support.rig import RATE_HZ, noise

PERIOD_S = 128 / RATE_HZ


def _copy(heard: Audio, played: Audio, flags: int) -> None:
    played[:] = heard[:, :1]


def test_blocks_come_one_period_apart() -> None:
    clock, moments = VirtualClock(5.0), []
    driver = DummyClockDriver(clock=clock)
    opened = driver.open(Request(RATE_HZ, duration_s=1.0))
    driver.run(lambda heard, played, flags: moments.append(clock.now()), lambda: False)
    assert opened.stream.block_size == 128
    assert np.allclose(np.diff(moments), PERIOD_S)
    assert moments[0] == 5.0
    assert len(moments) == 375


def test_a_callback_that_is_late_now_and_then_is_caught_up() -> None:
    clock, seen = VirtualClock(), []

    def callback(heard: Audio, played: Audio, flags: int) -> None:
        seen.append(flags)
        clock.advance(2.5 * PERIOD_S if len(seen) == 10 else 0.1 * PERIOD_S)

    driver = DummyClockDriver(clock=clock)
    driver.open(Request(RATE_HZ, duration_s=1.0))
    driver.run(callback, lambda: False)
    assert not any(seen)
    assert clock.now() == pytest.approx(1.0)


def test_a_stall_is_flagged_once_and_not_made_up_for() -> None:
    clock, seen = VirtualClock(), []

    def callback(heard: Audio, played: Audio, flags: int) -> None:
        seen.append(flags)
        clock.advance(0.5 if len(seen) == 10 else 0.0)

    driver = DummyClockDriver(clock=clock)
    driver.open(Request(RATE_HZ, duration_s=1.0))
    driver.run(callback, lambda: False)
    assert seen.count(INPUT_OVERFLOW | OUTPUT_UNDERFLOW) == 1
    assert seen[10] != 0
    assert clock.now() == pytest.approx(1.5, abs=2 * PERIOD_S)


@pytest.mark.parametrize("name", ["out.wav", "out.w64"])
def test_what_was_played_is_in_the_file_frame_for_frame(tmp_path: Path, name: str) -> None:
    audio = noise(10_000)
    soundfile.write(tmp_path / "in.wav", audio, RATE_HZ, "FLOAT")
    driver = DummyClockDriver(clock=VirtualClock())
    driver.open(
        Request(RATE_HZ, input=str(tmp_path / "in.wav"), output=str(tmp_path / name), loop=False)
    )
    driver.run(_copy, lambda: False)
    assert np.array_equal(soundfile.read(tmp_path / name, dtype="float32")[0], audio)


def test_it_says_which_thread_plays_before_the_first_block() -> None:
    order = []
    driver = DummyClockDriver(lambda: order.append("begin"), clock=VirtualClock())
    driver.open(Request(RATE_HZ, duration_s=PERIOD_S))
    driver.run(lambda heard, played, flags: order.append("block"), lambda: False)
    assert order == ["begin", "block"]


def test_a_recording_that_fails_does_not_stop_the_sound(tmp_path: Path) -> None:
    driver = DummyClockDriver()
    driver.open(Request(RATE_HZ, output=str(tmp_path / "out.wav"), duration_s=0.3))
    assert driver._tape is not None

    def fail(audio: Audio) -> None:
        raise AudioFileError("out.wav cannot be written (disk full); free some space.")

    driver._tape._writer.write = fail  # type: ignore[method-assign]
    blocks = []
    with pytest.raises(AudioFileError, match="disk full"):
        driver.run(lambda heard, played, flags: blocks.append(1), lambda: False)
    assert len(blocks) == 113
