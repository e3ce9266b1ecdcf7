"""The PortAudio driver against a PortAudio made of paper: what it asks for, how it listens to
ragged and stuck devices, and the sentence for each refusal."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from rtvae.errors import DeviceBusyError, DeviceError, NoDeviceError
from rtvae.io import portaudio
from rtvae.io.device_list import JACK
from rtvae.io.drivers import INPUT_OVERFLOW, OUTPUT_UNDERFLOW, UNPACED, Audio, Request
from rtvae.io.portaudio import PortAudioDriver, list_devices
from tests.support.rig import RATE_HZ, noise


class PortAudioError(Exception):
    pass


class PaperStream:
    """Calls back from a thread of its own with blocks of the given sizes, over and over."""

    def __init__(self, world: "PaperPortAudio", channels: Any, callback: Any, **asked: Any) -> None:
        self.asked = asked
        self.latency = world.latency
        self._world, self._channels, self._callback = world, channels, callback
        self._going = threading.Event()
        self._thread = threading.Thread(target=self._play)
        self.heard_back: list[Audio] = []
        world.stream = self

    def start(self) -> None:
        self._going.set()
        self._thread.start()

    def abort(self) -> None:
        self._going.clear()
        self._thread.join()

    def close(self) -> None:
        self._world.hang.wait()

    def _play(self) -> None:
        duplex = isinstance(self._channels, tuple)
        outputs = self._channels[1] if duplex else self._channels
        block = 0
        while self._going.is_set() and self._world.sizes:
            frames = self._world.sizes[block % len(self._world.sizes)]
            out = np.full((frames, outputs), np.nan, np.float32)
            lost = block == 40
            status = SimpleNamespace(input_overflow=lost, output_underflow=lost) if lost else None
            if duplex:
                heard = np.full((frames, self._channels[0]), 0.25, np.float32)
                self._callback(heard.tobytes(), out.data.cast("B"), frames, None, status)
            else:
                self._callback(out.data.cast("B"), frames, None, status)
            self.heard_back.append(out)
            block += 1
            time.sleep(0.001)


class PaperPortAudio:
    """As much of sounddevice as the driver uses."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        self._initialized = 1
        self.sizes = [256]
        self.latency: Any = (0.001, 0.002)
        self.refusal: tuple[Any, ...] | None = None
        self.hang = threading.Event()
        self.hang.set()
        self.api = "ALSA"
        self.stream: PaperStream | None = None
        self.looks = 0

    def _initialize(self) -> None:
        self._initialized += 1
        self.looks += 1

    def _terminate(self) -> None:
        self._initialized -= 1

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": self.api, "default_input_device": 0, "default_output_device": 0}]

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {
                "name": "paper card",
                "hostapi": 0,
                "max_input_channels": 4,
                "max_output_channels": 2,
                "default_samplerate": 44_100.0,
            }
        ]

    def RawStream(self, **asked: Any) -> PaperStream:
        if self.refusal:
            raise PortAudioError(*self.refusal)
        return PaperStream(self, **asked)

    RawOutputStream = RawStream


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperPortAudio]:
    world = PaperPortAudio()
    monkeypatch.setitem(sys.modules, "sounddevice", world)
    monkeypatch.setattr(portaudio, "_SILENT_S", 0.2)
    monkeypatch.setattr(portaudio, "_CLOSE_S", 0.2)
    yield world
    world.hang.set()


def _run(driver: PortAudioDriver, blocks: int) -> list[tuple[Audio, int]]:
    seen: list[tuple[Audio, int]] = []

    def callback(heard: Audio, played: Audio, flags: int) -> None:
        seen.append((heard.copy(), flags))
        played.fill(0.5)

    driver.run(callback, lambda: len(seen) >= blocks)
    return seen


def test_the_shape_of_the_stream_is_what_the_device_does(paper: PaperPortAudio) -> None:
    driver = PortAudioDriver()
    opened = driver.open(Request(RATE_HZ, block_size=128))
    driver.close()
    assert paper.stream is not None
    assert paper.stream.asked["blocksize"] == 128
    assert opened.stream.block_size == 256
    assert opened.stream.device_latency_frames == 144
    assert (opened.input_channels, opened.output_channels) == ((0,), (0, 1))
    assert "256 frames, not 128" in opened.notices[0]


