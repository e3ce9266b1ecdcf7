"""A recorded performance played again is the recording, bit for bit, through the same models."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.engine.ladder import Rung
from rtvae.engine.replay import Replay, Replayed
from rtvae.errors import PerformanceError
from rtvae.io.performance import Performance, read_performance
from rtvae.io.performance_facts import PlayedModel
from rtvae.link.layout import Mark
from rtvae.model.live import LiveModel
from rtvae.model.load import load_model
from tests.support.everything import everything
from tests.support.recorded_rig import RecordedRig
from tests.support.rig import RATE_HZ, Rig, noise, tone
from tests.support.synth_space import add_space
from tests.support.toy_model import make_toy_model

SECOND = RATE_HZ


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "other", seed=1, name="other")


def load(model: PlayedModel, executor: str) -> LiveModel:
    return load_model(Path(model.path))


def play_again(performance: Performance, destination: Path | None = None) -> Replayed:
    return Replay(performance, load).run(destination)


def turning(rig: Rig, block: int) -> None:
    """Everything that can be turned, turns."""
    rig.set(latent__1__offset=2 * np.sin(block / 30), latent__2__scale=1 + np.cos(block / 50))
    rig.set(variation=float(block % 200 > 100))
    if block % 40 == 0:
        rig.set(mix=block % 400 / 400, input_gain_db=block % 7 - 3, output_gain_db=-(block % 5))
    rig.set(mute=float(block % 500 > 450))
    if block % 900 == 899:
        rig.writer.panic()


def assert_exact(done: Replayed) -> None:
    assert done.first_difference is None, done
    assert done.frames >= SECOND
    assert done.same_from <= done.whole_frame
    assert done.whole_frame < 0.2 * RATE_HZ


@pytest.mark.parametrize(
    ("size", "declared", "sizes"),
    [(64, None, None), (96, None, None), (480, 0, (480, 17, 9000, 64))],
)
def test_with_everything_turning_it_is_the_recording_bit_for_bit(
    toy: Path, tmp_path: Path, size: int, declared: int | None, sizes: tuple[int, ...] | None
) -> None:
    take = RecordedRig(toy, tmp_path / "take", block_size=size, declared=declared)
    take.play(noise(SECOND, level=0.3), sizes=sizes)
    take.record()
    take.play(noise(2 * SECOND, seed=1, level=0.3), turning, sizes)
    performance = take.finish()
    done = play_again(performance, tmp_path / "again.wav")
    assert_exact(done)
    again = soundfile.read(tmp_path / "again.wav", dtype="float32")[0]
    wet = soundfile.read(performance.sound, dtype="float32")[0][:, 1]
    assert np.array_equal(again[done.whole_frame :], wet[done.whole_frame : again.shape[0]])
    assert np.abs(wet).max() > 0.05


def modulating(rig: Rig, block: int) -> None:
    """Everything that moves latents by itself is on, and some of it changes all the time."""
    if block == 0:
        rig.set(**{name.replace(".", "__"): value for name, value in everything().items()})
    if block % 150 == 20:
        step = block // 150
        rig.set(looper=1.0 + step % 3, looper_speed=1.0 + 0.5 * (step % 2))
        rig.set(latent__4__freeze=float(step % 2), feedback_ms=20.0 + 30.0 * (step % 3))
        rig.set(mod__1__kind=float(step % 6), mod__3__shape=float(step % 5), prior=float(step % 2))
        rig.set(generate=0.3 * (step % 3), diffusion_colour=0.2 * (step % 6))
    if block % 90 == 10:
        rig.set(beat=float(block // 90), leash=block % 7 / 7)
        rig.set(test_tone=float(block > 600 and block // 90 % 2))


def without_a_loop(rig: Rig, block: int) -> None:
    """As `modulating`; a recording leaves a loop that is there alone, and is not exact then."""
    modulating(rig, block)
    rig.set(looper=0.0)


@pytest.mark.parametrize(
    ("size", "sizes", "buffered"),
    [(64, None, False), (96, None, False), (480, (480, 17, 9000, 64), False), (64, None, True)],
)
def test_with_everything_moving_by_itself_it_is_the_recording_bit_for_bit(
    tmp_path: Path, size: int, sizes: tuple[int, ...] | None, buffered: bool
) -> None:
    model = make_toy_model(tmp_path / "spaced", name="spaced")
    add_space(model)
    declared = 0 if sizes else None
    take = RecordedRig(
        model, tmp_path / "take", block_size=size, declared=declared, buffered=buffered
    )
    take.play(noise(SECOND // 2, level=0.3), without_a_loop, sizes)
    take.record()
    take.play(noise(2 * SECOND, seed=1, level=0.3), modulating, sizes)
    performance = take.finish()
    assert_exact(play_again(performance))
    after, before = (performance.latents[0][name] for name in ("after", "before"))
    assert np.abs(after - before).max() > 1.0


def test_a_recording_from_before_the_leash_is_played_without_one(tmp_path: Path) -> None:
    model = make_toy_model(tmp_path / "spaced", name="spaced")
    add_space(model)
    settings = {"leash": 0.0, "latent__1__offset": 8.0}
    take = RecordedRig(model, tmp_path / "take", settings=settings)
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND + SECOND // 4, seed=1, level=0.3))
    performance = take.finish()
    names = ["an old one" if name == "leash" else name for name in performance.head.parameters]
    old = replace(performance, head=replace(performance.head, parameters=tuple(names)))
    assert_exact(play_again(old))


def test_a_recording_from_the_start_is_exact_from_its_first_frame(
    toy: Path, tmp_path: Path
) -> None:
    take = RecordedRig(toy, tmp_path / "take", muted_start=True)
    take.playing = False
    take.record()
    take.started()
    take.play(noise(SECOND + 64, level=0.3), turning)
    done = play_again(take.finish())
    assert done.whole_frame == done.same_from == 0


def test_changes_of_model_are_played_again(toy: Path, other: Path, tmp_path: Path) -> None:
    take = RecordedRig(toy, tmp_path / "take")
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND, level=0.3), turning)
    take.load(other)
    take.play(noise(SECOND // 2, seed=1, level=0.3))
    take.load(toy, other, overlap=False)
    take.play(noise(SECOND, seed=2, level=0.3), turning)
    take.load(None)
    take.play(noise(SECOND // 2, seed=3, level=0.3))
    performance = take.finish()
    titles = [voice.title for voice in performance.voices]
    assert titles == ["toy", "other", "toy beside other", "the dry input"]
    assert_exact(play_again(performance))


def test_rungs_of_the_ladder_are_played_again(toy: Path, tmp_path: Path) -> None:
    def stumble(rig: Rig, block: int) -> None:
        rig.path.rung = (Rung.FULL, Rung.HOLDING, Rung.DRY, Rung.SILENT)[block // 100 % 4]

    take = RecordedRig(toy, tmp_path / "take")
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND // 8, level=0.3))
    take.play(noise(SECOND, seed=1, level=0.3), stumble)
    assert_exact(play_again(take.finish()))


def test_a_rung_that_there_is_not_changes_nothing(toy: Path, tmp_path: Path) -> None:
    take = RecordedRig(toy, tmp_path / "take")
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND + SECOND // 4, level=0.3))
    performance = take.finish()
    for value in (77.0, np.nan, -np.inf):
        row = {"frame": [SECOND], "index": [Mark.RUNG], "value": [value]}
        for name, column in row.items():
            before = performance.turned[name]
            performance.turned[name] = np.append(before, np.array(column, before.dtype))
    assert_exact(play_again(performance))


def test_a_recording_that_begins_on_a_low_rung_knows_it(toy: Path, tmp_path: Path) -> None:
    take = RecordedRig(toy, tmp_path / "take")
    take.rig.path.rung = Rung.DRY
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND, level=0.3))
    assert_exact(play_again(take.finish()))


def test_buffered_inference_is_played_again_at_its_latency(toy: Path, tmp_path: Path) -> None:
    take = RecordedRig(toy, tmp_path / "take", buffered=True)
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND + SECOND // 4, level=0.3), turning)
    performance = take.finish()
    assert performance.voices[0].buffer_latency_frames > 0
    assert_exact(play_again(performance))


def test_a_limiter_at_work_at_the_start_goes_on_as_it_was(toy: Path, tmp_path: Path) -> None:
    take = RecordedRig(toy, tmp_path / "take", settings={"output_gain_db": 24.0, "mix": 0.0})
    take.play(noise(SECOND // 4, level=0.5))
    take.record()
    take.play(tone(2 * SECOND, level=0.03))
    assert_exact(play_again(take.finish()))


def test_what_was_lost_is_silence_and_what_follows_stays_in_its_place(
    toy: Path, tmp_path: Path
) -> None:
    take = RecordedRig(toy, tmp_path / "take")
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND // 4, level=0.3))
    take.stall = True
    take.play(noise(2 * SECOND, seed=1, level=0.3))
    take.stall = False
    take.play(noise(SECOND, seed=2, level=0.3))
    performance = take.finish()
    (gap,) = performance.gaps
    assert gap.frames > SECOND // 4
    wet = soundfile.read(performance.sound, dtype="float32")[0][:, 1]
    played = np.concatenate(take.wet)
    start = int(performance.voices[0].frame) + take.first_frame
    assert np.array_equal(wet[gap.frame + gap.frames :], played[start + gap.frame + gap.frames :])
    assert not wet[gap.frame : gap.frame + gap.frames].any()
    done = play_again(performance)
    assert done.frames == wet.shape[0]
    assert done.same_from < gap.frame + gap.frames + SECOND // 2


def test_another_model_plays_the_same_sound_and_knobs(
    toy: Path, other: Path, tmp_path: Path
) -> None:
    take = RecordedRig(toy, tmp_path / "take")
    take.play(noise(SECOND // 4, level=0.3))
    take.record()
    take.play(noise(SECOND, seed=1, level=0.3), lambda rig, block: rig.set(output_gain_db=-6.0))
    performance = take.finish()
    Replay(performance, load, lambda: load_model(other)).run(tmp_path / "other.wav")
    with pytest.raises(AssertionError):
        assert_exact(Replay(performance, load, lambda: load_model(other)).run())
    assert_exact(Replay(performance, load, lambda: load_model(toy)).run())


def test_a_performance_without_blocks_or_with_another_sound_is_one_sentence(
    toy: Path, tmp_path: Path
) -> None:
    take = RecordedRig(toy, tmp_path / "take")
    take.play(noise(SECOND // 4))
    take.record()
    take.play(noise(SECOND // 4))
    performance = take.finish()
    soundfile.write(performance.sound, noise(100), RATE_HZ, "FLOAT", format="W64")
    with pytest.raises(PerformanceError, match="is not the sound of this performance"):
        play_again(performance, tmp_path / "again.wav")
    assert not list(tmp_path.glob("*again*"))
    broken = performance.path.with_name("broken.rtvp")
    broken.write_bytes(performance.path.read_bytes()[:60_000])
    with pytest.raises(PerformanceError, match="nothing to play back"):
        play_again(read_performance(broken))
