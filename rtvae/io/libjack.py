"""libjack: the graph of a running JACK server, as far as latency needs it, through ctypes.

PortAudio keeps its own client to itself, so this is a second one, which plays nothing.
"""

import ctypes
import ctypes.util
from typing import Any

_NO_START_SERVER = 1
_IS_INPUT, _IS_PHYSICAL = 1, 4
_CAPTURE, _PLAYBACK = 0, 1
_OBSERVER, _ASKER = b"rtvae-latency", b"rtvae-probe"
_MIDI = b"8 bit raw midi"
_FREEWHEEL = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)


class JackGraph:
    """The graph of the running server, seen by a client that plays nothing; see Graph.

    Raises OSError if there is no libjack or no server answers.
    """

    def __init__(self) -> None:
        self.freewheeling = False
        self._jack = _library()
        self._client = _client(self._jack, _OBSERVER)
        # Kept, because libjack does not keep it.
        self._on_freewheel = _FREEWHEEL(self._freewheel)
        self._jack.jack_set_freewheel_callback(self._client, self._on_freewheel, None)
        self._jack.jack_activate(self._client)

    @property
    def period(self) -> int:
        """See Graph."""
        return int(self._jack.jack_get_buffer_size(self._client))

    def ports(self) -> list[str]:
        """See Graph."""
        return _names(self._jack, self._jack.jack_get_ports(self._client, None, b"audio", 0))

    def connections(self, port: str) -> list[str]:
        """See Graph."""
        found = self._port(port)
        if not found:
            return []
        return _names(self._jack, self._jack.jack_port_get_all_connections(self._client, found))

    def is_input(self, port: str) -> bool:
        """See Graph."""
        return bool(self._flags(port) & _IS_INPUT)

    def is_physical(self, port: str) -> bool:
        """See Graph."""
        return bool(self._flags(port) & _IS_PHYSICAL)

    def capture_latency(self, port: str) -> int:
        """See Graph."""
        return self._latency(port, _CAPTURE)

    def playback_latency(self, port: str) -> int:
        """See Graph."""
        return self._latency(port, _PLAYBACK)

    def connect(self, source: str, destination: str) -> None:
        """Connect an output to an input."""
        self._jack.jack_connect(self._client, source.encode(), destination.encode())

    def disconnect(self, one: str, other: str) -> None:
        """Disconnect two ports, in either order."""
        source, destination = (other, one) if self.is_input(one) else (one, other)
        self._jack.jack_disconnect(self._client, source.encode(), destination.encode())

    def freewheel(self, on: bool) -> None:
        """Let the server run as fast as it can, or in real time again."""
        self._jack.jack_set_freewheel(self._client, int(on))

    def close(self) -> None:
        """Leave the server; hangs where the server does."""
        self._jack.jack_client_close(self._client)

    def _freewheel(self, starting: int, _: Any) -> None:
        self.freewheeling = bool(starting)

    def _port(self, name: str) -> Any:
        return self._jack.jack_port_by_name(self._client, name.encode())

    def _flags(self, port: str) -> int:
        found = self._port(port)
        return int(self._jack.jack_port_flags(found)) if found else 0

    def _latency(self, port: str, mode: int) -> int:
        found, latency = self._port(port), _Range()
        if found:
            self._jack.jack_port_get_latency_range(found, mode, ctypes.byref(latency))
        return int(latency.longest)


def midi_destinations() -> list[str]:
    """Return the ports that take MIDI on the running server.

    The client that asks is never active: it takes part in no period, so nobody waits for it.
    Raises OSError if there is no libjack or no server; hangs where the server does.
    """
    jack = _library()
    client = _client(jack, _ASKER)
    listed = _names(jack, jack.jack_get_ports(client, None, _MIDI, _IS_INPUT))
    jack.jack_client_close(client)
    return listed


class _Range(ctypes.Structure):
    _fields_ = (("shortest", ctypes.c_uint32), ("longest", ctypes.c_uint32))


def _client(jack: Any, name: bytes) -> Any:
    status = ctypes.c_int(0)
    client = jack.jack_client_open(name, _NO_START_SERVER, ctypes.byref(status))
    if not client:
        raise OSError("no JACK server answers")
    return client


def _names(jack: Any, listed: Any) -> list[str]:
    if not listed:
        return []
    names: list[str] = []
    while (name := listed[len(names)]) is not None:
        names.append(name.decode(errors="replace"))
    jack.jack_free(listed)
    return names


def _library() -> Any:
    try:
        jack = ctypes.CDLL("libjack.so.0")
    except OSError:  # looking for it starts other programs, so that comes second
        jack = ctypes.CDLL(ctypes.util.find_library("jack") or "libjack.dylib")
    pointer, text, texts = ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p)
    number = ctypes.c_int
    shapes: dict[str, tuple[Any, list[Any]]] = {
        "jack_client_open": (pointer, [text, number, pointer]),
        "jack_activate": (number, [pointer]),
        "jack_set_freewheel_callback": (number, [pointer, _FREEWHEEL, pointer]),
        "jack_client_close": (number, [pointer]),
        "jack_connect": (number, [pointer, text, text]),
        "jack_disconnect": (number, [pointer, text, text]),
        "jack_set_freewheel": (number, [pointer, number]),
        "jack_get_buffer_size": (ctypes.c_uint32, [pointer]),
        "jack_get_ports": (texts, [pointer, text, text, ctypes.c_ulong]),
        "jack_port_by_name": (pointer, [pointer, text]),
        "jack_port_flags": (number, [pointer]),
        "jack_port_get_all_connections": (texts, [pointer, pointer]),
        "jack_port_get_latency_range": (None, [pointer, number, pointer]),
        "jack_free": (None, [pointer]),
    }
    try:
        _declare(jack, shapes)
    except AttributeError as error:
        raise OSError("this libjack lacks functions") from error
    return jack


def _declare(jack: Any, shapes: dict[str, tuple[Any, list[Any]]]) -> None:
    for function, (result, arguments) in shapes.items():
        getattr(jack, function).restype = result
        getattr(jack, function).argtypes = arguments
