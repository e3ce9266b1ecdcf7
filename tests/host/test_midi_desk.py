"""The MIDI desk with bundled maps in use: whatever a port sends, nothing impossible follows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtvae import paths
from rtvae.control.actions import is_action
from rtvae.control.parameters import defaults, index_of, name_of, parameter_at
from rtvae.host.console import Console
from rtvae.host.midi_desk import MidiDesk
from rtvae.host.midi_keeper import OpenPort
from rtvae.host.midi_maps import load_maps
from rtvae.host.settings import Settings
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL
from tests.support.midi_ports import FakeInput, FakeLights

NAMES = ("nanoKONTROL2", "X-TOUCH MINI", "Midi Fighter Twister", "Seaboard", "MIDI Mix", "Keys")
MAPS = load_maps(paths.presets_dir())[0]
PACKET = st.binary(max_size=9) | st.builds(
    lambda status, a, b: bytes([status, a, b]),
    st.integers(0x80, 0xEF),
    st.integers(0, 127),
    st.integers(0, 127),
)
PLAYED = st.lists(st.tuples(st.sampled_from(NAMES), PACKET), max_size=60)


class Desk:
    def __init__(self) -> None:
        block = np.zeros((), CONTROL)
        self.console = Console(Settings(ControlWriter(block)))
        self.console.set({name_of(k): value for k, value in enumerate(defaults())}, "preset")
        self.console.know_latents(["loudness", "brightness", "", "pitch"])
        self.heard: list[tuple[str, float]] = []
        self.console.listen(lambda values, by: self.heard.extend(values.items()))
        self.lights = [FakeLights() for _ in NAMES]
        self.ports = {name: FakeInput(name) for name in NAMES}
        shown = zip(self.ports.values(), self.lights, strict=True)
        self.opened = [OpenPort(port, lights) for port, lights in shown]
        self.desk = MidiDesk(self.console, lambda: self.opened, (), MAPS)
        self.now_s = 0.0

    def play(self, packets: list[tuple[str, bytes]]) -> None:
        for name, packet in packets:
            self.ports[name].send(list(packet))
            self.now_s += 0.003
            self.desk.step(self.now_s)
        for _ in range(50):
            self.now_s += 0.02
            self.desk.step(self.now_s)

    def check(self) -> None:
        for name, value in self.heard:
            parameter = parameter_at(index_of(name))
            assert parameter.low <= value <= parameter.high
        for do, arguments in self.console.asked():
            assert is_action(do) or (do == "preset.load" and 1 <= arguments["number"] <= 128)
        for lights in self.lights:
            for packet in lights.shown:
                assert 0x80 <= packet[0] <= 0xEF
                assert all(0 <= byte <= 127 for byte in packet[1:])


@given(PLAYED)
def test_any_packets_from_any_controllers_set_possible_values_and_do_known_actions(
    packets: list[tuple[str, bytes]],
) -> None:
    desk = Desk()
    desk.play(packets)
    desk.check()
    assert desk.desk.messages == len(packets)


@given(PLAYED, st.sampled_from(["mix", "looper", "record", "latent.pitch.offset", "mute"]))
def test_any_packets_teach_one_route_at_most(packets: list[tuple[str, bytes]], target: str) -> None:
    desk = Desk()
    desk.desk.step(0.0)
    before = len(desk.desk.in_use)
    desk.desk.learn(target)
    desk.play(packets)
    desk.check()
    learned = [route for route in desk.desk.routes if route.target == target]
    assert len(learned) == (desk.desk.target is None)
    assert len(desk.desk.in_use) <= before + 1
