"""MIDI ports that do as a test says: plugged in, played, unplugged."""

from rtvae.errors import MidiError
from rtvae.io.midi_port_names import first_like, is_controller


class FakeInput:
    def __init__(self, name: str, virtual: bool = False) -> None:
        self.name, self.virtual = name, virtual
        self.queue_overflows = 0
        self.waiting: list[list[int]] = []
        self.closed = False

    def send(self, *packets: list[int]) -> None:
        """Play on the controller."""
        self.waiting += packets

    def receive(self) -> list[list[int]]:
        waiting, self.waiting = self.waiting, []
        return waiting


class FakeLights:
    def __init__(self) -> None:
        self.shown: list[list[int]] = []
        self.closed = False

    def send(self, packet: list[int]) -> None:
        self.shown.append(list(packet))

    def close(self) -> None:
        self.closed = True


class FakePorts:
    """A machine's ports, by their names or ready-made.

    `plugged` are the names of the inputs that are there, `opened` all inputs that ever were.
    """

    def __init__(self, *ports: str | FakeInput) -> None:
        self._ready = {port.name: port for port in ports if isinstance(port, FakeInput)}
        self.plugged = [port.name if isinstance(port, FakeInput) else port for port in ports]
        self.opened: list[FakeInput] = []
        self.lights: dict[str, FakeLights] = {}
        self.dead: list[FakeInput] = []
        self.closed = False

    def port(self, name: str) -> FakeInput:
        """The newest input of a name."""
        return [port for port in self.opened if port.name == name][-1]

    def inputs(self) -> list[str]:
        return list(self.plugged)

    def controllers(self) -> list[str]:
        return [name for name in self.plugged if is_controller(name)]

    def open_input(self, wanted: str) -> FakeInput:
        place = first_like(wanted, self.plugged)
        if place is None:
            raise MidiError(f"No MIDI input has a name with {wanted!r} in it.")
        name = self.plugged[place]
        self.opened.append(self._ready.get(name) or FakeInput(name))
        return self.opened[-1]

    def open_virtual(self) -> FakeInput:
        self.opened.append(FakeInput("rtvae", virtual=True))
        return self.opened[-1]

    def open_lights(self, port: FakeInput) -> FakeLights:
        self.lights[port.name] = FakeLights()
        return self.lights[port.name]

    def close_input(self, port: FakeInput) -> None:
        port.closed = True

    def lost_with_server(self) -> list[FakeInput]:
        dead, self.dead = self.dead, []
        return dead

    def close(self) -> None:
        self.closed = True
