"""The engine's story with a device that fails on cue: it says what happened and how it ended."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rtvae.engine.desk import Desk, Outbox
from rtvae.engine.main import Parts, serve
from rtvae.errors import DeviceBusyError, DeviceError, NoDeviceError, RtvaeError
from rtvae.io.clocks import VirtualClock
from rtvae.io.fault_driver import FaultDriver, FaultScript
from rtvae.link.layout import State
from rtvae.link.session_memory import (
    create_session_folder,
    open_telemetry,
    remove_session_folder,
)
from rtvae.link.telemetry import TelemetryReader
from rtvae.model.identity import IdentityModel
from tests.support.rig import RATE_HZ, largest_step, tone

START = json.dumps({"do": "start", "model": "any", "driver": "portaudio"})


class Play:
    """One engine in this very process, with the identity model on a scripted device."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = io.StringIO()
        self.telemetry = TelemetryReader(open_telemetry(folder))
        self.played = np.zeros(0, np.float32)

    def __call__(
        self,
        script: FaultScript,
        *,
        on_playing: Callable[[Desk], None] = lambda desk: None,
        idle: Callable[[float], None] = lambda now_s: None,
    ) -> list[str]:
        driver = FaultDriver(script, VirtualClock(), tone(RATE_HZ), idle=idle)
        parts = Parts(
            drivers={"portaudio": lambda begin: driver},
            load=lambda path: IdentityModel(64),
            settle=lambda paced: [],
            on_playing=on_playing,
        )
        try:
            serve(self.folder, iter([START]), Outbox(self.said), parts)
        finally:
            if driver.played:
                self.played = np.concatenate(driver.played)[:, 0]
        return [json.loads(line)["event"] for line in self.said.getvalue().splitlines()]


@pytest.fixture
def play() -> Iterator[Play]:
    folder = create_session_folder()
    yield Play(folder)
    remove_session_folder(folder)


@pytest.mark.parametrize("kind", [NoDeviceError, DeviceBusyError, DeviceError])
def test_a_device_that_cannot_be_opened_fails_the_start(play: Play, kind: type[RtvaeError]) -> None:
    with pytest.raises(kind, match="as scripted"):
        play(FaultScript(1, open_errors=(kind("as scripted"),)))  # type: ignore[arg-type]
    assert play.telemetry.state == State.FAILED
    assert "ready" not in play.said.getvalue()


def test_a_stream_that_ends_by_itself_ends_well(play: Play) -> None:
    assert play(FaultScript(200))[0] == "ready"
    assert play.telemetry.state == State.ENDED
    assert play.telemetry.scalar("blocks") == 200


def test_a_device_of_ragged_blocks_plays_with_one_latency(play: Play) -> None:
    play(FaultScript(200, block_sizes=(1, 600)))
    ready = json.loads(play.said.getvalue().splitlines()[0])
    assert ready["block_size"] == 0
    assert ready["reblock_latency_frames"] == 63
    assert np.array_equal(play.played[4000 : RATE_HZ + 63], tone(RATE_HZ)[4000 - 63 :])
    assert largest_step(play.played[:RATE_HZ]) < 1.6 * largest_step(tone(RATE_HZ))


def test_a_device_that_vanishes_leaves_a_still_counter_and_an_engine_that_can_be_told_to_quit(
    play: Play,
) -> None:
    seen: list[float] = []
    desks: list[Desk] = []

    def idle(now_s: float) -> None:
        seen.append(play.telemetry.scalar("blocks"))
        if len(seen) == 100:
            desks[0].quit()

    play(FaultScript(400, vanish_block=50), on_playing=desks.append, idle=idle)
    assert set(seen) == {50.0}
    assert play.telemetry.state == State.ENDED