def test_jack_is_never_asked_for_a_block_size(paper: PaperPortAudio) -> None:
    paper.api = JACK
    driver = PortAudioDriver()
    driver.open(Request(RATE_HZ, block_size=128))
    driver.close()
    assert paper.stream is not None
    assert paper.stream.asked["blocksize"] == 0


def test_ragged_blocks_are_announced_as_any_size(paper: PaperPortAudio) -> None:
    paper.sizes = [100, 37, 260]
    driver = PortAudioDriver()
    assert driver.open(Request(RATE_HZ)).stream.block_size == 0
    assert {heard.shape[0] for heard, _ in _run(driver, 9)} == {100, 37, 260}
    driver.close()


def test_blocks_and_lost_sound_reach_the_callback_and_back(paper: PaperPortAudio) -> None:
    driver = PortAudioDriver()
    driver.open(Request(RATE_HZ, input_channels=(1, 3)))
    seen = _run(driver, 60)
    driver.close()
    assert seen[0][0].shape == (256, 3)
    assert (seen[0][0] == 0.25).all()
    assert [flags for _, flags in seen].count(INPUT_OVERFLOW | OUTPUT_UNDERFLOW) == 1
    assert paper.stream is not None
    assert not paper.stream.heard_back[0].any()
    loud = [block for block in paper.stream.heard_back if block.any()]
    assert len(loud) >= 59
    assert all((block == 0.5).all() for block in loud)
    assert not paper.stream.heard_back[-1].any()  # it rests before it is closed


def test_the_audio_thread_is_told_once_before_anything_plays(paper: PaperPortAudio) -> None:
    threads: list[threading.Thread] = []
    driver = PortAudioDriver(lambda: threads.append(threading.current_thread()))
    driver.open(Request(RATE_HZ))
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
    driver.close()


def test_a_sound_file_takes_the_place_of_the_microphone(
    paper: PaperPortAudio, tmp_path: Path
) -> None:
    audio = noise(256 * 20)
    soundfile.write(tmp_path / "a.wav", audio, RATE_HZ, "FLOAT")
    driver = PortAudioDriver()
    opened = driver.open(Request(RATE_HZ, input=str(tmp_path / "a.wav")))
    seen = _run(driver, 1_000_000)
    driver.close()
    heard = np.concatenate([block[:, 0] for block, _ in seen])
    assert "a.wav" in opened.device
    assert np.array_equal(heard[: audio.shape[0]], audio)


def test_a_device_that_does_not_run_is_found_out(paper: PaperPortAudio) -> None:
    paper.sizes = []
    driver = PortAudioDriver()
    with pytest.raises(DeviceError, match="opened but does not run; restart"):
        driver.open(Request(RATE_HZ))
    driver.close()


def test_a_device_that_hangs_is_closed_aside_and_only_once(paper: PaperPortAudio) -> None:
    def closers() -> list[threading.Thread]:
        return [t for t in threading.enumerate() if t.name == "closing the device"]

    driver = PortAudioDriver()
    driver.open(Request(RATE_HZ))
    paper.hang.clear()
    driver.close()
    (closing,) = closers()
    assert closing.daemon, "it would keep the process from its end"
    driver.close()
    assert closers() == [closing], "the device hangs still, and we do not"
    in_use = paper._initialized
    paper.hang.set()
    closing.join(10.0)
    assert not closing.is_alive()
    assert paper._initialized == in_use - 1


@pytest.mark.parametrize("latency", [(0.0, 1864.135), (-1.0, 0.0)])
def test_an_absurd_latency_is_not_believed(paper: PaperPortAudio, latency: object) -> None:
    paper.latency = latency
    driver = PortAudioDriver()
    assert driver.open(Request(RATE_HZ)).stream.device_latency_frames == 0
    driver.close()


@pytest.mark.parametrize(
    ("api", "refusal", "kind", "words"),
    [
        (JACK, ("Invalid sample rate", -9997), DeviceError, "44100 Hz .*server with -r 48000"),
        ("ALSA", ("Invalid sample rate", -9997), DeviceError, "paper card cannot run at .* 48000"),
        ("ALSA", ("Device unavailable", -9985), DeviceBusyError, "held by another program"),
        ("ALSA", ("Illegal combination", -9993), DeviceError, "different audio systems"),
        ("ALSA", ("Invalid number of channels", -9998), DeviceError, "choose fewer"),
        ("ALSA", ("Unanticipated host error", -9999), DeviceError, "Unanticipated host error"),
        ("ALSA", (), DeviceError, "cannot be opened"),
    ],
)
def test_each_refusal_is_one_sentence(
    paper: PaperPortAudio, api: str, refusal: tuple[Any, ...], kind: type, words: str
) -> None:
    paper.api = api
    paper.refusal = refusal or ("",)
    with pytest.raises(kind, match=words) as fault:
        PortAudioDriver().open(Request(RATE_HZ))
    assert type(fault.value) is kind


