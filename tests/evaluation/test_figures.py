"""Means and extremes of an evaluation, and the JSON that holds them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from rtvae.evaluation.figures import figures, furthest, mean_of_folders, means
from rtvae.evaluation.recording import Row, measure
from rtvae.model.identity import IdentityModel
from tests.support.tones import RATE_HZ, steady


@pytest.fixture
def rows() -> list[Row]:
    row = measure(IdentityModel(64), steady(220.0, 0.5), "", None).row
    distances = {"a/1.wav": 1.0, "a/2.wav": 3.0, "b/1.wav": 8.0}
    return [replace(row, file=file, log_mel_db=db) for file, db in distances.items()]


def test_every_folder_counts_the_same_in_their_mean(rows: list[Row]) -> None:
    assert mean_of_folders(rows) == pytest.approx((2.0 + 8.0) / 2)
    assert means(rows)["log_mel_db"] == pytest.approx(4.0)
    assert furthest(rows).file == "b/1.wav"


def test_a_mean_is_over_the_recordings_that_have_the_figure(rows: list[Row]) -> None:
    silent = measure(IdentityModel(64), np.zeros(RATE_HZ, np.float32), "s", None).row
    assert figures(silent)["waveform.si_sdr_db"] is None
    assert means([*rows, silent])["waveform.si_sdr_db"] == means(rows)["waveform.si_sdr_db"]
    assert means([silent])["waveform.si_sdr_db"] is None


def test_every_figure_of_a_row_is_a_number_or_nothing(rows: list[Row]) -> None:
    found = figures(rows[0])
    json.dumps(found, allow_nan=False)
    assert {"log_mel_db", "level_db", "seconds", "stft.convergence", "onsets.recall"} <= set(found)
    assert "file" not in found
    assert "cut" not in found
