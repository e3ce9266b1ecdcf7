"""On a real JACK server: what is reported is what is measured, to the frame.

The server freewheels where it may, so that a busy machine drops nothing; what is measured in real
time leaves out the bursts that met a dropout, never the equality.
"""

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import jack_card
from tests.support.engine_process import engine
from tests.support.jack import JackServer, alone
from tests.support.playing import environment
from tests.support.toy_model import make_identity_model, make_stateless_model

HOPS = (64, 128, 256)
TRIES = 3


def lab(server: JackServer, *arguments: object) -> list[dict[str, Any]]:
    """Run `rtvae latency` on a server and return what it found; again where all met a dropout."""
    for _ in range(TRIES):
        done = subprocess.run(
            [sys.executable, "-m", "rtvae", "latency", "--json", *map(str, arguments)],
            env={**environment(), **server.environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        if "had a dropout" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["found"]
    return found


@contextlib.contextmanager
def _witness(server: JackServer) -> Iterator["subprocess.Popen[str]"]:
    """JACK's own latency meter."""
    client = subprocess.Popen(
        ["stdbuf", "-oL", "jack_iodelay"],
        env=server.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        server.wait_for_ports("jack_delay:", 2)
        yield client
    finally:
        client.kill()
        client.wait()
        assert client.stdout is not None
        client.stdout.close()


@pytest.mark.parametrize("period", [32, 64, 128, 256])
def test_every_hop_at_every_period_direct_and_buffered(period: int) -> None:
    with alone(), JackServer(period=period) as server:
        found = lab(server, "--patch", "--freewheel", "--sweep", "--pairs", 1)
    assert [(one["hop_frames"], one["buffered"]) for one in found] == [
        (hop, buffered) for hop in HOPS for buffered in (False, True)
    ]
    for one in found:
        assert one["block_size"] == period
        assert one["total_frames"] == one["reported_total_frames"]
        assert one["device_frames"] == one["reported_frames"]["device"] == period
        assert one["jitter_frames"] == 0
        assert one["null_db"] <= -90.0
    buffers = [one["reported_frames"]["buffer"] for one in found if one["buffered"]]
    assert buffers == [max(period, hop) for hop in HOPS]


def test_in_real_time_the_way_round_is_at_most_8_ms_and_constant() -> None:
    with alone(), JackServer(period=128) as server:
        direct, buffered = lab(server, "--patch", "--sweep", "--hop", 128, "--pairs", 2)
    assert direct["total_frames"] == direct["reported_total_frames"] == 128
    assert buffered["total_frames"] == buffered["reported_total_frames"] == 256
    for one in (direct, buffered):
        assert one["measured_ms"] <= 8.0
        assert one["jitter_frames"] == 0
        assert one["null_db"] <= -90.0


def test_the_delay_of_a_model_is_part_of_it(tmp_path: Path) -> None:
    model = make_stateless_model(tmp_path / "model")
    with alone(), JackServer(period=64) as server:
        (found,) = lab(server, model, "--patch", "--freewheel", "--pairs", 1, "--buffered")
    assert found["by_model"]
    assert found["reported_frames"] == {"device": 64, "reblock": 192, "buffer": 256, "model": 256}
    assert found["total_frames"] == found["reported_total_frames"]


def test_the_latency_that_a_sound_card_claims_is_the_one_that_is_reported() -> None:
    period, delay, capture = 128, 75, 97
    playback = period + delay - capture
    with alone(), JackServer(period=period) as server:
        card = subprocess.Popen(
            [sys.executable, jack_card.__file__, str(delay), str(capture), str(playback)],
            env=server.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert card.stdout is not None
            assert card.stdout.readline() == "running\n"
            ends = ("--input", "card", "--output", "card")
            (found,) = lab(server, *ends, "--freewheel", "--hop", 128, "--pairs", 1)
        finally:
            card.kill()
            card.communicate()
    assert found["reported_frames"]["device"] == period + delay
    assert found["device_frames"] == period + delay
    assert found["total_frames"] == found["reported_total_frames"]


@pytest.mark.parametrize("buffered", [False, True])
def test_an_independent_meter_finds_what_the_engine_reports(buffered: bool, tmp_path: Path) -> None:
    model = make_identity_model(tmp_path / "model", hop=128)
    with (
        alone(),
        JackServer(period=64) as server,
        engine(server.environment) as played,
        _witness(server) as witness,
    ):
        played.send(
            do="start",
            model=str(model),
            driver="portaudio",
            output_channels=[1],
            buffered=buffered,
        )
        ready = played.event("ready")
        # The dummy card: one period in, two out.
        assert ready["device_latency_frames"] == 3 * server.period
        (heard,) = server.wait_for_ports(":in_0")
        (sounding,) = server.wait_for_ports(":out_0")
        server.disconnect("system:capture_1", heard)
        server.disconnect(sounding, "system:playback_1")
        server.connect("jack_delay:out", heard)
        server.connect(sounding, "jack_delay:in")
        parts = ("device", "reblock", "buffer", "model")

        def reported() -> int:
            return sum(int(played.telemetry.scalar(f"{part}_latency_frames")) for part in parts)

        expected = 64 + 64 + (128 if buffered else 0)
        deadline = time.monotonic() + 10
        while reported() != expected and time.monotonic() < deadline:
            time.sleep(0.05)
        assert reported() == expected
        server.freewheel(True)
        try:
            assert witness.stdout is not None
            said = (re.match(r" *([0-9.]+) frames .*total", line) for line in witness.stdout)
            measured = (round(float(one.group(1))) for one in said if one is not None)
            # It needs a moment to hear its own signal.
            assert any(frames == expected for frames, _ in zip(measured, range(60), strict=False))
        finally:
            server.freewheel(False)
        played.send(do="quit")
        played.event("ended")


def test_no_loop_is_one_sentence() -> None:
    with alone(), JackServer(period=256) as server:
        done = subprocess.run(
            [sys.executable, "-m", "rtvae", "latency", "--pairs", "1", "--freewheel"],
            env={**environment(), **server.environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert "rtvae: Nothing came back: connect the output to the input" in done.stderr
