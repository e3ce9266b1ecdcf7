"""What a session is made of: parts that do what is asked for, and what they may use for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from rtvae.control.presets import Preset
from rtvae.host.console import Console
from rtvae.host.notes import Note
from rtvae.host.supervisor import Supervisor
from rtvae.link.telemetry import TelemetryReader

Deed = Callable[[Mapping[str, Any]], None]


class Part(Protocol):
    """One part of a session. All of it is called on the session's own thread."""

    def deeds(self) -> Mapping[str, Deed]:
        """Return what it does, by the name that it is asked for; each is given the arguments."""

    def info(self) -> Mapping[str, Any]:
        """Return what the window is shown of it: texts, numbers, lists, tables."""

    def step(self, now_s: float) -> None:
        """Do what there is to do; called many times a second, and never waits."""

    def close(self) -> None:
        """Let go of everything; the session is over."""


class Keeper(Protocol):
    """A part whose doings belong to a preset, as the MIDI mapping and the snapshots do."""

    def keep(self, preset: Preset) -> Preset:
        """Return the preset with what belongs to it of this part as it is now."""

    def recall(self, preset: Preset) -> None:
        """Take up what belongs to the preset, in place of what was there."""


@dataclass(frozen=True)
class Backstage:
    """What a part may use of its session.

    `note` tells the player a sentence, from any thread. `load` changes the model, or with `beside`
    the second one, by name or path ("" takes the second away); it raises RtvaeError.
    `facts` is what the engine last said about itself, empty before it plays. `folder` is the
    session's. `engine` is the supervisor, once there is one, and `ask` has it change models and
    values or prepare them (host/requests.py). A part that is a keeper puts itself into `keepers`.
    `failed` says, when the session is over, that an error ended it.
    """

    console: Console
    note: Callable[[Note], None]
    load: Callable[[str, bool], None]
    facts: Callable[[], Mapping[str, Any]]
    telemetry: TelemetryReader
    folder: Path
    engine: Callable[[], Supervisor | None] = lambda: None
    ask: Callable[[Mapping[str, Any]], None] = lambda command: None
    keepers: list[Keeper] = field(default_factory=list)
    failed: Callable[[], bool] = lambda: False
