"""A JACK client that is a sound card with a cable from its output to its input.

    python jack_card.py DELAY CAPTURE PLAYBACK

What is played on `card:playback_1` comes out of `card:capture_1` after DELAY frames; the ports
claim CAPTURE and PLAYBACK frames of latency. Says "running" when it is connected; a line on stdin
ends it.
"""

import ctypes
import sys
from typing import Any

import numpy as np

AUDIO = b"32 bit float mono audio"
INPUT, OUTPUT, PHYSICAL, TERMINAL = 1, 2, 4, 16
CAPTURE_LATENCY = 0

PROCESS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)
LATENCY = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)


class Range(ctypes.Structure):
    _fields_ = (("shortest", ctypes.c_uint32), ("longest", ctypes.c_uint32))


def main(delay: int, capture_frames: int, playback_frames: int) -> None:
    jack: Any = ctypes.CDLL("libjack.so.0")
    pointer = ctypes.c_void_p
    for name in ("jack_client_open", "jack_port_register", "jack_port_get_buffer"):
        getattr(jack, name).restype = pointer
    jack.jack_port_register.argtypes = [
        pointer, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong
    ]  # fmt: skip
    jack.jack_port_get_buffer.argtypes = [pointer, ctypes.c_uint32]
    jack.jack_port_set_latency_range.argtypes = [pointer, ctypes.c_int, pointer]
    client = pointer(jack.jack_client_open(b"card", 1, None))
    playback = jack.jack_port_register(client, b"playback_1", AUDIO, INPUT | PHYSICAL | TERMINAL, 0)
    capture = jack.jack_port_register(client, b"capture_1", AUDIO, OUTPUT | PHYSICAL | TERMINAL, 0)
    cable = np.zeros(delay, np.float32)

    def block(port: int, frames: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        address = jack.jack_port_get_buffer(port, frames)
        return np.ctypeslib.as_array((ctypes.c_float * frames).from_address(address))

    def process(frames: int, _: object) -> int:
        nonlocal cable
        cable = np.concatenate([cable, block(playback, frames)])
        block(capture, frames)[:] = cable[:frames]
        cable = cable[frames:]
        return 0

    def latency(mode: int, _: object) -> None:
        port, frames = (
            (capture, capture_frames) if mode == CAPTURE_LATENCY else (playback, playback_frames)
        )
        jack.jack_port_set_latency_range(port, mode, ctypes.byref(Range(frames, frames)))

    callbacks = PROCESS(process), LATENCY(latency)
    jack.jack_set_process_callback(client, callbacks[0], None)
    jack.jack_set_latency_callback(client, callbacks[1], None)
    jack.jack_activate(client)
    print("running", flush=True)
    sys.stdin.readline()
    jack.jack_client_close(client)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
