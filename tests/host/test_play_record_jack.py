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
