"""Real audio devices, through PortAudio. The only importer of sounddevice.

The stream is opened silent and watched for a few blocks before anything plays: so the engine
knows the block size that a JACK server really has, and a server that is stuck is found out here.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from rtvae.errors import DeviceBusyError, DeviceError, NoDeviceError, RtvaeError
from rtvae.io.device_list import JACK, Device, choose_device
from rtvae.io.drivers import (
    DEFAULT_BLOCK_SIZE,
    INPUT_OVERFLOW,
    OUTPUT_UNDERFLOW,
    UNPACED,
    Audio,
    Callback,
    Opened,
    Request,
    Stop,
    fit_channels,
)
from rtvae.io.jack_graph import round_trip_frames
from rtvae.io.libjack import JackGraph
from rtvae.io.source import Source, is_sound_file, open_source
from rtvae.spec import StreamSpec

_WATCHED_BLOCKS = 8
_WATCH_S = 1.0
_SILENT_S = 3.0
_POLL_S = 0.02
_CLOSE_S = 0.5
_PLAUSIBLE_LATENCY_S = 1.0
_JACK_S = 0.3
_LATENCY_S = 0.5
"""How often the device is asked for its latency again."""

# PortAudio's error numbers (portaudio.h).
_INVALID_CHANNELS, _INVALID_RATE, _UNAVAILABLE, _BAD_PAIR = -9998, -9997, -9985, -9993


def list_devices() -> list[Device]:
    """Look afresh at the audio devices and return them; PortAudio is let go again.

    Raises NoDeviceError if PortAudio is missing.
    """
    portaudio = _initialised()
    try:
        return _devices(portaudio)
    finally:
        portaudio._terminate()


class PortAudioDriver:
    """A duplex stream on one or two devices; a sound file may take the microphone's place.

    `on_audio_thread` is called once on PortAudio's own thread, before the first block.
    """

    muted_start = True
    paced = True

    def __init__(self, on_audio_thread: Callable[[], None] = lambda: None) -> None:
        self._begin = on_audio_thread
        self._begun = False
        self._stream: Any = None
        self._source: Source | None = None
        self._left_frames: int | None = None
        self._sizes: list[int] = []
        self._callback: Callback = self._watch
        self._graph: JackGraph | None = None
        self._known_ports: set[str] = set()
        self._ours: set[str] = set()
        self._opened_frames = 0
        self._blocks = 0

    def open(self, request: Request) -> Opened:
        """Open the devices and wait for their first blocks. See Driver."""
        portaudio = _initialised()
        devices = _devices(portaudio)
        output = choose_device(devices, request.output, "output")
        outputs = fit_channels(
            request.output_channels or (1, 2), output.output_channels, "output", output.name
        )
        if is_sound_file(request.input):
            self._source, inputs, input_name = open_source(request)
            input_channels, device_input = self._source.channels, None
            self._left_frames = self._source.length_frames
        else:
            device_input = choose_device(devices, request.input, "input")
            input_name = device_input.name
            inputs = fit_channels(
                request.input_channels or (1,), device_input.input_channels, "input", input_name
            )
            input_channels = max(inputs) + 1
            if request.duration_s is not None:
                self._left_frames = max(1, round(request.duration_s * request.sample_rate_hz))
        block_size = request.block_size or DEFAULT_BLOCK_SIZE
        if output.host_api == JACK:
            block_size = 0  # any other number makes PortAudio add one block of delay
            self._look_at_jack()
        self._shape = (input_channels, max(outputs) + 1)
        self._file_input = np.zeros((0, input_channels), np.float32)
        try:
            self._stream = self._open_stream(
                portaudio, device_input, output, request.sample_rate_hz, block_size
            )
            self._stream.start()
        except portaudio.PortAudioError as error:
            raise _explain(error, device_input, output, request.sample_rate_hz) from error
        observed = self._observed_block_size(output)
        latency_frames = self._latency_frames(request.sample_rate_hz, observed, output)
        stream = StreamSpec(request.sample_rate_hz, observed, *self._shape, latency_frames)
        same = input_name == output.name
        device = output.name if same else f"{input_name} to {output.name}"
        return Opened(
            stream,
            f"{device} ({output.host_api})",
            inputs,
            outputs,
            _notices(request, observed),
            self._latency_now(latency_frames),
        )

    def run(self, callback: Callback, stop: Stop) -> None:
        """Hand the running stream to `callback` until `stop()` or the duration is over."""
        self._callback = callback
        while not stop() and (self._left_frames is None or self._left_frames > 0):
            time.sleep(_POLL_S)
        # The stream runs until it is closed; `callback` is not called again after this returns.
        self._callback = _rest
        time.sleep(_POLL_S)

    def close(self) -> None:
        """Let go of the stream; PortAudio may hang in this, so it gets half a second."""
        stream, self._stream = self._stream, None
        graph, self._graph = self._graph, None
        if stream is None and graph is None:
            return

        def let_go() -> None:
            if graph is not None:
                graph.close()
            if stream is None:
                return
            stream.abort()
            stream.close()
            _initialised_module()._terminate()

        closing = threading.Thread(target=let_go, name="closing the device", daemon=True)
        closing.start()
        closing.join(_CLOSE_S)

    def latency_frames(self) -> int:
        """Return the device's latency by now; not for the audio thread."""
        return self._opened_frames if self._graph is None else self._round_trip()

    def patch(self) -> None:
        """On JACK, connect our output to our input, and neither to the sound card any more.

        Raises DeviceError elsewhere.
        """
        graph = self._on_jack()
        inputs = sorted(port for port in self._ours if graph.is_input(port))
        outputs = sorted(self._ours - set(inputs))
        for port in self._ours:
            for other in graph.connections(port):
                graph.disconnect(port, other)
        for source in outputs[:1]:
            for destination in inputs:
                graph.connect(source, destination)

    def freewheel(self, on: bool) -> None:
        """On JACK, let the server run as fast as it can, or in real time again.

        Raises DeviceError elsewhere.
        """
        self._on_jack().freewheel(on)

    def _on_jack(self) -> JackGraph:
        if self._graph is None:
            raise DeviceError("This device is not on JACK; start a JACK server and choose it.")
        return self._graph

    def _open_stream(
        self,
        portaudio: Any,
        source: Device | None,
        output: Device,
        sample_rate_hz: int,
        block_size: int,
    ) -> Any:
        common = {
            "samplerate": sample_rate_hz,
            "blocksize": block_size,
            "dtype": "float32",
            "latency": "low",
        }
        if source is None:
            return portaudio.RawOutputStream(
                device=output.number,
                channels=self._shape[1],
                callback=self._output_block,
                **common,
            )
        return portaudio.RawStream(
            device=(source.number, output.number),
            channels=self._shape,
            callback=self._duplex_block,
            **common,
        )

    def _duplex_block(self, heard: Any, played: Any, frames: int, _: Any, status: Any) -> None:
        inp = np.frombuffer(heard, np.float32).reshape(frames, self._shape[0])
        self._block(inp, played, frames, status)

    def _output_block(self, played: Any, frames: int, _: Any, status: Any) -> None:
        if self._file_input.shape[0] < frames:
            self._file_input = np.zeros((frames, self._shape[0]), np.float32)
        inp = self._file_input[:frames]
        if self._source is not None and self._callback != self._watch:
            self._source.fill(inp)
        self._block(inp, played, frames, status)

    def _block(self, inp: Audio, played: Any, frames: int, status: Any) -> None:
        out = np.frombuffer(played, np.float32).reshape(frames, self._shape[1])
        flags = 0
        if status:
            flags |= INPUT_OVERFLOW if status.input_overflow else 0
            flags |= OUTPUT_UNDERFLOW if status.output_underflow else 0
        if self._graph is not None and self._graph.freewheeling:
            flags |= UNPACED
        self._callback(inp, out, flags)
        self._blocks += 1
        if self._left_frames is not None and self._callback != self._watch:
            self._left_frames -= frames

    def _watch(self, heard: Audio, played: Audio, flags: int) -> None:
        played.fill(0.0)
        if not self._begun:
            self._begun = True
            self._begin()
        if len(self._sizes) < _WATCHED_BLOCKS:
            self._sizes.append(heard.shape[0])

    def _observed_block_size(self, output: Device) -> int:
        """Return the one size that all blocks have, or 0."""
        start = time.monotonic()
        while len(self._sizes) < _WATCHED_BLOCKS:
            waited_s = time.monotonic() - start
            if (waited_s > _WATCH_S and self._sizes) or waited_s > _SILENT_S:
                break
            time.sleep(_POLL_S)
        if not self._sizes:
            raise DeviceError(
                f"{output.name} opened but does not run; restart the audio server or the device."
            )
        sizes = set(self._sizes)
        return sizes.pop() if len(sizes) == 1 else 0

    def _look_at_jack(self) -> None:
        """Be ready to find out which ports the stream will have."""
        try:
            self._graph = JackGraph()
        except OSError:
            return  # then PortAudio's word has to do
        self._known_ports = set(self._graph.ports())

    def _latency_frames(self, sample_rate_hz: int, block_size: int, output: Device) -> int:
        if self._graph is not None:
            self._ours = set(self._graph.ports()) - self._known_ports
            start = time.monotonic()
            # The server passes latencies on a moment after it made the connections.
            while not (frames := self._round_trip()):
                if time.monotonic() - start > _JACK_S:
                    break
                time.sleep(_POLL_S)
            return frames
        latency = self._stream.latency
        sides = latency if isinstance(latency, tuple) else (latency,)
        # Some servers report nonsense; then better nothing than a wrong number.
        if not 0.0 <= sum(sides) <= _PLAUSIBLE_LATENCY_S:
            return 0
        frames = round(sum(sides) * sample_rate_hz)
        # On JACK, PortAudio leaves out one period on each side.
        return frames + len(sides) * block_size if output.host_api == JACK else frames

    def _round_trip(self) -> int:
        return 0 if self._graph is None else round_trip_frames(self._graph, self._ours)

    def _latency_now(self, frames: int) -> Callable[[], int] | None:
        """Return what tells the latency by now; it asks the server twice a second at most."""
        self._opened_frames = frames
        if self._graph is None:
            return None
        known_frames, asked_s, blocks = frames, time.monotonic(), self._blocks

        def latency_frames() -> int:
            nonlocal known_frames, asked_s, blocks
            # A server that has stopped is not asked: it might not answer.
            moving = self._graph is not None and self._blocks != blocks
            if moving and time.monotonic() - asked_s >= _LATENCY_S:
                asked_s, blocks = time.monotonic(), self._blocks
                known_frames = self._round_trip()
            return known_frames

        return latency_frames


