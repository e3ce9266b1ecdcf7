"""What host and window say to each other: JSON lines in, frozen data out, and back.

The reader is total: any bytes give a valid message or None, and every text and number in a
message has been cleaned and bounded.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from rtvae.control.parameters import OFFSET
from rtvae.spec import ATTRIBUTES, MAX_LATENTS, LatentSpec
from rtvae.window import parts
from rtvae.window.text import NAME_LIMIT, SENTENCE_LIMIT, clean
from rtvae.window.total import names, number, rows, table, within

LINE_LIMIT_BYTES = 1 << 20
MODELS_LIMIT = 1000
MODEL_NAME_LIMIT = 200
LEVELS = ("info", "warning", "error")
DEFAULT_RANGE = (-3.0, 3.0)


@dataclass(frozen=True)
class ModelInfo:
    """The model that plays: its name, its title, its knobs and, where it has one, its map."""

    name: str
    title: str
    latents: tuple[LatentSpec, ...]
    map: parts.Map | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Recording:
    """A recording that begins (`on` false) or runs: the file's name and its length so far."""

    on: bool
    file: str = ""
    seconds: int = 0


@dataclass(frozen=True)
class HostInfo:
    """What the host knows and the shared memory does not; `beside` names a second model.

    `waiting` says that the device, or an engine that plays, is waited for. `midi` is its status in
    words; `hub`, `show`, `snapshots` and `devices` are None where the host has no such part.
    """

    model: ModelInfo | None = None
    models: tuple[str, ...] = ()
    device: str = ""
    preset: str = ""
    midi: str = ""
    recording: Recording | None = None
    beside: str = ""
    waiting: bool = False
    hub: parts.Midi | None = None
    show: parts.Show | None = None
    snapshots: parts.Snapshots | None = None
    devices: parts.Devices | None = None


@dataclass(frozen=True)
class Message:
    """One sentence for the player; `level` is one of LEVELS."""

    sentence: str
    level: str = "info"


@dataclass(frozen=True)
class Quit:
    """The host asks the window to go."""


@dataclass(frozen=True)
class Front:
    """The host asks the window to come to the front."""


def parse(line: bytes) -> HostInfo | Message | Quit | Front | None:
    """Return what one line from the host means, or None for a line that means nothing."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    if said.get("quit") is True:
        return Quit()
    if said.get("front") is True:
        return Front()
    if isinstance(said.get("info"), dict):
        return _info(said["info"])
    sentence = clean(said.get("message"), SENTENCE_LIMIT)
    if sentence:
        level = said.get("level")
        return Message(sentence, level if level in LEVELS else "info")
    return None


def setting(changes: dict[str, float]) -> dict[str, Any]:
    """Return the request to set parameters, by name."""
    return {"set": changes}


def loading(model: str) -> dict[str, Any]:
    """Return the request for another model, by name."""
    return {"do": "model.load", "name": model}


RECORD: dict[str, Any] = {"do": "record"}


def loading_beside(model: str) -> dict[str, Any]:
    """Return the request for another second model, by name; "" takes it away."""
    return {"do": "model.beside", "name": model}


def doing(do: str, **arguments: Any) -> dict[str, Any]:
    """Return the request to have something done: an action, or what a part of the host does."""
    return {"do": do, **arguments}


PANIC: dict[str, Any] = {"do": "panic"}
READY: dict[str, Any] = {"ready": True}
CLOSED: dict[str, Any] = {"closed": True}
AWAY: dict[str, Any] = {"away": True}


def format_line(said: dict[str, Any]) -> bytes:
    """Return what the window says as one line of JSON."""
    return json.dumps(said).encode() + b"\n"


def unknown_latents(count: int) -> tuple[LatentSpec, ...]:
    """Return numbered knobs, for as long as the host has not said what the latents are called."""
    return tuple(LatentSpec(str(k + 1), *DEFAULT_RANGE) for k in range(min(count, MAX_LATENTS)))


def _info(info: dict[str, Any]) -> HostInfo:
    hub = parts.read_midi(info.get("midi"))
    show = parts.read_show(info.get("show"))
    return HostInfo(
        model=_model(info.get("model")),
        models=names(info.get("models"), MODELS_LIMIT, MODEL_NAME_LIMIT),
        device=clean(info.get("device"), SENTENCE_LIMIT),
        preset=show.preset if show is not None else clean(info.get("preset"), NAME_LIMIT),
        midi=clean(hub.status if hub is not None else info.get("midi"), NAME_LIMIT),
        recording=_recording(info.get("recording")),
        beside=clean(info.get("beside"), MODEL_NAME_LIMIT),
        waiting=info.get("waiting") is True,
        hub=hub,
        show=show,
        snapshots=parts.read_snapshots(info.get("snapshots")),
        devices=parts.read_devices(info.get("devices")),
    )


def _recording(said: Any) -> Recording | None:
    if not isinstance(said, dict):
        return None
    return Recording(
        on=said.get("on") is True,
        file=clean(said.get("file"), SENTENCE_LIMIT),
        seconds=round(within(said.get("seconds"), 0.0, 1e6, 0.0)),
    )


def _model(model: Any) -> ModelInfo | None:
    if not isinstance(model, dict):
        return None
    name = clean(model.get("name"), MODEL_NAME_LIMIT)
    if not name:
        return None
    latents = rows(model.get("latents"), MAX_LATENTS)
    return ModelInfo(
        name=name,
        title=clean(model.get("title"), NAME_LIMIT) or name,
        latents=tuple(_latent(k, row) for k, row in enumerate(latents)),
        map=parts.read_map(model.get("map")),
    )


def _latent(k: int, row: Any) -> LatentSpec:
    row = table(row)
    low, high = number(row.get("low")), number(row.get("high"))
    if low is None or high is None or not low < high:
        low, high = DEFAULT_RANGE
    attribute = row.get("attribute")
    return LatentSpec(
        clean(row.get("name"), NAME_LIMIT) or str(k + 1),
        # A knob must be able to rest at "no offset" and cannot leave the parameter's range.
        max(min(low, 0.0), OFFSET.low),
        min(max(high, 0.0), OFFSET.high),
        attribute if attribute in ATTRIBUTES else "",
    )
