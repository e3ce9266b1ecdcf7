"""One recording against its output: perfect where the model is, and known errors as they are."""

import numpy as np
import pytest

from rtvae.errors import ModelError
from rtvae.evaluation.pitch import praat_pitch_hz
from rtvae.evaluation.recording import measure
from rtvae.evaluation.waveform import HIGHEST_DB
from rtvae.model.identity import IdentityModel
from rtvae.model.live import Floats
from tests.support.fake_model import ScriptedModel
from tests.support.tones import RATE_HZ, notes, tone, vibrato

PLACES = [4800 + 9600 * k for k in range(14)]


class LateModel(IdentityModel):
    """Comes 480 frames later than it says."""

    def __init__(self) -> None:
        super().__init__(64)
        self._late = np.zeros(480, np.float32)

    def decode(self, latent: Floats, audio: Floats) -> None:
        super().decode(latent, audio)
        joined = np.concatenate([self._late, audio])
        audio[:], self._late = joined[: audio.size], joined[audio.size :]


def phrase() -> np.ndarray:
    return (tone(vibrato(3.0)) + notes(PLACES, 3 * RATE_HZ)).astype(np.float32)


def test_the_identity_is_perfect_in_every_figure() -> None:
    row = measure(IdentityModel(64, 16), phrase(), "a", praat_pitch_hz).row
    assert row.log_mel_db == row.level_db == 0.0
    assert row.stft.convergence == row.stft.log_magnitude == 0.0
    assert row.waveform.si_sdr_db == pytest.approx(HIGHEST_DB)
    assert row.loudness.error_db == 0.0
    assert row.loudness.correlation == pytest.approx(1.0)
    assert row.pitch is not None
    assert row.pitch.error_cents == row.pitch.gross_share == 0.0
    assert row.pitch.kept_share == 1.0
    assert row.onsets.onsets == pytest.approx(len(PLACES), abs=1)
    assert row.onsets.recall == row.onsets.precision == 1.0
    assert row.onsets.delay_frames == 0.0


@pytest.mark.parametrize("frames", [1, 63, 64, 1000, 12_345])
def test_all_of_a_recording_comes_back_whatever_its_length(frames: int) -> None:
    sound = phrase()[20_000 : 20_000 + frames]
    measured = measure(ScriptedModel(delay_frames=100), sound, "a", None)
    np.testing.assert_array_equal(measured.take.output, sound)
    assert measured.row.log_mel_db == 0.0


def test_a_delay_that_the_model_states_costs_nothing() -> None:
    row = measure(ScriptedModel(delay_frames=480), phrase(), "a", praat_pitch_hz).row
    assert row.log_mel_db == 0.0
    assert row.onsets.delay_ms == 0.0


def test_a_delay_that_it_does_not_state_is_found_out() -> None:
    row = measure(LateModel(), phrase(), "a", praat_pitch_hz).row
    assert row.onsets.delay_frames == pytest.approx(480.0, abs=5.0)
    assert row.onsets.delay_ms == pytest.approx(10.0, abs=0.1)
    assert row.log_mel_db > 0.5


def test_a_gain_is_level_and_loudness_but_no_other_waveform() -> None:
    row = measure(ScriptedModel(gain=0.5), phrase(), "a", praat_pitch_hz).row
    assert row.level_db == pytest.approx(-6.02, abs=0.01)
    assert row.loudness.error_db == pytest.approx(6.02, abs=0.05)
    assert row.waveform.si_sdr_db == pytest.approx(HIGHEST_DB)
    assert row.pitch is not None
    assert row.pitch.error_cents == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("frames", [1, 200, RATE_HZ])
def test_silence_has_figures_where_it_can(frames: int) -> None:
    row = measure(IdentityModel(64), np.zeros(frames, np.float32), "a", praat_pitch_hz).row
    assert row.log_mel_db == row.level_db == 0.0
    assert row.waveform.si_sdr_db is None
    assert row.loudness.error_db is None
    assert row.pitch is not None
    assert row.pitch.error_cents is None
    assert row.onsets.recall is None


def test_a_model_that_breaks_down_is_refused_by_name() -> None:
    def spoil(hop: int, audio: np.ndarray) -> None:
        if hop == 40:
            audio[:] = np.nan

    with pytest.raises(ModelError, match=r"identity answers a\.wav with values"):
        measure(ScriptedModel(spoil=spoil), phrase(), "a.wav", None)
