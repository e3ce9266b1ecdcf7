"""The follower of the rings: whole blocks only, in order, and what was overwritten is told."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT, index_of
from rtvae.link.follower import Follower
from rtvae.link.layout import SCOPE_FRAMES, TELEMETRY, VALUE_ROWS
from rtvae.link.telemetry import TelemetryWriter


class Engine:
    """Writes blocks of counted samples as an engine does."""

    def __init__(self, block: NDArray[Any]) -> None:
        self.writer = TelemetryWriter(block)
        self.values = np.zeros(PARAMETER_COUNT, np.float32)
        self.writer.set("latents", 2)
        self.writer.start_voice(self.values)

    def begin(self, frames: int, mix: float | None = None) -> None:
        """Everything of a block that comes before its count."""
        at = self.writer.frame
        if mix is not None:
            self.values[index_of("mix")] = mix
            self.writer.push_values(self.values)
        row = np.full((1, 2), at, np.float32)
        self.writer.push_latents(row, -row)
        sound = np.arange(at, at + frames, dtype=np.float32)
        self.writer.push_scope(sound, -sound)
        self.writer.push_timing(frames, 1.0, 1.0, 1.0, 1.0)

    def play(self, frames: int, mix: float | None = None) -> None:
        self.begin(frames, mix)
        self.writer.add("frames", frames)


@pytest.fixture
def memory() -> NDArray[Any]:
    return np.zeros((), TELEMETRY)


def test_stretches_join_without_a_seam(memory: NDArray[Any]) -> None:
    engine = Engine(memory)
    follower = Follower(memory, 0)
    taken = []
    for k in range(3000):
        engine.play(64, mix=k / 3000)
        if k % 7 == 0:
            taken.append(follower.take())
    taken.append(follower.take())
    frames = 3000 * 64
    assert sum(stretch.frames for stretch in taken) == frames
    assert not any(stretch.lost_frames or stretch.lost_rows for stretch in taken)
    wanted = np.arange(frames, dtype=np.float32)
    np.testing.assert_array_equal(np.concatenate([s.dry for s in taken]), wanted)
    np.testing.assert_array_equal(np.concatenate([s.wet for s in taken]), -wanted)
    starts = np.arange(0, frames, 64)
    np.testing.assert_array_equal(np.concatenate([s.latent_frame for s in taken]), starts)
    np.testing.assert_array_equal(np.concatenate([s.after for s in taken])[:, 1], -starts)
    np.testing.assert_array_equal(np.concatenate([s.block_frame for s in taken]), starts)
    turned = np.concatenate([s.value_frame[s.value_index == index_of("mix")] for s in taken])
    np.testing.assert_array_equal(turned[1:], starts[1:])


def test_a_block_under_way_waits_for_its_end(memory: NDArray[Any]) -> None:
    engine = Engine(memory)
    engine.play(64)
    follower = Follower(memory, 0)
    engine.begin(64, mix=0.5)
    first = follower.take()
    assert first.frames == 64
    assert list(first.block_frame) == [0]
    assert first.value_frame.max() == 0
    engine.writer.add("frames", 64)
    second = follower.take()
    assert second.first_frame == 64
    assert (second.frames, list(second.block_frame), list(second.value)) == (64, [64], [0.5])


def test_rows_from_before_its_first_frame_are_no_loss(memory: NDArray[Any]) -> None:
    engine = Engine(memory)
    for k in range(5000):
        engine.play(64, mix=k / 5000)
    follower = Follower(memory, 4900 * 64)
    for k in range(100):
        engine.play(64, mix=k / 100)
    stretch = follower.take()
    assert (stretch.lost_rows, stretch.lost_frames) == (0, 0)
    assert stretch.block_frame.shape == (200,)


def test_it_begins_at_the_frame_it_is_told(memory: NDArray[Any]) -> None:
    engine = Engine(memory)
    for _ in range(10):
        engine.play(64)
    stretch = Follower(memory, 128).take()
    assert stretch.first_frame == 128
    assert stretch.dry[0] == 128
    assert list(stretch.block_frame) == list(range(128, 640, 64))
    assert list(stretch.latent_frame) == list(range(128, 640, 64))
    assert stretch.value.size == 0


def test_what_was_overwritten_is_silence_of_the_same_length(memory: NDArray[Any]) -> None:
    engine = Engine(memory)
    follower = Follower(memory, 0)
    for _ in range(SCOPE_FRAMES // 512 + 20):
        engine.play(512)
    stretch = follower.take()
    frames = SCOPE_FRAMES + 20 * 512
    assert stretch.frames == frames
    assert 20 * 512 <= stretch.lost_frames < frames
    assert not stretch.dry[: stretch.lost_frames].any()
    kept = np.arange(stretch.lost_frames, frames, dtype=np.float32)
    np.testing.assert_array_equal(stretch.dry[stretch.lost_frames :], kept)
    np.testing.assert_array_equal(stretch.wet[stretch.lost_frames :], -kept)


def test_rows_that_came_too_fast_are_counted(memory: NDArray[Any]) -> None:
    engine = Engine(memory)
    follower = Follower(memory, 0)
    for _ in range(VALUE_ROWS // PARAMETER_COUNT + 2):
        engine.writer.start_voice(engine.values)
    engine.play(64)
    assert follower.take().lost_rows > 0


def test_an_engine_that_died_in_a_block_and_the_next_one_follow_on(memory: NDArray[Any]) -> None:
    first = Engine(memory)
    first.play(64)
    first.begin(64)
    follower = Follower(memory, 0)
    assert follower.take().frames == 64
    second = Engine(memory)
    second.play(64)
    stretch = follower.take()
    assert stretch.frames == 128
    np.testing.assert_array_equal(stretch.dry, np.arange(64, 192, dtype=np.float32))


def test_it_can_stop_where_it_is_told(memory: NDArray[Any]) -> None:
    engine = Engine(memory)
    for _ in range(4):
        engine.play(64)
    follower = Follower(memory, 0)
    assert follower.take(until=128).frames == 128
    assert list(follower.take().block_frame) == [128, 192]
