"""A real engine process on a real JACK server: what it plays live is what `render` computes.

A second client plays a known sound, a third records that sound and the engine's answer to it side
by side: between the two lies the engine's latency and nothing else. The server freewheels, so the
machine's speed does not matter.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from rtvae.engine.render import render_file
from rtvae.link.layout import State
from rtvae.model.load import load_model
from tests.support import jack_tape
from tests.support.engine_process import EngineProcess, engine
from tests.support.jack import JackServer, alone
from tests.support.rig import RATE_HZ, largest_step, noise, tone
from tests.support.toy_model import make_identity_model, make_stateless_model, make_toy_model

Audio = NDArray[np.float32]

QUIET_FRAMES = 10 * RATE_HZ
SOUND_FRAMES = 4 * RATE_HZ


@contextlib.contextmanager
def _tape(server: JackServer, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    client = subprocess.Popen(
        [sys.executable, jack_tape.__file__, *arguments],
        env=server.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdin is not None
    assert client.stdout is not None
    try:
        assert client.stdout.readline() == "running\n"
        yield client
    finally:
        client.kill()
        client.wait()
        client.stdin.close()
        client.stdout.close()


def _say(client: "subprocess.Popen[str]") -> None:
    assert client.stdin is not None
    client.stdin.write("\n")
    client.stdin.flush()


def _new_ports(server: JackServer, known: set[str], count: int) -> list[str]:
    def fresh() -> list[str]:
        return [port for port in server.ports() if port not in known]

    deadline = time.monotonic() + 20
    while len(fresh()) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return fresh()


def _isolate(server: JackServer, ports: list[str]) -> None:
    """Undo the connections to the sound card that PortAudio makes by itself."""
    for port in ports:
        for side in ("capture", "playback"):
            for number in (1, 2):
                card = f"system:{side}_{number}"
                server.disconnect(card, port)
                server.disconnect(port, card)


def _wait_frames(played: EngineProcess, frames: int) -> None:
    end = played.telemetry.scalar("frames") + frames
    deadline = time.monotonic() + 60
    while played.telemetry.scalar("frames") < end:
        assert time.monotonic() < deadline, "the engine stopped playing"
        time.sleep(0.01)


def _play_live(server: JackServer, model: Path, sound: Audio, folder: Path) -> tuple[Audio, int]:
    """Return what the engine answered, from the sound's first frame on, and its latency."""
    np.save(folder / "sound.npy", sound)
    answer = folder / "answer.npy"
    known = set(server.ports())
    with contextlib.ExitStack() as stack:
        played = stack.enter_context(engine(server.environment))
        played.send(do="start", model=str(model), driver="portaudio", output_channels=[1])
        ready = played.event("ready")
        assert ready["block_size"] == server.period
        engine_ports = _new_ports(server, known, 2)
        known |= set(engine_ports)
        player = stack.enter_context(_tape(server, "play", str(folder / "sound.npy")))
        player_ports = _new_ports(server, known, 1)
        known |= set(player_ports)
        recorder = stack.enter_context(_tape(server, "record", "2", str(answer)))
        recorder_ports = _new_ports(server, known, 2)
        _isolate(server, engine_ports + player_ports + recorder_ports)
        (heard,) = [port for port in engine_ports if ":in_" in port]
        (sounding,) = [port for port in engine_ports if ":out_" in port]
        server.connect(player_ports[0], heard)
        server.connect(player_ports[0], recorder_ports[0])
        server.connect(sounding, recorder_ports[1])
        server.freewheel(True)
        _wait_frames(played, QUIET_FRAMES)
        assert played.telemetry.state == State.PLAYING
        _say(player)
        _wait_frames(played, 2 * sound.shape[0])
        server.freewheel(False)
        _say(recorder)
        assert recorder.stdout is not None
        assert recorder.stdout.readline() == "saved\n"
        played.send(do="quit")
        played.event("ended")
        assert played.exit_status() == 0
    recorded = np.load(answer)
    start = int(np.argmax(recorded[:, 0] != 0.0))
    assert np.array_equal(recorded[start : start + sound.shape[0], 0], sound)
    latency = int(ready["model_latency_frames"]) + int(ready["reblock_latency_frames"])
    return recorded[start : start + sound.shape[0], 1], latency


