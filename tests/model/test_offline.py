"""Playing a whole sound outside any stream: hop by hop, or many at once, aligned and bent."""

from pathlib import Path

import numpy as np
import pytest

from rtvae.model.identity import IdentityModel
from rtvae.model.load import load_model
from rtvae.model.offline import play, take
from tests.support.fake_model import ScriptedModel
from tests.support.toy_model import make_toy_model


def noise(frames: int) -> np.ndarray:
    return (0.2 * np.random.default_rng(0).standard_normal(frames)).astype(np.float32)


def test_many_hops_at_once_sound_as_one_by_one(tmp_path: Path) -> None:
    model = load_model(make_toy_model(tmp_path / "toy"))
    sound = noise(64 * 203)
    taken = take(model, sound)
    np.testing.assert_allclose(taken.output, play(model, sound), atol=1e-5)
    assert taken.mean.shape == taken.std.shape == (203, 4)


@pytest.mark.parametrize("frames", [1, 63, 64, 65, 4096, 4097])
@pytest.mark.parametrize("delay_frames", [0, 1, 64, 300])
def test_all_of_a_sound_comes_out_under_its_input(frames: int, delay_frames: int) -> None:
    model = ScriptedModel(delay_frames=delay_frames, latents=2)
    sound = noise(frames)
    taken = take(model, sound)
    np.testing.assert_array_equal(taken.output, sound)
    assert taken.mean.shape == (-(-frames // 64), 2)


def test_an_offset_bends_what_is_decoded_and_not_what_is_reported() -> None:
    model = IdentityModel(64, latents=3)
    sound = noise(640)
    taken = take(model, sound, np.array([0.0, 0.5, 0.0], np.float32))
    moved = (taken.output - sound).reshape(-1, 64)
    np.testing.assert_allclose(moved[:, 1], 0.5, atol=1e-6)
    assert not np.delete(moved, 1, axis=1).any()
    np.testing.assert_array_equal(taken.mean, sound.reshape(-1, 64)[:, :3])


def test_one_take_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    model = load_model(make_toy_model(tmp_path / "toy"))
    first = take(model, noise(6400)).output
    np.testing.assert_array_equal(take(model, noise(6400)).output, first)
