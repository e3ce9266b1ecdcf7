"""The worker thread of buffered inference, held up and waited for as a test says."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rtvae.engine.blend import Playable
from rtvae.engine.voice import Voice
from rtvae.model.live import Floats

PATIENCE_S = 10.0


class Gate:
    """Lets a model through only while it is open."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()

    def pass_through(self, *_: object) -> None:
        assert self._open.wait(PATIENCE_S)

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()


def catch_up(voice: Playable) -> None:
    """Wait until a voice's worker has nothing left to do."""
    assert isinstance(voice, Voice)
    worker = voice._buffered
    assert worker is not None
    deadline = time.monotonic() + PATIENCE_S
    while not worker.idle:
        assert time.monotonic() < deadline, "the worker does not come to an end"
        time.sleep(0.0002)


@contextmanager
def held_up(voice: Playable) -> Iterator[None]:
    """Nothing of what is posted meanwhile is done before the end."""
    catch_up(voice)
    gate, model = Gate(), voice.model
    decode = model.decode

    def wait_and_decode(latent: Floats, audio: Floats) -> None:
        gate.pass_through()
        decode(latent, audio)

    model.decode = wait_and_decode  # type: ignore[method-assign]
    gate.shut()
    try:
        yield
    finally:
        gate.open()
        model.decode = decode  # type: ignore[method-assign]
