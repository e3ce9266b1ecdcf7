"""A supervisor on a clock and with engines that do as a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rtvae.errors import RtvaeError
from rtvae.host.supervisor import Supervisor
from rtvae.link.session_memory import create_session_folder, open_telemetry, remove_session_folder
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter

READY = {"event": "ready", "model": "first", "device": "USB", "sample_rate_hz": 48_000}


class Engine:
    """Stands for the process: says what it is told to say."""

    def __init__(self) -> None:
        self.pid = 1
        self.status: int | None = None
        self.said: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.killed = False

    def exit_status(self) -> int | None:
        return self.status

    def heard(self) -> list[dict[str, Any]]:
        said, self.said = self.said, []
        return said

    def tell(self, message: dict[str, Any]) -> bool:
        self.told.append(dict(message))
        return True

    def wait(self, seconds: float) -> bool:
        return self.status is not None

    def kill(self) -> None:
        self.killed = True
        self.status = -9


class SupervisorRig:
    """A supervisor, its engines, its clock and its telemetry."""

    def __init__(self, folder: Path, driver: str = "portaudio", *, looks: bool = False) -> None:
        self.now_s = 100.0
        self.engines: list[Engine] = []
        self.looks: list[Engine] = []
        self.sentences: list[str] = []
        self.writer = TelemetryWriter(open_telemetry(folder))
        self.supervisor = Supervisor(
            {"do": "start", "model": "/m/first", "driver": driver, "dry": False}
            | {"sample_rate_hz": None, "input": None, "output": None},
            TelemetryReader(open_telemetry(folder)),
            self._spawn,  # type: ignore[arg-type]
            look=self._look if looks else None,  # type: ignore[arg-type]
            clock=lambda: self.now_s,
        )

    def _spawn(self) -> Engine:
        self.engines.append(Engine())
        return self.engines[-1]

    def _look(self) -> Engine:
        self.looks.append(Engine())
        return self.looks[-1]

    @property
    def look(self) -> Engine:
        """The newest look at the devices."""
        return self.looks[-1]

    @property
    def engine(self) -> Engine:
        return self.engines[-1]

    def step(self, seconds: float = 0.02, blocks: int = 1) -> None:
        self.now_s += seconds
        self.writer.add("blocks", blocks)
        self.sentences += [note.sentence for note in self.supervisor.step()]

    def play(self, seconds: float = 0.1) -> None:
        """The engine gets ready and plays for a while."""
        self.engine.said.append(dict(READY))
        for _ in range(round(seconds / 0.02)):
            self.step()

    def stand_still(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            self.step(blocks=0)

    def fail(self, error: RtvaeError) -> None:
        failure = {"event": "failed", "kind": type(error).__name__, "sentence": str(error)}
        self.engine.said.append(failure)
        self.engine.status = error.exit_status
        self.step(blocks=0)


@contextmanager
def supervised(*, looks: bool = False) -> Iterator[SupervisorRig]:
    """Make a supervisor with a session folder of its own; `looks` lets it wait for devices."""
    folder = create_session_folder()
    try:
        yield SupervisorRig(folder, looks=looks)
    finally:
        remove_session_folder(folder)