def _render(model: Path, sound: Audio, block_size: int, folder: Path) -> Audio:
    quiet = np.zeros(QUIET_FRAMES, np.float32)
    soundfile.write(folder / "sound.wav", np.concatenate([quiet, sound]), RATE_HZ, "FLOAT")
    render_file(
        load_model(model), folder / "sound.wav", folder / "rendered.wav", block_size=block_size
    )
    rendered: Audio = soundfile.read(folder / "rendered.wav", dtype="float32")[0]
    return rendered[QUIET_FRAMES:]


@pytest.mark.parametrize(
    ("make", "period"),
    # The stateless model's hop is 256 frames; with whole hops per block its phase is known.
    [(make_toy_model, 128), (make_identity_model, 64), (make_stateless_model, 256)],
)
def test_live_equals_render_sample_for_sample_after_the_reported_latency(
    make: Callable[[Path], Path], period: int, tmp_path: Path
) -> None:
    model = make(tmp_path / "model")
    sound = noise(SOUND_FRAMES)
    with alone(), JackServer(period=period) as server:
        live, latency = _play_live(server, model, sound, tmp_path)
    offline = _render(model, sound, period, tmp_path)
    assert np.abs(live).max() > 0.1
    assert np.array_equal(live[latency:], offline[: sound.shape[0] - latency])


def test_a_period_that_is_no_multiple_of_the_hop_keeps_the_reported_latency(
    tmp_path: Path,
) -> None:
    sound = noise(SOUND_FRAMES)
    with alone(), JackServer(period=96) as server:
        model = make_identity_model(tmp_path / "model")
        live, latency = _play_live(server, model, sound, tmp_path)
    assert latency == 32
    assert np.array_equal(live[latency:], sound[:-latency])


def test_a_server_at_another_rate_is_one_sentence(tmp_path: Path) -> None:
    model = make_identity_model(tmp_path / "model")
    with alone(), JackServer(rate_hz=44_100) as server, engine(server.environment) as played:
        played.send(do="start", model=str(model), driver="portaudio")
        with pytest.raises(AssertionError, match=r"runs at 44100 Hz .* -r 48000"):
            played.event("ready")
        assert played.exit_status() == 1


def test_a_device_that_is_not_there_names_the_closest(
    jack_server: JackServer, tmp_path: Path
) -> None:
    model = make_identity_model(tmp_path / "model")
    with engine(jack_server.environment) as played:
        played.send(do="start", model=str(model), driver="portaudio", output="sistem")
        with pytest.raises(AssertionError, match=r"no output device named 'sistem'.*'system'"):
            played.event("ready")
        assert played.exit_status() == 1


def test_the_engine_starts_muted_and_fades_in(jack_server: JackServer, tmp_path: Path) -> None:
    model = make_identity_model(tmp_path / "model")
    recording = tmp_path / "tone.wav"
    soundfile.write(recording, tone(RATE_HZ), RATE_HZ, "FLOAT")
    with engine(jack_server.environment) as played:
        played.send(
            do="start", model=str(model), driver="portaudio", input=str(recording), loop=True
        )
        ready = played.event("ready")
        played.wait_blocks(100)
        frames = int(played.telemetry.scalar("scope_frames"))
        _, sounded = played.telemetry.scope(frames)
        played.send(do="quit")
        played.event("ended")
    assert ready["output_channels"] == [1, 2]
    assert sounded[0] == pytest.approx(0.0, abs=1e-6)
    assert largest_step(sounded) < 1.6 * largest_step(tone(RATE_HZ))
    assert np.abs(sounded).max() == pytest.approx(0.5, rel=0.01)


def test_no_server_and_no_sound_card_is_one_sentence(tmp_path: Path) -> None:
    model = make_identity_model(tmp_path / "model")
    nobody = {**JackServer().environment, "JACK_DEFAULT_SERVER": "rtvae-test-nobody"}
    with engine(nobody) as played:
        played.send(do="start", model=str(model), driver="portaudio", output="rtvae-no-device")
        with pytest.raises(AssertionError, match=r"(NoDeviceError|DeviceError).*There is no"):
            played.event("ready")
        assert played.exit_status() == 1