def _notices(request: Request, observed: int) -> tuple[str, ...]:
    if request.block_size and observed and observed != request.block_size:
        return (
            f"The device plays blocks of {observed} frames, not {request.block_size}; "
            "with JACK, set the size in the server (jack_bufsize).",
        )
    return ()


def _initialised_module() -> Any:
    # A look at the devices must not start the machine's audio server.
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    try:
        import sounddevice
    except OSError as error:
        raise NoDeviceError(
            "PortAudio is missing; install it (Debian and Ubuntu: sudo apt install libportaudio2)."
        ) from error
    return sounddevice


def _initialised() -> Any:
    """Return sounddevice with PortAudio started afresh: it only sees servers that run by then."""
    portaudio = _initialised_module()
    while portaudio._initialized:
        portaudio._terminate()
    portaudio._initialize()
    return portaudio


def _devices(portaudio: Any) -> list[Device]:
    hosts = portaudio.query_hostapis()
    return [
        Device(
            number=number,
            name=str(device["name"]),
            host_api=str(hosts[device["hostapi"]]["name"]),
            input_channels=int(device["max_input_channels"]),
            output_channels=int(device["max_output_channels"]),
            sample_rate_hz=round(device["default_samplerate"]),
            default_input=hosts[device["hostapi"]]["default_input_device"] == number,
            default_output=hosts[device["hostapi"]]["default_output_device"] == number,
        )
        for number, device in enumerate(portaudio.query_devices())
    ]


