"""What one frame shows, from the shared memory alone."""

import math
from pathlib import Path

import numpy as np

from rtvae.control.parameters import index_of
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import State
from rtvae.link.session_memory import open_telemetry
from rtvae.window.picture import Picture
from tests.support.fake_engine import FakeEngine

from .conftest import FRAME_S, Clock, look


def advance(picture: Picture, engine: FakeEngine, clock: Clock, frames: int, blocks: int) -> None:
    for _ in range(frames):
        for _ in range(blocks):
            engine.step()
        clock.now_s += FRAME_S
        picture.advance(clock())


def test_a_session_before_its_engine_shows_that_nothing_is_known(
    folder: Path, clock: Clock
) -> None:
    picture = look(folder, clock)
    assert picture.condition.word == "starting"
    assert picture.load.number == "\u2013"
    assert picture.facts.sample_rate_hz == 48_000


def test_latency_is_the_sum_of_its_parts(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    engine.telemetry.set("reblock_latency_frames", 48)
    engine.telemetry.set("buffer_latency_frames", 64)
    advance(picture, engine, clock, 10, 12)
    assert picture.latency.number == f"{(256 + 48 + 64 + 187) / 48:.1f} ms"
    assert picture.latency.detail == "555 frames: device 256 · block 48 · buffer 64 · model 187"
    for part in (256, 48, 64, 187, 555):
        assert f"({part} frames)" in picture.latency.explanation


def test_what_came_too_late_for_its_buffer_counts_as_mended(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    engine.telemetry.add("concealed_blocks", 3)
    engine.telemetry.add("guard_repairs", 2)
    advance(picture, engine, clock, 10, 12)
    assert picture.dropouts.detail.endswith("mended 5")
    assert "3 because it came too late" in picture.dropouts.explanation


def test_a_device_without_buffers_is_said_to_have_none(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    engine.telemetry.set("device_latency_frames", 0)
    advance(picture, engine, clock, 10, 12)
    assert picture.latency.detail == "187 frames: no device buffers · model 187"


def test_every_latent_row_is_seen_once(picture: Picture, engine: FakeEngine, clock: Clock) -> None:
    advance(picture, engine, clock, 40, 12)
    hops = 40 * 12 * engine.block_size // 64
    assert picture.latents.played.count == hops // picture.scale.hops_per_column


def test_sound_that_runs_ahead_of_the_window_is_cut_not_doubled(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    advance(picture, engine, clock, 1, 2000)
    assert picture.latents.played.count <= 2048 // picture.scale.hops_per_column
    assert math.isfinite(picture.output_level.peak_db)


def test_an_engine_that_falls_silent_and_comes_back(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    advance(picture, engine, clock, 5, 12)
    assert picture.condition.word == "playing"
    clock.now_s += 0.6
    picture.advance(clock())
    assert picture.condition.sentence == "engine stopped, restarting"
    advance(picture, engine, clock, 1, 12)
    assert picture.condition.word == "playing"


def test_an_engine_that_counts_from_zero_again_is_followed(
    folder: Path, picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    advance(picture, engine, clock, 5, 12)
    block = open_telemetry(folder)
    for counter in ("latent_rows", "scope_frames", "timing_rows", "blocks"):
        block[counter] = 0
    again = FakeEngine(folder)
    before = picture.latents.played.count
    advance(picture, again, clock, 10, 12)
    assert picture.latents.played.count > before


def test_a_model_swap_starts_the_pictures_anew(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    advance(picture, engine, clock, 10, 12)
    serial = picture.stream_serial
    engine.telemetry.add("model_serial")
    engine.telemetry.set("latents", 4)
    engine.latents = 4
    advance(picture, engine, clock, 10, 12)
    assert picture.stream_serial == serial + 1
    assert picture.latents.played.newest(1).shape == (1, 4)


def test_rubbish_in_the_telemetry_leaves_a_picture(
    folder: Path, picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    block = open_telemetry(folder)
    for rubbish in (np.nan, np.inf, -np.inf, 3e38):
        for name in ("latent_before", "latent_after", "scope_input", "scope_output", "timing_us"):
            block[name] = rubbish
        for name in ("latent_rows", "scope_frames", "timing_rows", "blocks"):
            block[name] += np.uint64(1000)
        clock.now_s += FRAME_S
        picture.advance(clock())
        for level in (picture.input_level, picture.output_level):
            assert math.isfinite(level.peak_db)
            assert math.isfinite(level.rms_db)
        assert np.isfinite(picture.output_curve.levels_db).all()


def test_rubbish_in_the_facts_is_held_within_bounds(
    folder: Path, picture: Picture, clock: Clock
) -> None:
    block = open_telemetry(folder)
    for name in block.dtype.names or ():
        if block.dtype[name] == np.uint64 and name != "version":
            block[name] = np.uint64(2**62)
    clock.now_s += FRAME_S
    picture.advance(clock())
    assert picture.facts.latents == 128
    assert picture.facts.sample_rate_hz == 48_000
    assert picture.condition.word == "unknown"


def test_new_dropouts_are_marked_for_a_while(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    advance(picture, engine, clock, 10, 12)
    assert (picture.dropouts.number, picture.dropouts.tone) == ("0", "calm")
    engine.telemetry.add("output_underflows", 2)
    engine.telemetry.add("input_overflows")
    advance(picture, engine, clock, 10, 12)
    assert (picture.dropouts.number, picture.dropouts.tone) == ("2", "bad")
    advance(picture, engine, clock, 90, 12)
    assert (picture.dropouts.number, picture.dropouts.tone) == ("2", "calm")


def test_the_limiter_at_work_marks_the_output(
    picture: Picture, engine: FakeEngine, clock: Clock
) -> None:
    advance(picture, engine, clock, 2, 12)
    assert not picture.output_level.clipped
    engine.telemetry.add("limited_blocks")
    advance(picture, engine, clock, 1, 12)
    assert picture.output_level.clipped


def test_a_panic_is_seen_when_it_reaches_the_block(
    picture: Picture, control: ControlWriter, clock: Clock
) -> None:
    assert not picture.panicked
    control.panic()
    clock.now_s += FRAME_S
    picture.advance(clock())
    assert picture.panicked


def test_parameters_come_from_the_block_unless_an_edit_is_on_its_way(
    picture: Picture, control: ControlWriter, clock: Clock
) -> None:
    mute = index_of("mute")
    picture.edits.note(mute, 1.0, clock())
    assert picture.muted
    control.set(mute, 1.0)
    picture.advance(clock())
    control.set(mute, 0.0)
    picture.advance(clock())
    assert not picture.muted


def test_the_state_is_named(picture: Picture, engine: FakeEngine, clock: Clock) -> None:
    advance(picture, engine, clock, 1, 1)
    engine.telemetry.set_state(State.DRY)
    engine.telemetry.add("blocks")
    picture.advance(clock())
    assert picture.condition.word == "dry only"
