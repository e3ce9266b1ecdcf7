"""The bench from a knob to the sound: changes are found to the sample, and real ones in order."""

import contextlib
import os
from pathlib import Path

import numpy as np
import pytest

import midi_latency
from jack_stage import Trouble
from midi_latency import RATE_HZ, TONE_FRAMES, changes, match, report
from rtvae.model.library import DEFAULT_MODEL
from rtvae.paths import CONFIG_VARIABLE, STATE_VARIABLE
from tests.host.conftest import home, small_project
from tests.support.jack import alone

TRIES = 3
"""A busy machine may keep a client from starting in time."""

__all__ = ["home", "small_project"]


def test_a_glide_is_found_within_half_a_millisecond() -> None:
    frames = np.arange(4 * RATE_HZ)
    turned = np.array([20_000, 31_000, 50_005])
    gain = np.ones(frames.shape[0])
    for k, frame in enumerate(turned):
        way = np.clip((frames - frame) / 480, 0.0, 1.0)
        start, end = (1.0, 0.25) if k % 2 == 0 else (0.25, 1.0)
        gain = np.where(frames >= frame, start + (end - start) * way, gain)
    tone = (0.5 * gain * np.sin(2.0 * np.pi * frames / TONE_FRAMES)).astype(np.float32)
    found = changes(tone)
    assert found.shape == turned.shape
    assert (found >= turned).all()
    assert (found - turned <= 0.0005 * RATE_HZ).all()


def test_each_turn_is_matched_with_the_first_change_after_it() -> None:
    turns = [(1.0, 1.001), (2.0, 2.001), (3.0, 3.001)]
    steps, silent = match(turns, np.array([0.5, 1.004, 1.2, 3.005]))
    assert [round(step.heard_s - step.sent_s, 6) for step in steps] == [0.004, 0.005]
    assert silent == 1
    table = report(128, steps, silent)
    assert "2 turns, 1 lost" in table
    assert "sent until heard" in table


def test_turns_of_a_real_knob_are_heard_after_they_were_sent(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(midi_latency, "SETTLING_S", 0.5)
    # What the tool puts into the environment goes with the test.
    monkeypatch.setenv("JACK_DEFAULT_SERVER", midi_latency.SERVER)
    for name in ("JACK_NO_AUDIO_RESERVATION", "JACK_NO_START_SERVER", "PYTHONPATH"):
        monkeypatch.setenv(name, "")
    for name in (CONFIG_VARIABLE, STATE_VARIABLE):
        monkeypatch.setenv(name, os.environ[name])
    for _ in range(TRIES):
        with alone(), contextlib.suppress(Trouble):
            steps, silent = midi_latency.measure(128, 6, DEFAULT_MODEL)
            break
    assert len(steps) + silent == 6
    assert len(steps) >= 3, "a busy machine may drop a period"
    assert all(step.sent_s <= step.set_s for step in steps)
    assert all(step.sent_s < step.heard_s < step.sent_s + 1.0 for step in steps)
