"""What latents do by themselves, through the whole engine: heard, shown, and found by ear."""

import numpy as np
import pytest

from rtvae.control.parameters import MODULATORS
from rtvae.dsp.limiter import CEILING
from rtvae.model.identity import IdentityModel
from tests.support.everything import everything
from tests.support.rig import RATE_HZ, Rig, largest_step, noise, tone
from tests.support.synth_model import SynthModel

BUFFERED = pytest.mark.parametrize("buffered", [False, True])


def turn(rig: Rig, changes: dict[str, float]) -> None:
    rig.set(**{name.replace(".", "__"): value for name, value in changes.items()})


@BUFFERED
def test_an_lfo_on_the_pitch_is_heard(buffered: bool) -> None:
    rig = Rig(SynthModel(), buffered=buffered)
    turn(rig, {"mod.1.kind": 1, "mod.1.shape": 4, "mod.1.rate_hz": 2.0, "mod.1.to.3": 4.0})
    heard = rig.play(tone(2 * RATE_HZ, level=0.1))
    rig.path.voice.close()
    highs = []
    for start in (0.55, 0.8):  # the square's two halves: 1200 cents up and down
        part = heard[round(start * RATE_HZ) :][: RATE_HZ // 8]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(part.shape[0]), 1 << 16))
        highs.append(np.argmax(spectrum) * RATE_HZ / (1 << 16))
    assert highs[0] == pytest.approx(440.0, rel=0.03)
    assert highs[1] == pytest.approx(110.0, rel=0.03)


@BUFFERED
def test_modulators_beat_and_loop_are_shown(buffered: bool) -> None:
    rig = Rig(IdentityModel(64, latents=8), buffered=buffered)
    turn(rig, {"mod.2.kind": 1, "mod.2.shape": 4, "mod.2.rate_hz": 0.5, "looper": 1})
    rig.play(noise(RATE_HZ // 2))
    shown = rig.memory["modulator"]
    assert shown.shape == (MODULATORS,)
    assert shown[1] == 1.0
    assert not shown[[0, 2, 3, 4, 5, 6, 7]].any()
    assert rig.telemetry.scalar("beat") == pytest.approx(1.0, abs=0.03)
    assert rig.count("looper_rows") == pytest.approx(375, abs=8)
    turn(rig, {"looper": 2})
    rig.play(noise(RATE_HZ // 4))
    assert rig.count("looper_rows") == pytest.approx(375, abs=1)
    assert rig.count("looper_at") == pytest.approx(187, abs=9)
    assert rig.telemetry.scalar("leash_pull") == 0.0
    rig.path.voice.close()


def test_buffered_and_direct_sound_alike_while_knobs_turn() -> None:
    takes = []
    for buffered in (False, True):
        rig = Rig(IdentityModel(64, latents=8), buffered=buffered)
        turn(rig, everything())
        parts = [rig.play(noise(64 * 50, level=0.1))]
        turn(rig, {"looper": 2, "mod.1.kind": 0, "latent.1.offset": 0.1})
        parts.append(rig.play(noise(64 * 50, seed=1, level=0.1)))
        parts.append(rig.play(np.zeros(64 * 10, np.float32)))
        takes.append(np.concatenate(parts))
        if buffered:
            takes[1] = takes[1][rig.path.voice.buffer_latency_frames :]
        rig.path.voice.close()
    # Settings reach the worker with the hop that is posted beside them.
    kept = takes[1].shape[0] - 64 * 20
    np.testing.assert_array_equal(takes[1][:kept], takes[0][:kept])


def test_the_test_tone_is_heard_whatever_plays_and_stays_below_the_ceiling() -> None:
    rig = Rig(IdentityModel(64))
    silence = np.zeros(RATE_HZ, np.float32)
    assert not rig.play(silence).any()
    rig.set(test_tone=1.0, mix=0.0, output_gain_db=-60.0)
    heard = rig.play(silence)
    assert np.abs(heard[RATE_HZ // 2 :]).max() == pytest.approx(0.1, rel=0.02)
    rig.set(test_tone=0.0)
    assert not rig.play(silence)[RATE_HZ // 2 :].any()
    rig.set(test_tone=1.0, mix=1.0, output_gain_db=0.0)
    loud = rig.play(tone(RATE_HZ, level=0.99))
    assert np.abs(loud).max() <= CEILING


def test_mute_silences_the_test_tone_too() -> None:
    rig = Rig(IdentityModel(64), settings={"mute": 1.0, "test_tone": 1.0})
    assert not rig.play(np.zeros(RATE_HZ, np.float32))[RATE_HZ // 10 :].any()


def test_a_model_that_fails_does_not_poison_what_moves() -> None:
    rig = Rig(IdentityModel(64, latents=8))
    turn(rig, everything())
    rig.play(noise(RATE_HZ // 2, level=0.1))
    broken = noise(640, level=0.1)
    rig.path.voice.model.encode = _broken  # type: ignore[method-assign]
    rig.play(broken)
    del rig.path.voice.model.encode
    after = rig.play(noise(2 * RATE_HZ, level=0.1))
    assert np.isfinite(after).all()
    assert rig.count("guard_repairs") > 0
    assert rig.telemetry.latents(100)[1].shape == (100, 8)
    assert np.isfinite(rig.telemetry.latents(100)[1]).all()
    assert largest_step(after) < 2.0


def _broken(audio: np.ndarray, mean: np.ndarray, std: np.ndarray) -> None:
    mean.fill(np.nan)
    std.fill(np.nan)
