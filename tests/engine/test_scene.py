"""A scene: other models with other settings, and neither is ever heard with the other's."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from rtvae.control.parameters import index_of
from rtvae.engine.replay import Replay
from rtvae.link.control_block import make_scene
from rtvae.model.identity import IdentityModel
from rtvae.model.load import load_model
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.recorded_rig import RecordedRig
from tests.support.rig import RATE_HZ, Rig, largest_step, noise, tone
from tests.support.toy_model import make_toy_model

PERIOD = 64  # of the tone, in frames
TONE = tone(PERIOD * 300, RATE_HZ / PERIOD)
HALF = PERIOD * 150


class Tilted(IdentityModel):
    """The identity, louder by its first latent: what offset it is played with can be heard."""

    def __init__(self, gain: float) -> None:
        super().__init__(64, 1)
        self._gain = gain

    def encode(self, audio: Audio, mean: Audio, std: Audio) -> None:
        super().encode(audio, mean, std)
        mean.fill(0.0)
        self._heard = audio.copy()

    def decode(self, latent: Audio, audio: Audio) -> None:
        gains = self._gain * np.exp2(latent[:, :1])
        audio[:] = (self._heard.reshape(-1, 64) * gains).reshape(-1)


def change(rig: Rig, new: IdentityModel, values: Mapping[str, float], *, overlap: bool) -> Audio:
    """Play half of the tone, change to the scene, play the rest; return what is heard."""
    first = rig.play(TONE[:HALF])
    rig.path.offer(rig.voice(new), overlap=overlap, scene=make_scene(1, values))
    return np.concatenate([first, rig.play(TONE[HALF:])])


def levels(out: Audio) -> Audio:
    """The tone's level in each of its periods, but the first, which a model's delay fills."""
    peaks: Audio = np.abs(out.reshape(-1, PERIOD)).max(axis=1)[8:]
    return peaks


# Old model, its settings, new model, its settings: both are heard at a half of full scale or less,
# either with the other's settings would be far outside.
OPPOSITES = [
    (1.0, {"output_gain_db": -12.0}, 0.25, {"output_gain_db": 0.0}),
    (1.0, {"input_gain_db": -12.0}, 0.25, {"input_gain_db": 0.0}),
    (0.25, {"output_gain_db": 12.0}, 1.0, {"output_gain_db": 0.0}),
    (0.25, {"input_gain_db": 12.0}, 1.0, {"input_gain_db": 0.0}),
    (0.25, {"latent.1.offset": 2.0}, 1.0, {"latent.1.offset": 0.0}),
    (4.0, {"latent.1.offset": -2.0}, 1.0, {"latent.1.offset": 0.0}),
    (0.01, {"mix": 0.0}, 1.0, {"mix": 1.0}),
]


@pytest.mark.parametrize("size", [64, 256])
@pytest.mark.parametrize("overlap", [True, False])
@pytest.mark.parametrize(("old", "before", "new", "after"), OPPOSITES)
def test_no_model_is_heard_with_the_others_settings(
    old: float,
    before: dict[str, float],
    new: float,
    after: dict[str, float],
    overlap: bool,
    size: int,
) -> None:
    rig = Rig(Tilted(old), size, settings={k.replace(".", "__"): v for k, v in before.items()})
    out = change(rig, Tilted(new), after, overlap=overlap)
    ends = levels(out)[0], levels(out)[-1]
    assert largest_step(out) < 1.6 * max(ends) / 0.5 * largest_step(TONE)
    # Two voices in step are 3 dB louder in the middle of an equal-power crossfade.
    assert levels(out).max() < 1.45 * max(ends)
    if overlap:
        assert levels(out).min() > 0.98 * min(ends)
    assert rig.count("guard_repairs") == 0
    assert rig.count("limited_blocks") == 0


def test_the_values_stay_until_the_host_has_written_them_and_then_are_its_own() -> None:
    rig = Rig(Tilted(1.0), 64)
    change(rig, Tilted(1.0), {"mix": 0.25, "variation": 0.5}, overlap=True)
    place = index_of("mix")
    assert rig.reader.values[place] == 0.25
    rig.set(blend=0.5)
    rig.play_blocks(2)
    assert rig.reader.values[place] == 0.25
    assert rig.reader.values[index_of("blend")] == 0.5
    rig.writer.set_many({place: 0.75}, scene=1)
    rig.play_blocks(2)
    assert rig.reader.values[place] == 0.75
    assert rig.reader.values[index_of("variation")] == 0.0
    rig.set(mix=0.5)
    rig.play_blocks(2)
    assert rig.reader.values[place] == 0.5


def test_knobs_move_only_the_new_model_while_the_two_cross() -> None:
    rig = Rig(Tilted(1.0), 64)
    rig.play(TONE[:HALF])
    new = ScriptedModel(64, delay_frames=PERIOD * 40)
    rig.path.offer(rig.voice(new), overlap=True, scene=make_scene(1, {"mute": 0.0}))
    rig.play_blocks(1)
    rig.set(latent__1__offset=2.0, output_gain_db=-40.0)
    crossing = rig.play(TONE[: PERIOD * 30])
    assert np.abs(crossing).max() == pytest.approx(0.5, rel=0.02)
    assert rig.path.swapping


@pytest.mark.parametrize("overlap", [True, False])
def test_a_recording_with_scenes_is_played_again_bit_for_bit(tmp_path: Path, overlap: bool) -> None:
    models = [make_toy_model(tmp_path / str(k), seed=k, name=f"toy-{k}") for k in range(2)]
    take = RecordedRig(models[0], tmp_path / "take")
    take.play(noise(RATE_HZ // 2, level=0.3))
    take.record()
    for k in range(1, 7):
        take.play(noise(RATE_HZ // 4, seed=k, level=0.3))
        values = {
            "mix": 0.5 + k / 20,
            "input_gain_db": 2.0 - k,
            "output_gain_db": k - 6.0,
            "latent.1.offset": k / 4.0,
            "variation": k / 10.0,
        }
        take.load(models[k % 2], overlap=overlap, scene=make_scene(k, values))
        take.play(noise(RATE_HZ // 4, seed=10 + k, level=0.3))
        indices = {index_of(name): value for name, value in values.items()}
        take.rig.writer.set_many(indices, scene=k)
        take.rig.set(mix=0.9)
    take.play(noise(RATE_HZ // 4, level=0.3))
    done = Replay(take.finish(), lambda model, executor: load_model(Path(model.path))).run()
    assert done.first_difference is None, done
    assert done.frames > 3 * RATE_HZ
