"""OSC over real UDP: another program reads, writes, acts and hears the latents."""

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from rtvae.errors import OscError
from rtvae.host.console import Console
from rtvae.host.osc_part import OscPart
from rtvae.host.part import Backstage
from rtvae.host.settings import Settings
from rtvae.io.osc import OscPort, find
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter

PATIENCE_S = 10.0


class Program:
    """Another program with a UDP socket of its own."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE_S)
        self._to = ("127.0.0.1", port)

    def send(self, address: str, *arguments: Any) -> None:
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.socket.sendto(builder.build().dgram, self._to)

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendto(data, self._to)

    def hear(self) -> list[tuple[str, list[Any]]]:
        packet = OscPacket(self.socket.recv(1 << 16))
        return [(timed.message.address, timed.message.params) for timed in packet.messages]

    def until(self, address: str) -> None:
        while self.hear()[0][0] != address:
            pass

    def ask(self, address: str, *arguments: Any) -> tuple[str, list[Any]]:
        self.send(address, *arguments)
        (answer,) = self.hear()
        return answer


class Rig:
    def __init__(self, folder: Path) -> None:
        self.console = Console(Settings(ControlWriter(np.zeros((), CONTROL))))
        self.console.set({"mix": 1.0, "tempo_bpm": 120.0}, "preset")
        self.console.know_latents(["loudness", "", "pitch"])
        memory = np.zeros((), TELEMETRY)
        self.writer = TelemetryWriter(memory)
        self.writer.set("latents", 3)
        latents = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
        self.backstage = Backstage(
            self.console,
            print,
            lambda name, beside: None,
            lambda: {"model": "voice", "latents": latents},
            TelemetryReader(memory),
            folder,
        )
        self.port = OscPort("127.0.0.1", 0)
        self.part = OscPart(self.backstage, self.port)
        self.program = Program(self.port.port)

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def reads(self, name: str, value: float) -> None:
        self.until(lambda: self.console.values()[name] == pytest.approx(value))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.part.close()
    rig.program.socket.close()


def test_a_parameter_is_written_and_read_by_its_address(rig: Rig) -> None:
    rig.program.send("/rtvae/latent/2/offset", 1.5)
    assert rig.program.ask("/rtvae/latent/2/offset") == ("/rtvae/latent/2/offset", [1.5])
    rig.program.send("/rtvae/latent/pitch/offset", -1)
    assert rig.program.ask("/rtvae/latent/3/offset") == ("/rtvae/latent/3/offset", [-1.0])
    assert rig.program.ask("/rtvae/latent/pitch/offset") == ("/rtvae/latent/pitch/offset", [-1.0])
    rig.program.send("/rtvae/mute", True)
    rig.program.send("/rtvae/mix", 99.0)
    rig.reads("mute", 1.0)
    rig.reads("mix", 1.0)


def test_a_pattern_sets_all_that_it_fits(rig: Rig) -> None:
    rig.program.send("/rtvae/latent/*/freeze", 1)
    for number in (1, 2, 3):
        rig.reads(f"latent.{number}.freeze", 1.0)
    assert rig.console.values()["latent.4.freeze"] == 0.0


def test_actions_and_names_are_asked_of_the_session(rig: Rig) -> None:
    rig.program.send("/rtvae/do/undo")
    rig.program.send("/rtvae/do/snapshot/recall/3", 1.0)
    rig.program.send("/rtvae/do/snapshot/recall/3", 0.0)
    rig.program.send("/rtvae/preset", "choir")
    asked: list[Any] = []

    def complete() -> bool:
        asked.extend(rig.console.asked())
        return len(asked) >= 3

    rig.until(complete)
    assert asked == [("undo", {}), ("snapshot.recall.3", {}), ("preset.load", {"name": "choir"})]
    assert rig.program.ask("/rtvae/model") == ("/rtvae/model", ["voice"])


def test_the_list_says_all_that_a_surface_needs(rig: Rig) -> None:
    rig.program.send("/rtvae/list")
    listed: dict[str, list[Any]] = {}
    count = None
    while count is None:
        for address, arguments in rig.program.hear():
            if address == "/rtvae/list/end":
                (count,) = arguments
            else:
                listed[arguments[0]] = arguments[1:]
    assert count == len(listed)
    low, high, rest, now, unit, meaning = listed["/rtvae/tempo_bpm"]
    assert (low, high, rest, now, unit) == (20.0, 300.0, 120.0, 120.0, "bpm")
    assert meaning
    assert {"/rtvae/latent/3/offset", "/rtvae/mod/8/step/16", "/rtvae/do/panic"} <= set(listed)
    assert "/rtvae/latent/4/offset" not in listed
    rig.program.send("/rtvae/list", "/rtvae/latent/*/scale")
    answers = rig.program.hear()
    assert [arguments[0] for _, arguments in answers[:3]] == [
        f"/rtvae/latent/{k}/scale" for k in (1, 2, 3)
    ]


def test_latents_stream_until_they_are_not_wanted(rig: Rig) -> None:
    before, after = np.array([[1.0, 2.0, 3.0]]), np.array([[4.0, 5.0, 6.0]])
    rig.writer.push_latents(before.astype(np.float32), after.astype(np.float32))
    rig.program.send("/rtvae/latents", 100)
    for _ in range(5):
        assert rig.program.hear() == [
            ("/rtvae/latents/encoded", [1.0, 2.0, 3.0]),
            ("/rtvae/latents/played", [4.0, 5.0, 6.0]),
        ]
    rig.program.send("/rtvae/latents", 0)
    rig.program.send("/rtvae/mix")
    rig.program.until("/rtvae/mix")
    rig.program.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        rig.program.hear()


def test_what_others_turn_is_told_to_who_wants_it(rig: Rig) -> None:
    rig.program.send("/rtvae/changes", 1)
    assert rig.program.ask("/rtvae/mix") == ("/rtvae/mix", [1.0])
    rig.console.set({"latent.1.offset": 0.25}, "midi")
    assert rig.program.hear() == [("/rtvae/latent/1/offset", [0.25])]


def test_answers_go_to_the_port_that_was_asked_for(rig: Rig) -> None:
    other = Program(rig.port.port)
    rig.program.send("/rtvae/reply", other.socket.getsockname()[1])
    rig.program.send("/rtvae/mix")
    assert other.hear() == [("/rtvae/mix", [1.0])]
    other.socket.close()


def test_who_asks_for_another_port_late_gets_it_too(rig: Rig) -> None:
    for number in range(20):  # a tool that is started anew for each message has a port each time
        other = Program(rig.port.port)
        other.send("/rtvae/reply", 9000 + number)
        other.socket.close()
    answers_to = Program(rig.port.port)
    rig.program.send("/rtvae/reply", answers_to.socket.getsockname()[1])
    rig.program.send("/rtvae/mix")
    assert answers_to.hear() == [("/rtvae/mix", [1.0])]
    answers_to.socket.close()


@pytest.mark.parametrize(("address", "wish"), [("/rtvae/latents", 50), ("/rtvae/changes", 1)])
def test_programs_that_went_away_leave_room_for_others(rig: Rig, address: str, wish: int) -> None:
    there = _listening(rig, 3)
    for _ in range(40):
        gone = Program(rig.port.port)
        gone.send(address, wish)
        gone.send("/rtvae/mix")
        gone.until("/rtvae/mix")
        gone.socket.close()
    rig.program.send("/rtvae/latents", 50)
    assert rig.program.hear()[0][0] == "/rtvae/latents/encoded"
    rig.console.set({"blend": 0.25}, "midi")
    for program in there:  # those that are there have lost nothing by it
        while ("/rtvae/blend", [0.25]) not in program.hear():
            pass
        program.socket.close()


def test_a_program_that_ends_is_streamed_to_no_more(rig: Rig) -> None:
    (program,) = _listening(rig, 1)
    assert rig.part.info()["osc"]["listeners"] == 1
    program.socket.close()
    rig.console.set({"blend": 0.25}, "midi")
    rig.until(lambda: rig.part.info()["osc"]["listeners"] == 0)


def test_the_seventeenth_gets_the_place_of_the_most_silent_which_is_told(rig: Rig) -> None:
    first, second, *others = _listening(rig, 16)
    first.ask("/rtvae/mix")  # who says something now and then keeps its place
    rig.program.send("/rtvae/latents", 50)
    assert rig.program.hear()[0][0] == "/rtvae/latents/encoded"
    ended = [("/rtvae/latents", [0.0]), ("/rtvae/changes", [0.0])]
    heard: list[tuple[str, list[Any]]] = []
    while heard != ended:
        heard = second.hear()
    rig.console.set({"blend": 0.25}, "midi")
    for program in (first, *others):
        heard = []
        while heard != [("/rtvae/blend", [0.25])]:
            heard = program.hear()
            assert heard != ended
    for program in (first, second, *others):
        program.socket.close()


def test_who_was_named_at_the_start_is_streamed_to_whether_it_is_there_yet_or_not(
    rig: Rig,
) -> None:
    late = Program(rig.port.port)
    place = late.socket.getsockname()
    late.socket.close()
    part = OscPart(rig.backstage, OscPort("127.0.0.1", 0), place, 100.0)
    time.sleep(0.1)
    late.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    late.socket.bind(place)
    late.socket.settimeout(PATIENCE_S)
    try:
        assert late.hear()[0][0] == "/rtvae/latents/encoded"
    finally:
        part.close()
        late.socket.close()


def test_a_program_that_went_away_costs_those_who_are_there_nothing(rig: Rig) -> None:
    """The system tells of a closed port at the next thing sent, which goes to somebody else."""
    here, gone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), Program(0)
    here.bind(("127.0.0.1", 0))
    here.settimeout(PATIENCE_S)
    nowhere = gone.socket.getsockname()
    gone.socket.close()
    with contextlib.closing(OscPort("127.0.0.1", 0)) as port, here:
        for number in range(50):
            port.send(nowhere, [("/x", [0.0])])
            port.send(here.getsockname(), [("/x", [float(number)])])
            (timed,) = OscPacket(here.recv(1 << 16)).messages
            assert timed.message.params == [number]


def test_requests_that_nobody_takes_do_not_hold_the_end_up(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for _ in range(200):
        rig.program.send("/rtvae/do/tap")
    time.sleep(0.05)
    begin_s = time.monotonic()
    rig.part.close()
    assert time.monotonic() - begin_s < 5.0
    rig.program.socket.close()


def test_rubbish_and_a_bundle_for_next_year_hold_nobody_up(rig: Rig) -> None:
    random = np.random.default_rng(0)
    for size in (0, 1, 3, 4, 8, 64, 1000):
        rig.program.send_bytes(random.bytes(size))
    rig.program.send_bytes(b"#bundle\0" + b"\xff" * 24)
    for arguments in (["loud"], [float("nan")], [float("inf")], [None], [[1.0, [2.0]]], [b"x"]):
        rig.program.send("/rtvae/mix", *arguments)
    later = OscBundleBuilder(time.time() + 3e7)  # type: ignore[arg-type]
    later.add_content(_message("/rtvae/blend", 0.5))
    rig.program.send_bytes(later.build().dgram)
    rig.reads("blend", 0.5)
    assert rig.program.ask("/rtvae/mix") == ("/rtvae/mix", [1.0])


@pytest.mark.parametrize(
    "elements",
    [
        struct.pack(">i", -4),
        struct.pack(">i", 0) * 10_000,
        struct.pack(">i", 1 << 30),
        struct.pack(">i", 4) + b"abcd",
        b"\0\0",
    ],
)
def test_sizes_that_lead_nowhere_are_dropped_without_a_word(
    rig: Rig, elements: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    rig.program.send_bytes(b"#bundle\0" + bytes(8) + elements)
    rig.program.send_bytes(b"#bundle\0" + bytes(8) + struct.pack(">i", 16) + b"/a\0\0,?x\0" * 2)
    rig.program.send("/rtvae/blend", 0.25)
    rig.reads("blend", 0.25)
    assert capfd.readouterr().err == ""


def test_who_only_streams_obeys_nobody(rig: Rig) -> None:
    port = OscPort("127.0.0.1", 0)
    part = OscPart(rig.backstage, port, obeys=False)
    try:
        rig.program.socket.sendto(_message("/rtvae/blend", 0.5).dgram, ("127.0.0.1", port.port))
        rig.program.send("/rtvae/variation", 0.5)
        rig.reads("variation", 0.5)
        time.sleep(0.1)
        assert rig.console.values()["blend"] == 0.0
    finally:
        part.close()


def test_a_machine_that_nobody_knows_is_told_before_the_show() -> None:
    assert find("localhost", 9000) == ("127.0.0.1", 9000)
    with pytest.raises(OscError, match=r"Nothing can be streamed to nowhere\.invalid:99"):
        find("nowhere.invalid", 99)


def test_a_flood_ends_where_the_last_value_is(rig: Rig) -> None:
    for k in range(20_000):
        rig.program.send("/rtvae/blend", k / 40_000)
    time.sleep(0.1)
    rig.program.send("/rtvae/blend", 0.75)
    rig.reads("blend", 0.75)


def test_a_port_that_is_taken_is_one_sentence(rig: Rig) -> None:
    with pytest.raises(OscError, match=rf"OSC port 127.0.0.1:{rig.port.port} cannot be opened"):
        OscPort("127.0.0.1", rig.port.port)


def _listening(rig: Rig, count: int) -> list[Program]:
    """Return programs that want to hear what is changed, in the order in which they asked."""
    programs = [Program(rig.port.port) for _ in range(count)]
    for program in programs:
        program.send("/rtvae/changes", 1)
        program.ask("/rtvae/mix")
    return programs


def _message(address: str, value: float) -> Any:
    builder = OscMessageBuilder(address)
    builder.add_arg(value)
    return builder.build()
