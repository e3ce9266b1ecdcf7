"""What a performance file says in words: its head, the voices that played, the gaps.

Each is a frozen dataclass that is written as a JSON object and read back checked; a field that is
missing or of another type is a PerformanceError. Frames count from the start of the recording.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from rtvae.errors import PerformanceError

Origin = Literal["fresh", "loaded", "started", "unknown"]


@dataclass(frozen=True)
class Head:
    """Where a recording comes from. `parameters` are the names of the table at that time."""

    format: int
    rtvae: str
    made: str
    sample_rate_hz: int
    muted_start: bool
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class PlayedModel:
    """One model: name, where it lay, its fingerprint (rtvae/model/fingerprint.py), its latents.

    `survey` is the sha256 of its `space.npz`, "" where it had none; None is not known, as in
    recordings from before this was written down.
    """

    name: str
    path: str
    sha256: str
    latents: tuple[str, ...]
    attributes: tuple[str, ...]
    survey: str | None = None


@dataclass(frozen=True)
class Voice:
    """What plays from `frame` on; from `whole_frame` on nothing else is heard.

    `origin` says how it came: "fresh" for the recording, "loaded" while it ran, "started" with an
    engine of its own, or "unknown": then nothing is known of its state. `model` None passes the
    input on. `block_size` is the stream's, 0 where any may come.
    """

    frame: int
    whole_frame: int
    origin: Origin
    model: PlayedModel | None
    beside: PlayedModel | None
    executor: str
    block_size: int
    hop_frames: int
    latency_frames: int
    buffer_latency_frames: int

    @property
    def title(self) -> str:
        """The models' names."""
        models = [model.name for model in (self.model, self.beside) if model is not None]
        return " beside ".join(models) or "the dry input"


@dataclass(frozen=True)
class Gap:
    """`frames` of silence from `frame` on stand for sound that is not there, because of `why`."""

    frame: int
    frames: int
    why: str


Fact = TypeVar("Fact", Head, PlayedModel, Voice, Gap)

_CHECKS: dict[Any, Any] = {
    int: lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
    ),
    bool: lambda value: isinstance(value, bool),
    str: lambda value: isinstance(value, str),
    str | None: lambda value: value is None or isinstance(value, str),
    tuple[str, ...]: lambda value: (
        isinstance(value, list) and all(isinstance(x, str) for x in value)
    ),
    Origin: lambda value: value in get_args(Origin),
}


def written(fact: Head | Voice | Gap) -> dict[str, Any]:
    """Return a fact as what JSON holds."""
    return dataclasses.asdict(fact)


def read(kind: type[Fact], found: Mapping[str, Any]) -> Fact:
    """Return a fact from what JSON held; unknown fields are passed over.

    Raises PerformanceError.
    """
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        value = found.get(field.name)
        if field.type == PlayedModel | None:
            values[field.name] = None if value is None else read(PlayedModel, _object(value))
            continue
        if not _CHECKS[field.type](value):
            raise PerformanceError(
                f"The performance is damaged: {kind.__name__.lower()}.{field.name} is not what it "
                "should be; record it again, or take the sound from the file beside it."
            )
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