def _explain(
    error: Exception, source: Device | None, output: Device, sample_rate_hz: int
) -> RtvaeError:
    code = error.args[1] if len(error.args) > 1 else None
    names = output.name if source in (None, output) else f"{source.name} and {output.name}"
    if code == _INVALID_RATE and output.host_api == JACK:
        return DeviceError(
            f"The JACK server runs at {output.sample_rate_hz} Hz but the model needs "
            f"{sample_rate_hz} Hz; restart the server with -r {sample_rate_hz}."
        )
    if code == _INVALID_RATE:
        return DeviceError(
            f"{names} cannot run at the model's {sample_rate_hz} Hz; set the device to that rate "
            "or choose another one."
        )
    if code == _UNAVAILABLE:
        return DeviceBusyError(
            f"{names} is held by another program; close that program or choose another device."
        )
    if code == _BAD_PAIR:
        return DeviceError(
            f"{names} belong to different audio systems; choose both from the same one "
            "(`rtvae devices` shows which)."
        )
    if code == _INVALID_CHANNELS:
        return DeviceError(f"{names} refused that number of channels; choose fewer or others.")
    reason = str(error.args[0]) if error.args else "no reason given"
    return DeviceError(f"{names} cannot be opened ({reason}); choose another device.")


def _rest(heard: Audio, played: Audio, flags: int) -> None:
    """What the device plays while nobody plays. Real-time: fills one block."""
    played.fill(0.0)
