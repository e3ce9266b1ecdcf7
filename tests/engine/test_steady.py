"""Calm blocks take a shorter way: the sound and all that is shown of it stay the same."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rtvae.engine.steady import Steady
from rtvae.link.layout import TELEMETRY
from rtvae.model.live import LiveModel
from rtvae.model.load import load_model
from tests.support.fake_model import ScriptedModel
from tests.support.rig import Audio, Rig, largest_step, noise, tone
from tests.support.toy_model import make_toy_model

TIMES = {"timing_us", "timing_start", "late_blocks"}
ROUNDED = {"input_rms", "output_rms"}


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy")


@pytest.fixture
def calm_blocks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each block that was offered to the shorter way took it."""
    taken: list[bool] = []
    play = Steady.play

    def count(steady: Steady, inp: Audio, out: Audio) -> bool:
        taken.append(play(steady, inp, out))
        return taken[-1]

    monkeypatch.setattr(Steady, "play", count)
    return taken


def disturb(rig: Rig, kind: int, block: Audio, random: np.random.Generator) -> None:
    """Let something happen that a player or a fault may bring about."""
    if kind == 0:
        block[3] = np.nan
    elif kind == 1:
        block *= 8.0
    elif kind == 2:
        rig.set(mix=float(random.uniform()))
    elif kind == 3:
        rig.set(mix=1.0, output_gain_db=0.0, input_gain_db=0.0)
    elif kind == 4:
        rig.set(output_gain_db=float(random.uniform(-12, 6)))
    elif kind == 5:
        rig.set(mute=1.0)
    elif kind == 6:
        rig.set(mute=0.0)
    elif kind == 7:
        rig.set(input_gain_db=float(random.uniform(-12, 6)))
    elif kind == 8:
        rig.writer.panic()
    elif kind == 9:
        rig.path.resume()
    elif kind == 10:
        rig.set(latent__1__offset=float(random.uniform(-1, 1)))
    elif kind == 11:
        rig.set(test_tone=float(random.integers(2)))


def show(
    model: LiveModel, size: int, seed: int, *, shorter: bool, offset: float = 0.0
) -> tuple[Audio, Rig]:
    """Play an eventful show; `shorter` lets calm blocks take the shorter way."""
    random = np.random.default_rng(seed)
    rig = Rig(model, size, muted_start=True, channels=((0,), (0, 1)))
    if not shorter:
        rig.path._steady = None
    played = []
    for _ in range(1500):
        block = (0.2 * random.standard_normal(size)).astype(np.float32) + np.float32(offset)
        disturb(rig, int(random.integers(300)), block, random)
        played.append(rig.play_channels(block[:, None]))
    return np.concatenate(played), rig


@pytest.mark.parametrize("size", [64, 128, 192, 512])
def test_the_sound_and_what_is_shown_of_it_are_the_same(
    toy: Path, size: int, calm_blocks: list[bool]
) -> None:
    shorter, one = show(load_model(toy), size, size, shorter=True)
    usual, other = show(load_model(toy), size, size, shorter=False)
    assert calm_blocks.count(True) > 150
    np.testing.assert_array_equal(shorter, usual)
    for name in TELEMETRY.names or ():
        if name in ROUNDED:
            np.testing.assert_allclose(one.memory[name], other.memory[name], rtol=1e-6)
        elif name not in TIMES:
            np.testing.assert_array_equal(one.memory[name], other.memory[name], name)


def test_an_offset_that_stays_is_removed_as_ever(toy: Path, calm_blocks: list[bool]) -> None:
    shorter, _ = show(load_model(toy), 128, 1, shorter=True, offset=0.3)
    usual, _ = show(load_model(toy), 128, 1, shorter=False, offset=0.3)
    assert calm_blocks.count(True) > 20
    np.testing.assert_array_equal(shorter, usual)


def _spoil(hop: int, audio: Audio) -> None:
    if hop == 500:
        audio[5] = np.nan


def _explode(hop: int, audio: Audio) -> None:
    if hop == 500:
        raise RuntimeError("broken")


@pytest.mark.parametrize("fault", [_spoil, _explode])
def test_a_model_that_fails_in_a_calm_block_is_bridged(
    fault: Callable[[int, Audio], None], calm_blocks: list[bool]
) -> None:
    takes = []
    for shorter in (True, False):
        rig = Rig(ScriptedModel(64, spoil=fault), 64)
        if not shorter:
            rig.path._steady = None
        takes.append((rig.play(tone(64 * 1200)), rig.count("guard_repairs")))
    assert calm_blocks.count(True) > 900
    assert takes[0][1] == takes[1][1] == 1
    np.testing.assert_array_equal(takes[0][0], takes[1][0])
    assert largest_step(takes[0][0]) < 0.05


def test_a_knob_that_turns_leaves_it_calm(calm_blocks: list[bool]) -> None:
    takes = []
    for shorter in (True, False):
        rig = Rig(ScriptedModel(64, latents=4), 64)
        if not shorter:
            rig.path._steady = None
        rig.play(noise(64 * 100))
        calm_blocks.clear()
        for turn in range(100):
            rig.set(mix=turn / 100, latent__1__offset=turn / 2000, output_gain_db=-turn / 20)
            takes.append(rig.play(noise(64, seed=turn, level=0.2)))
        if shorter:
            assert calm_blocks == [True] * 100
    np.testing.assert_array_equal(np.concatenate(takes[:100]), np.concatenate(takes[100:]))


def test_calm_comes_back_after_a_mute(calm_blocks: list[bool]) -> None:
    rig = Rig(ScriptedModel(64), 64)
    rig.play(noise(64 * 100))
    calm_blocks.clear()
    rig.set(mute=1.0)
    rig.play(noise(64 * 100))
    assert calm_blocks == [False]
    rig.set(mute=0.0)
    rig.play(noise(64 * 100))
    assert calm_blocks.count(True) > 80


def test_a_model_that_is_replaced_is_let_go(calm_blocks: list[bool]) -> None:
    rig = Rig(ScriptedModel(64), 64)
    rig.play(noise(64 * 100))
    old = rig.path.voice
    rig.path.offer(rig.voice(ScriptedModel(64)), overlap=True)
    rig.play(noise(64 * 40))
    assert not rig.path.swapping
    steady = rig.path._steady
    assert steady is not None
    assert steady.voice is not old


def test_blocks_of_sizes_that_vary_and_uneven_ones_are_played_the_usual_way(
    calm_blocks: list[bool],
) -> None:
    rig = Rig(ScriptedModel(64), 64, declared=0)
    audio = noise(64 * 60)
    rig.play(audio, sizes=[64, 100, 28])
    uneven = Rig(ScriptedModel(64), 100)
    uneven.play(noise(100 * 60))
    assert not calm_blocks
