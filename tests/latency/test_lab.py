"""The lab on a device of paper: what is true is found true, and what is not is told."""

import numpy as np
import pytest

from rtvae.errors import DeviceError
from rtvae.io.drivers import Request
from rtvae.latency.lab import Measurement, measure
from rtvae.latency.report import TABLE_HEAD, describe, facts, table_row, verdict
from rtvae.model.identity import IdentityModel
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.loop_driver import LoopDriver
from tests.support.rig import RATE_HZ


def lab(driver: LoopDriver, model: IdentityModel, **options: object) -> Measurement:
    opened = driver.open(Request(RATE_HZ))
    return measure(driver, opened, model, pairs=2, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("buffered", [False, True])
@pytest.mark.parametrize("hop", [64, 128, 256])
@pytest.mark.parametrize("size", [64, 96, 256])
def test_what_is_reported_is_measured(size: int, hop: int, buffered: bool) -> None:
    found = lab(LoopDriver(size, size + 37), IdentityModel(hop), buffered=buffered)
    assert found.total_frames == found.reported_total_frames
    assert found.device_frames == size + 37
    assert found.path_frames == found.total_frames - found.device_frames
    assert (found.reported_frames["buffer"] > 0) == buffered
    assert found.jitter_frames == 0
    assert found.null_db is not None
    assert found.null_db <= -90.0
    assert found.true
    assert verdict(found) == "What is reported is true to the frame."


def test_a_model_with_a_delay_of_its_own_is_measured_by_its_own_sound() -> None:
    found = lab(LoopDriver(128, 128), ScriptedModel(64, delay_frames=113))
    assert found.reported_frames["model"] == 113
    assert found.path_frames == 113
    assert found.by_model
    assert found.true


def test_a_model_that_claims_a_false_delay_is_found_out() -> None:
    model = ScriptedModel(64, delay_frames=113)
    model.delay_frames = 100
    found = lab(LoopDriver(128, 128), model)
    assert not found.true
    assert found.jitter_frames == 13  # between the wet sound and the dry one beside it
    assert "true to the frame" not in verdict(found)


def test_dry_and_wet_that_differ_do_not_cancel() -> None:
    class Quieter(IdentityModel):
        def decode(self, latent: Audio, audio: Audio) -> None:
            super().decode(latent, audio)
            audio *= np.float32(0.5)

    found = lab(LoopDriver(128, 128), Quieter(64))
    assert found.null_db == pytest.approx(0.0, abs=0.1)  # twice as loud, against half


def test_a_model_that_changes_the_sound_is_measured_by_the_dry_one() -> None:
    def spoil(hop: int, audio: Audio) -> None:
        audio[:] = np.random.default_rng(hop).uniform(-0.1, 0.1, audio.shape)

    found = lab(LoopDriver(128, 200), ScriptedModel(256, spoil))
    assert not found.by_model
    assert found.onset_frames is None  # it sounds all the time
    assert found.null_db is None
    assert found.true
    assert "the dry sound beside it was measured" in describe(found)


def test_a_changing_model_that_answers_late_is_seen_by_its_onset() -> None:
    heard = [0.0]

    class Late(ScriptedModel):
        def encode(self, audio: Audio, mean: Audio, std: Audio) -> None:
            super().encode(audio, mean, std)
            heard.append(float(np.abs(audio).max()))

    def answer(hop: int, audio: Audio) -> None:
        audio[:] = heard[-2] * np.random.default_rng(hop).uniform(0.5, 1.0, audio.shape)

    found = lab(LoopDriver(64, 64), Late(64, answer))
    assert not found.by_model
    assert found.onset_frames == 64
    assert "begins 64 frames after the dry one" in describe(found)


def test_a_device_that_reports_too_little_is_told_by_how_much() -> None:
    found = lab(LoopDriver(128, 150, reported=128), IdentityModel(128))
    assert not found.true
    assert found.device_frames == 150
    assert "takes +22 frames against what it reports" in verdict(found)


def test_a_burst_with_a_dropout_in_it_is_measured_again() -> None:
    # The third pair's wet burst begins in block 4 * 10624 / 128 + 41 = 373.
    driver = LoopDriver(128, 128, lost=lambda block: block in (375, 376))
    found = lab(driver, IdentityModel(128))
    assert found.lost == 2
    assert found.bursts >= 4
    assert found.true


def test_a_latency_that_moves_is_jitter() -> None:
    driver = LoopDriver(128, 128)
    opened = driver.open(Request(RATE_HZ))
    model = ScriptedModel(128, lambda hop, audio: move(hop))

    def move(hop: int) -> None:
        driver.loop_frames = 128 + hop // 300

    found = measure(driver, opened, model, pairs=2)
    assert found.jitter_frames > 0
    assert "not constant" in verdict(found)


def test_no_loop_is_one_sentence() -> None:
    with pytest.raises(DeviceError, match="Nothing came back: connect the output to the input"):
        lab(LoopDriver(128, 128, gain=0.0), IdentityModel(64))


def test_nothing_but_dropouts_is_one_sentence() -> None:
    driver = LoopDriver(128, 128, lost=lambda block: block % 3 == 0)
    with pytest.raises(DeviceError, match="Every measurement had a dropout in it"):
        lab(driver, IdentityModel(64), tries=1)


def test_the_report_adds_up() -> None:
    found = lab(LoopDriver(128, 128), IdentityModel(256), buffered=True)
    told = facts(found)
    assert told["reported_total_frames"] == sum(told["reported_frames"].values()) == 512
    assert told["measured_ms"] == told["reported_ms"] == 10.667
    text = describe(found)
    assert text.count("512 frames    10.67 ms") == 2
    assert "jitter 0 frames over 4 bursts" in text
    row = table_row(found)
    assert row.count("|") == TABLE_HEAD.splitlines()[0].count("|")
    assert "| 512 = 10.67 ms | 512 = 10.67 ms | 0 | -150 dB |" in row
