"""A whole folder: what is left out, what is cut, and how a transfer is judged."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.errors import CorpusError
from rtvae.evaluation.folder import evaluate_folder
from rtvae.evaluation.pitch import praat_pitch_hz
from rtvae.evaluation.transfer import Transfer
from rtvae.model.identity import IdentityModel
from tests.support.synth_model import BASE_HZ, SynthModel
from tests.support.tones import RATE_HZ, Sound, notes, seconds, steady, tone, vibrato


def write(path: Path, sound: Sound, rate_hz: int = RATE_HZ) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, rate_hz)


def sung(hz: float = BASE_HZ) -> Sound:
    swell = 0.5 + 0.45 * np.sin(2 * np.pi * seconds(2.0))
    return (tone(vibrato(f0_hz=hz, depth_cents=5.0), harmonics=2) * swell).astype(np.float32)


def met(transfer: Transfer | None) -> list[bool]:
    assert transfer is not None
    return [bar.met for bar in transfer.bars]


def test_what_cannot_be_used_is_named_and_the_rest_is_measured(tmp_path: Path) -> None:
    write(tmp_path / "a/stereo.wav", np.stack([sung(), sung()], axis=1), 44_100)
    write(tmp_path / "b.flac", np.zeros(30, np.float32))
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.ogg").write_text("not a sound")
    (tmp_path / "talk.m4a").write_text("not read by libsndfile")
    soundfile.write(tmp_path / "nan.wav", np.full(2000, np.nan), RATE_HZ, subtype="FLOAT")
    said: list[str] = []
    found = evaluate_folder(IdentityModel(64), tmp_path, praat_pitch_hz, say=said.append)
    assert [row.file for row in found.rows] == ["a/stereo.wav", "b.flac"]
    assert found.rows[0].seconds == pytest.approx(2.0 * RATE_HZ / 44_100, abs=1e-3)
    assert len(said) == len(found.skipped) == 4
    for name in ("empty.wav", "text.ogg", "nan.wav", "talk.m4a"):
        assert any(name in sentence for sentence in found.skipped)


def test_a_folder_without_anything_readable_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not a sound")
    with pytest.raises(CorpusError, match="could be read"):
        evaluate_folder(IdentityModel(64), tmp_path, None)


@pytest.mark.parametrize("rate_hz", [RATE_HZ, 44_100])
def test_only_the_beginning_of_a_long_recording_is_measured(tmp_path: Path, rate_hz: int) -> None:
    write(tmp_path / "long.wav", steady(200.0, 6.0, rate_hz), rate_hz)
    found = evaluate_folder(IdentityModel(64), tmp_path, None, longest_s=1.5)
    assert found.rows[0].seconds == 1.5
    assert found.rows[0].cut
    whole = evaluate_folder(IdentityModel(64), tmp_path, None, longest_s=6.5)
    assert whole.rows[0].seconds == pytest.approx(6.0, abs=1e-4)
    assert not whole.rows[0].cut


def test_pitch_is_judged_over_all_frames_together(tmp_path: Path) -> None:
    write(tmp_path / "in tune.wav", np.tile(sung(), 3))
    write(tmp_path / "out of tune.wav", sung(BASE_HZ * 2 ** (-1 / 12)))
    found = evaluate_folder(SynthModel(), tmp_path, praat_pitch_hz)
    assert found.pitch is not None
    assert sum(row.pitch.voiced_frames for row in found.rows if row.pitch) == (
        found.pitch.voiced_frames
    )
    apart = {row.file: row.pitch.error_cents for row in found.rows if row.pitch}
    assert apart["out of tune.wav"] == pytest.approx(100.0, abs=5.0)
    assert (found.pitch.error_cents or 0.0) < 10.0


def test_a_transfer_that_follows_meets_the_bars_and_nears_its_target(tmp_path: Path) -> None:
    write(tmp_path / "in/sung.wav", sung())
    write(tmp_path / "target/tone.wav", steady(BASE_HZ, 2.0, harmonics=12))
    found = evaluate_folder(
        SynthModel(), tmp_path / "in", praat_pitch_hz, transfer=True, target=tmp_path / "target"
    ).transfer
    assert met(found) == [True, True, True]
    assert found is not None
    assert (found.moved_db or 0.0) > 3.0
    assert (found.output_from_target_db or 99.0) < 0.7 * (found.input_from_target_db or 0.0)


def test_a_transfer_that_does_not_follow_fails_the_bars(tmp_path: Path) -> None:
    write(tmp_path / "in/high.wav", sung(BASE_HZ * 2 ** (3 / 12)))
    write(tmp_path / "target/same.wav", sung(BASE_HZ * 2 ** (3 / 12)))
    found = evaluate_folder(
        SynthModel(), tmp_path / "in", praat_pitch_hz, transfer=True, target=tmp_path / "target"
    ).transfer
    assert met(found) == [False, True, False]


def test_a_transfer_of_what_has_no_pitch_cannot_pass(tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE_HZ)
    write(tmp_path / "noise.wav", noise.astype(np.float32))
    write(tmp_path / "plucked.wav", notes([], RATE_HZ))
    found = evaluate_folder(IdentityModel(64), tmp_path, praat_pitch_hz, transfer=True).transfer
    assert met(found)[0] is False
