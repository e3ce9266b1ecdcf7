"""A recording on a real JACK server: knobs that move all the while come out again to the sample."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from rtvae.control.parameters import index_of
from rtvae.io.performance import read_performance
from tests.support.jack import JackServer, found_by_all
from tests.support.playing import Playing, environment, rtvae

MOVING = """\
format = 2

[mix]
variation = 0.5
diffusion = 0.3
feedback = 0.4
feedback_ms = 50.0
generate = 0.3
tempo_bpm = 133.0

[[mod]]
number = 1
kind = "lfo"
beats = 0.5

[[mod]]
number = 2
kind = "follower"

[[mod]]
number = 3
kind = "sample and hold"
rate_hz = 9.0

[[mod]]
number = 4
kind = "random walk"
rate_hz = 3.0

[[route]]
mod = 1
latent = 1
amount = 1.0

[[route]]
mod = 2
latent = 2
amount = 2.0

[[route]]
mod = 3
latent = 3
amount = -1.0

[[route]]
mod = 4
latent = 4
amount = 1.0
"""

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    with found_by_all(monkeypatch, period=64) as running:
        yield running


def test_a_performance_with_moving_knobs_comes_out_again_to_the_sample(
    tmp_path: Path, home: Path, server: JackServer, knobs: Any
) -> None:
    recording = home / "recordings" / "demo.flac"
    arguments = ("--input", recording, "--loop", "--midi", "virtual", "--preset", "knobs")
    with Playing(tmp_path, *arguments, "--record", "take", env=environment()) as run:
        run.until_playing()
        [ours] = server.wait_for_ports("rtvae:")
        server.connect("nanoKONTROL2:knobs", ours)
        for position in range(0, 128, 3):
            knobs.send_message([0xB0, 21, position])
            frames = run.telemetry.scalar("frames") + 1000
            run.until("sound", lambda frames=frames: run.telemetry.scalar("frames") >= frames)
        run.until("the last knob", lambda: run.parameter("latent.1.offset") > 2.9)
        run.interrupt()
        assert run.finish() == 0
    performance = read_performance(tmp_path / "take.rtvp")
    offsets = performance.turned["value"][
        performance.turned["index"] == index_of("latent.1.offset")
    ]
    assert len(set(offsets)) > 20
    packets = [data for _, data in performance.packets()]
    assert packets[-1] == bytes([0xB0, 21, 126])
    wet = soundfile.read(performance.sound, dtype="float32")[0][:, 1]
    assert np.abs(wet).max() > 0.05
    done = rtvae("render", "--performance", tmp_path / "take.rtvp", "--verify")
    assert done.returncode == 0, done.stdout
    assert "identical to the recording from 0.000 s on" in done.stdout


def test_latents_that_move_by_themselves_come_out_again_to_the_sample(
    tmp_path: Path, home: Path, server: JackServer
) -> None:
    (home / "presets" / "moving.toml").write_text(MOVING)
    recording = home / "recordings" / "demo.flac"
    arguments = ("--input", recording, "--loop", "--preset", "moving")
    with Playing(tmp_path, *arguments, "--record", "take", env=environment()) as run:
        run.until_playing()
        run.until("sound", lambda: run.telemetry.scalar("frames") >= 96_000)
        assert run.telemetry.scalar("beat") > 2.0
        run.interrupt()
        assert run.finish() == 0
    latents = read_performance(tmp_path / "take.rtvp").latents[0]
    assert np.abs(latents["after"] - latents["before"]).max(axis=0).min() > 0.5
    done = rtvae("render", "--performance", tmp_path / "take.rtvp", "--verify")
    assert done.returncode == 0, done.stdout
    assert "identical to the recording from 0.000 s on" in done.stdout
