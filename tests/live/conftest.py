"""Live tests share the fixture of a real JACK server."""

from tests.support.jack import jack_server

__all__ = ["jack_server"]