def test_channels_the_device_lacks_are_left_out_or_refused(paper: PaperPortAudio) -> None:
    driver = PortAudioDriver()
    opened = driver.open(Request(RATE_HZ, output_channels=(2, 3)))
    driver.close()
    assert opened.output_channels == (1,)
    with pytest.raises(DeviceError, match=r"paper card has 2 output channels, and .* 5"):
        PortAudioDriver().open(Request(RATE_HZ, output_channels=(5,)))


def test_every_look_at_the_devices_is_a_fresh_one(paper: PaperPortAudio) -> None:
    (device,) = list_devices()
    assert (device.name, device.host_api, device.input_channels) == ("paper card", "ALSA", 4)
    assert paper._initialized == 0
    list_devices()
    assert paper.looks == 2


def test_a_missing_portaudio_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(NoDeviceError, match="libportaudio2"):
        PortAudioDriver().open(Request(RATE_HZ))


class PaperJack:
    """As much of a JACK server as the driver uses; ports appear with the stream."""

    def __init__(self, paper: PaperPortAudio) -> None:
        self.paper = paper
        self.freewheeling = False
        self.period = 256
        self.frames = 300
        self.closed = False

    def ports(self) -> list[str]:
        opened = self.paper.stream is not None
        return ["other:in_0", *(["PortAudio:in_0", "PortAudio:out_0"] if opened else [])]

    def connections(self, port: str) -> list[str]:
        return ["system:1"] if port.startswith("PortAudio") else ["PortAudio:out_0"]

    def is_input(self, port: str) -> bool:
        return ":in_" in port

    def is_physical(self, port: str) -> bool:
        return port == "system:1"

    def capture_latency(self, port: str) -> int:
        return self.frames

    def playback_latency(self, port: str) -> int:
        return 2 * self.frames

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def jack(paper: PaperPortAudio, monkeypatch: pytest.MonkeyPatch) -> PaperJack:
    paper.api = JACK
    server = PaperJack(paper)
    monkeypatch.setattr(portaudio, "JackGraph", lambda: server)
    return server


def test_on_jack_the_server_is_asked_for_the_latency_again_and_again(
    jack: PaperJack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "_LATENCY_S", 0.0)
    driver = PortAudioDriver()
    opened = driver.open(Request(RATE_HZ))
    assert opened.stream.device_latency_frames == 900
    assert opened.latency_frames is not None
    jack.frames = 100
    _run(driver, 5)
    assert opened.latency_frames() == 300
    driver.close()
    assert jack.closed


def test_a_server_whose_blocks_stopped_is_not_asked(
    jack: PaperJack, paper: PaperPortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "_LATENCY_S", 0.0)
    driver = PortAudioDriver()
    opened = driver.open(Request(RATE_HZ))
    assert opened.latency_frames is not None
    assert paper.stream is not None
    paper.stream.abort()
    opened.latency_frames()  # there were blocks since the opening
    jack.frames = 50
    assert opened.latency_frames() == 900
    driver.close()
    assert opened.latency_frames() == 900


def test_a_freewheeling_server_is_told_to_the_callback(jack: PaperJack) -> None:
    driver = PortAudioDriver()
    driver.open(Request(RATE_HZ))
    assert not any(flags & UNPACED for _, flags in _run(driver, 5))
    jack.freewheeling = True
    assert all(flags & UNPACED for _, flags in _run(driver, 5))
    driver.close()


def test_without_libjack_the_periods_that_portaudio_leaves_out_are_added(
    paper: PaperPortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> PaperJack:
        raise OSError("no libjack")

    paper.api, paper.latency = JACK, (0.0, 256 / RATE_HZ)
    monkeypatch.setattr(portaudio, "JackGraph", missing)
    driver = PortAudioDriver()
    opened = driver.open(Request(RATE_HZ))
    assert opened.stream.device_latency_frames == 3 * 256
    assert opened.latency_frames is None
    for wish in (driver.patch, lambda: driver.freewheel(True)):
        with pytest.raises(DeviceError, match="not on JACK"):
            wish()
    driver.close()
