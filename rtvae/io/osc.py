"""A UDP port that speaks OSC. The only module that imports python-osc.

Messages are carried out when they come: a bundle's time is not waited for, because a sender whose
clock is wrong would stop everybody else's.
"""

import contextlib
import errno
import logging
import socket
import struct
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import BuildError, OscMessageBuilder
from pythonosc.osc_packet import OscPacket, ParseError

from rtvae.errors import OscError

Endpoint = tuple[str, int]

LARGEST_DATAGRAM = 1 << 16
AT_ONCE = 256
BUNDLE = b"#bundle\0"
BUNDLE_HEAD = 16
DEEPEST = 8
PARSERS = ("osc_bundle", "osc_message")

# Linux keeps what came back from a closed port, with where that is; these have no names in Python.
KEEPS_REFUSALS = sys.platform == "linux"
IP_RECVERR, IPV6_RECVERR = 11, 25
WHICH_ERROR = struct.Struct("=I")


def _is_no_parser(record: logging.LogRecord) -> bool:
    """Whether a line of the root logger is not python-osc's about what a stranger sent."""
    return record.module not in PARSERS


class Heard(NamedTuple):
    """One message: its address, its arguments (numbers, texts, booleans) and who sent it."""

    address: str
    arguments: tuple[Any, ...]
    sender: Endpoint


class OscPort:
    """An open port, for one thread.

    Port 0 is any that is free; host "" is every network of this machine. Raises OscError if the
    port cannot be opened.
    """

    def __init__(self, host: str, port: int) -> None:
        logging.getLogger().addFilter(_is_no_parser)
        try:
            found = socket.getaddrinfo(
                host or None, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
            )
            family, kind, protocol, _, address = found[0]
            self._socket = socket.socket(family, kind, protocol)
        except OSError as error:
            raise _refused(host, port, error) from error
        try:
            self._socket.bind(address)
        except OSError as error:
            self._socket.close()
            raise _refused(host, port, error) from error
        self._closed: list[Endpoint] = []
        if KEEPS_REFUSALS:
            self._socket.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)

    @property
    def port(self) -> int:
        """The port's number."""
        number: int = self._socket.getsockname()[1]
        return number

    def receive(self, wait_s: float) -> list[Heard]:
        """Wait for a datagram; return what it and those that wait behind it say.

        What is no OSC is dropped. At most AT_ONCE datagrams are taken.
        """
        heard: list[Heard] = []
        self._take_refusals()  # one that lies there would end the wait at once
        self._socket.settimeout(max(wait_s, 1e-4))
        for _ in range(AT_ONCE):
            try:
                datagram, sender = self._socket.recvfrom(LARGEST_DATAGRAM)
            except (TimeoutError, BlockingIOError):
                break
            except OSError:
                self._take_refusals()  # somebody we sent to is not there
                continue
            heard += [Heard(*said, (sender[0], sender[1])) for said in _parse(datagram)]
            self._socket.settimeout(0.0)
        return heard

    def send(self, to: Endpoint, messages: Sequence[tuple[str, Sequence[Any]]]) -> None:
        """Send messages, address and arguments each, in one datagram; never waits.

        What cannot be sent is dropped, as UDP does.
        """
        try:
            built = [_build(address, arguments) for address, arguments in messages]
            if len(built) == 1:
                datagram = built[0].dgram
            else:
                bundle = OscBundleBuilder(IMMEDIATELY)
                for message in built:
                    bundle.add_content(message)
                datagram = bundle.build().dgram
        except BuildError:
            return
        for _ in range(2):  # the first may only be told what became of one sent to somebody else
            with contextlib.suppress(OSError):
                self._socket.sendto(datagram, to)
                return

    def refused(self) -> list[Endpoint]:
        """Return where something was sent since the last call and the port is closed.

        Only Linux says so; elsewhere, and where a firewall says nothing, nobody is ever closed.
        """
        self._take_refusals()
        closed, self._closed = self._closed, []
        return closed

    def _take_refusals(self) -> None:
        self._socket.settimeout(0.0)
        while KEEPS_REFUSALS:
            try:
                _, told, _, place = self._socket.recvmsg(0, 512, socket.MSG_ERRQUEUE)
            except OSError:
                break
            if any(WHICH_ERROR.unpack_from(data)[0] == errno.ECONNREFUSED for *_, data in told):
                self._closed.append((place[0], place[1]))

    def close(self) -> None:
        """Let go of the port."""
        self._socket.close()


def _refused(host: str, port: int, error: OSError) -> OscError:
    return OscError(
        f"The OSC port {host}:{port} cannot be opened ({error.strerror or error}); "
        "end the program that has it, or name another with --osc."
    )


def find(host: str, port: int) -> Endpoint:
    """Return where a host is, in numbers: names are not looked up while playing.

    Raises OscError where nobody knows it.
    """
    try:
        family = socket.AF_INET
        address = socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM)[0][4]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OscError(
            f"Nothing can be streamed to {host}:{port} ({reason}); check the name in --osc-to, "
            "or give the machine's number."
        ) from error
    return str(address[0]), int(address[1])


def _parse(datagram: bytes) -> list[tuple[str, tuple[Any, ...]]]:
    if not _is_whole(datagram):
        return []
    try:
        messages = [timed.message for timed in OscPacket(datagram).messages]
        return [(message.address, tuple(message.params)) for message in messages]
    except (ParseError, ValueError, IndexError, RecursionError):
        return []


def _is_whole(datagram: bytes, depth: int = 0) -> bool:
    """Whether the sizes in a bundle lead to its end: by others python-osc may go round for ever."""
    if not datagram.startswith(BUNDLE):
        return datagram.startswith(b"/")
    at = BUNDLE_HEAD
    while at + 4 <= len(datagram):
        (size,) = struct.unpack_from(">i", datagram, at)
        at += 4
        if size <= 0 or depth >= DEEPEST or not _is_whole(datagram[at : at + size], depth + 1):
            return False
        at += size
    return at == len(datagram)


def _build(address: str, arguments: Sequence[Any]) -> OscMessage:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build()
