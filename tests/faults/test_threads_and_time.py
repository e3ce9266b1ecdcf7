"""Faults around the sound: holes in time, old counters, broken threads, offsets that stay."""

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rtvae.engine.block_path import BlockPath
from rtvae.engine.callback import GAP_S
from rtvae.engine.desk import Desk, Outbox
from rtvae.engine.ladder import Ladder
from rtvae.engine.lineup import Lineup
from rtvae.engine.main import Parts, _tell_of_broken_threads, serve
from rtvae.engine.voice import Voice
from rtvae.io.clocks import VirtualClock
from rtvae.io.drivers import Request
from rtvae.io.fault_driver import FaultDriver, FaultScript
from rtvae.link.layout import State
from rtvae.link.session_memory import create_session_folder, open_telemetry, remove_session_folder
from rtvae.link.telemetry import TelemetryReader
from rtvae.model.identity import IdentityModel
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.rig import RATE_HZ, Rig, largest_step, tone

BLOCK = 128


@pytest.mark.parametrize("start_s", [0.0, 2.0**31 - 2.0, 2.0**32 - 2.0])
def test_after_a_sleep_the_sound_ramps_in_with_the_settings_it_had(start_s: float) -> None:
    clock = VirtualClock(start_s)
    rig = Rig(IdentityModel(64), BLOCK, ladder=Ladder(RATE_HZ), clock=clock)
    rig.set(output_gain_db=-6.0)
    sound = tone(2 * RATE_HZ)
    driver = FaultDriver(FaultScript(700, frozen_blocks={350: 5.0}), clock, sound)
    driver.open(Request(sample_rate_hz=RATE_HZ, block_size=BLOCK))
    driver.run(rig.callback, lambda: False)
    played = np.concatenate(driver.played)[:, 0]
    asleep = 350 * BLOCK
    assert np.abs(played[asleep : asleep + 10]).max() < 1e-3
    assert largest_step(played[asleep:]) < 1.5 * largest_step(sound)
    awake = slice(asleep + 2000, 700 * BLOCK)
    assert np.allclose(played[awake], 10 ** (-6 / 20) * sound[awake], atol=1e-6)
    assert rig.telemetry.state == State.PLAYING
    assert rig.count("rung_changes") == 0


def test_a_stall_shorter_than_a_second_is_no_sleep() -> None:
    clock = VirtualClock()
    rig = Rig(IdentityModel(64), BLOCK, ladder=Ladder(RATE_HZ), clock=clock)
    sound = tone(RATE_HZ)
    driver = FaultDriver(FaultScript(300, frozen_blocks={100: 0.9 * GAP_S}), clock, sound)
    driver.open(Request(sample_rate_hz=RATE_HZ, block_size=BLOCK))
    driver.run(rig.callback, lambda: False)
    played = np.concatenate(driver.played)[:, 0]
    assert np.array_equal(played, sound[: 300 * BLOCK])


@pytest.mark.parametrize("bits", [31, 32, 53])
def test_counters_go_on_past_every_width_that_others_stop_at(bits: int) -> None:
    rig = Rig(IdentityModel(64, latents=2), BLOCK)
    start = 2**bits - 5 * BLOCK
    writer = rig.path._telemetry
    for name in ("frames", "blocks"):
        writer.set(name, start)
    writer._latent_rows = writer._scope_frames = writer._timing_rows = start
    sound = tone(50 * BLOCK)
    assert np.array_equal(rig.play(sound), sound)
    assert rig.count("frames") == start + 50 * BLOCK
    assert rig.count("blocks") == start + 50
    assert np.array_equal(rig.telemetry.scope(50 * BLOCK)[1], sound)
    before, _ = rig.telemetry.latents(10)
    assert np.array_equal(before, sound.reshape(-1, 64)[-10:, :2])


def test_an_offset_that_a_model_leaves_is_taken_off() -> None:
    def shift(hop: int, audio: Audio) -> None:
        audio += 0.5

    rig = Rig(ScriptedModel(spoil=shift), BLOCK)
    out = rig.play(tone(2 * RATE_HZ, 200.0, 0.3))
    assert abs(float(out[RATE_HZ:].mean())) < 1e-3
    assert np.abs(out).max() < 1.0


def test_a_thread_that_breaks_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    said = io.StringIO()
    _tell_of_broken_threads(Outbox(said))

    def work() -> None:
        raise RuntimeError("the disk is on fire\n")

    thread = threading.Thread(target=work, name="tape")
    thread.start()
    thread.join()
    notice = json.loads(said.getvalue())
    assert notice["event"] == "notice"
    assert "tape: RuntimeError: the disk is on fire" in notice["sentence"]
    assert "Traceback" in capsys.readouterr().err


class Break(Exception):
    """Raised at the point that a test names."""


BREAKABLE = {
    "warming up": (Voice, "warm_up"),
    "offering it": (BlockPath, "offer"),
    "loading": (None, ""),
}


@pytest.mark.parametrize("point", BREAKABLE)
def test_a_command_that_breaks_anywhere_is_refused_and_the_next_one_works(
    point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(ScriptedModel(), BLOCK)
    calls: list[str] = []

    def breaks_once() -> None:
        calls.append(point)
        if len(calls) == 1:
            raise Break(point)

    holder, name = BREAKABLE[point]
    if holder is not None:
        whole = getattr(holder, name)

        def breaking(*arguments: object, **options: object) -> object:
            breaks_once()
            return whole(*arguments, **options)

        monkeypatch.setattr(holder, name, breaking)

    def load(path: Path) -> ScriptedModel:
        if holder is None:
            breaks_once()
        return ScriptedModel(gain=0.5)

    said, answered = io.StringIO(), threading.Semaphore(0)

    def requests() -> Iterator[str]:
        for _ in range(2):
            yield json.dumps({"do": "load", "model": "any"})
            answered.acquire()

    Desk(requests(), Outbox(said), rig.path, rig.reader, load, Lineup(Path("good"))).open()
    for heard in (1, 2):
        while said.getvalue().count("\n") < heard:
            rig.play(tone(10 * BLOCK, level=0.5))
        answered.release()
    first, second = (json.loads(line) for line in said.getvalue().splitlines())
    assert first["event"] == "refused"
    assert "Break" in first["sentence"]
    assert second["event"] == "loaded"
    assert np.abs(rig.play(tone(4800, level=0.5))).max() == pytest.approx(0.25, rel=1e-3)


def test_while_a_model_is_loaded_the_host_can_tell_that_it_is_the_model_that_takes_so_long() -> (
    None
):
    folder = create_session_folder()
    try:
        telemetry = TelemetryReader(open_telemetry(folder))
        during: list[float] = []

        def load(path: Path) -> IdentityModel:
            during.append(telemetry.scalar("in_block"))
            return IdentityModel(64)

        driver = FaultDriver(FaultScript(10), VirtualClock())
        parts = Parts(
            drivers={"portaudio": lambda begin: driver}, load=load, settle=lambda paced: []
        )
        start = json.dumps({"do": "start", "model": "any", "driver": "portaudio"})
        serve(folder, iter([start]), Outbox(io.StringIO()), parts)
        assert during == [1.0]
        assert telemetry.scalar("in_block") == 0.0
    finally:
        remove_session_folder(folder)
