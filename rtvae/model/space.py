"""Space: where in its latents a model is at home. `space.npz`, measured over the training set.

    mean, deviation           float32 (n,)       of each latent over the training set, no silence
    least, most               float32 (n,)       how far each of them goes there
    whiten                    float32 (n, n)     whiten @ (z - mean) has unit covariance
    radius                    float32 ()         99.9 % of the training set lie within it, whitened
    map_places                float32 (p, 2)     the map: x and y, each 0 to 1
    map_latents, map_deviations float32 (p, n)   mean and deviation of the latents heard there
    map_labels                uint8 (p,)         what is heard there: k is names[k - 1], 0 unknown
    names                     text (k,)
    grid_hops                 int64 ()           the learned prior (see prior.py): hops from one
    state_means               float32 (s, n)     place to the next; the places
    transitions               float32 (s, s)     which follows which, rows of probabilities
    stay, stay_noise          float32 (n, n)     how it moves within a place,
    stay_gains                float32 (s, n)     and how much in each
    go, go_noise, go_gains                       the same for going to another
    motifs                    float32 (s, m, n)  what moves faster than that, as it was heard there

n latents, p <= 2000 points, k <= 64 names, s <= 64 states, m <= 256 hops, an even number. Float
arrays may lie in the file as float16. The file is optional; a card that lists it promises that it
is whole.
"""

import os
import zipfile
from dataclasses import dataclass, fields
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.errors import ModelError
from rtvae.spec import ModelCard

Floats = NDArray[np.float32]

SPACE_FILE = "space.npz"
MAX_POINTS = 2000
MAX_STATES = 64
MAX_NAMES = 64
MAX_MOTIF_HOPS = 256
MAX_NAME = 24
MAX_GRID_HOPS = 4096
MAX_BYTES = 8_000_000
LARGEST = 1e4  # of any number in it: a latent is a few units


@dataclass(frozen=True)
class Chart:
    """A map of the training set: `p` places and what is heard there. See the file's docstring.

    `labels` has one text for each point, "" where nothing is known.
    """

    places: Floats
    latents: Floats
    deviations: Floats
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """The numbers of the learned prior; prior.py walks by them."""

    grid_hops: int
    state_means: Floats
    transitions: Floats
    stay: Floats
    stay_noise: Floats
    stay_gains: Floats
    go: Floats
    go_noise: Floats
    go_gains: Floats
    motifs: Floats


@dataclass(frozen=True)
class Space:
    """The content of `space.npz`, checked. Arrays are float32, contiguous and not writeable."""

    mean: Floats
    deviation: Floats
    least: Floats
    most: Floats
    whiten: Floats
    radius: float
    chart: Chart
    walk: Walk

    @property
    def latents(self) -> int:
        """Number of dimensions."""
        return int(self.mean.shape[0])


# Each array's axes: a number is that size, a letter any size, but the same one everywhere.
_AXES: dict[str, tuple[int | str, ...]] = {
    "mean": ("n",),
    "deviation": ("n",),
    "least": ("n",),
    "most": ("n",),
    "whiten": ("n", "n"),
    "radius": (),
    "map_places": ("p", 2),
    "map_latents": ("p", "n"),
    "map_deviations": ("p", "n"),
    "map_labels": ("p",),
    "names": ("k",),
    "grid_hops": (),
    "state_means": ("s", "n"),
    "transitions": ("s", "s"),
    "stay": ("n", "n"),
    "stay_noise": ("n", "n"),
    "stay_gains": ("s", "n"),
    "go": ("n", "n"),
    "go_noise": ("n", "n"),
    "go_gains": ("s", "n"),
    "motifs": ("s", "m", "n"),
}
_MOST = {"p": MAX_POINTS, "s": MAX_STATES, "k": MAX_NAMES, "m": MAX_MOTIF_HOPS}
_LEAST = {"p": 1, "s": 1, "k": 0, "m": 4}
_KINDS = {"map_labels": "u1", "names": "U", "grid_hops": "i8"}
_POSITIVE = ("deviation", "radius", "map_deviations", "stay_gains", "go_gains", "transitions")
_HALF = ("map_latents", "map_deviations", "state_means", "motifs")
_WALK = tuple(field.name for field in fields(Walk))


def space_of(folder: Path, card: ModelCard) -> Space | None:
    """Return an admitted model folder's space; None if its card lists none. Raises ModelError."""
    return read_space(folder / SPACE_FILE, card.latent_count) if SPACE_FILE in card.files else None


def read_space(path: Path, latents: int) -> Space:
    """Return the file's content for a model of so many latents, checked.

    Raises ModelError with the reason, without the model's name, as the other data files' readers
    do: it reads on after "is refused: ".
    """
    try:
        arrays = _arrays(path)
    except Exception as error:  # what NumPy and the unpackers raise has no common base
        raise ModelError(f"{path.name} cannot be read") from error
    sizes = {"n": latents}
    for key, axes in _AXES.items():
        _check(key, arrays[key], axes, sizes, path.name)
    found = {
        key: _frozen(array) if array.dtype.kind == "f" else array for key, array in arrays.items()
    }
    _check_whole(found, path.name)
    names = ("", *(str(name) for name in found["names"]))
    walk: dict[str, Any] = {key: found[key] for key in _WALK}
    walk["grid_hops"] = int(found["grid_hops"])
    rows = found["transitions"]
    walk["transitions"] = _frozen(rows / rows.sum(1, keepdims=True))
    return Space(
        mean=found["mean"],
        deviation=found["deviation"],
        least=found["least"],
        most=found["most"],
        whiten=found["whiten"],
        radius=float(found["radius"]),
        chart=Chart(
            found["map_places"],
            found["map_latents"],
            found["map_deviations"],
            tuple(names[k] for k in found["map_labels"]),
        ),
        walk=Walk(**walk),
    )


def write_space(path: Path, space: Space) -> None:
    """Write what `read_space` reads; the large tables as float16. The same space, the same bytes.

    Raises ValueError for more names than the file can hold, OSError.
    """
    names = sorted(set(space.chart.labels) - {""})
    if len(names) > MAX_NAMES:
        raise ValueError(f"a map has at most {MAX_NAMES} names")
    places = {name: k for k, name in enumerate(["", *names])}
    arrays: dict[str, NDArray[Any]] = {
        key: getattr(space, key) for key in ("mean", "deviation", "least", "most", "whiten")
    }
    arrays |= {key: np.asarray(getattr(space.walk, key)) for key in _WALK}
    arrays |= {
        "radius": np.array(space.radius, np.float32),
        "map_places": space.chart.places,
        "map_latents": space.chart.latents,
        "map_deviations": space.chart.deviations,
        "map_labels": np.array([places[name] for name in space.chart.labels], np.uint8),
        "names": np.array([name[:MAX_NAME] for name in names], f"U{MAX_NAME}"),
        "grid_hops": np.array(space.walk.grid_hops, np.int64),
    }
    for key, array in arrays.items():
        half = array.astype(np.float16) if key in _HALF else array
        arrays[key] = np.ascontiguousarray(half).reshape(array.shape)  # 0-d would become 1-d
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # no allow_pickle among them


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return every array of the table by name. numpy.load would believe a header that promises a
    terabyte; here no more is read than the archive says that there is, and that is bounded."""
    if os.path.getsize(path) > MAX_BYTES:
        raise ValueError("too large")
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
            raise ValueError("too large")
        for key in _AXES:
            with archive.open(f"{key}.npy") as file:
                if np.lib.format.read_magic(file) != (1, 0):
                    raise ValueError("of another version")
                shape, turned, dtype = np.lib.format.read_array_header_1_0(file)
                data = file.read(MAX_BYTES)
            if turned or dtype.hasobject or prod(shape) * dtype.itemsize != len(data):
                raise ValueError("not what its header says")
            arrays[key] = np.frombuffer(data, dtype).reshape(shape)
            if dtype.kind == "U":
                arrays[key].tolist()  # raises where a character is none
    return arrays


def _check(
    key: str,
    array: NDArray[Any],
    axes: tuple[int | str, ...],
    sizes: dict[str, int],
    name: str,
) -> None:
    kind = array.dtype.str.lstrip("<|=")
    wanted = _KINDS.get(key, "f")
    if wanted == "f":
        fits = kind in ("f2", "f4")
    else:
        fits = kind.startswith(wanted) and array.dtype.itemsize <= 4 * MAX_NAME
    if not fits:
        raise ModelError(f"{key!r} in {name} is of another type")
    expected = tuple(
        axis if isinstance(axis, int) else sizes.setdefault(axis, size)
        for axis, size in zip(axes, array.shape, strict=False)
    )
    if array.ndim != len(axes) or array.shape != expected:
        raise ModelError(f"{key!r} in {name} has not its card's size")
    for axis in axes:
        if axis in _MOST and not _LEAST[str(axis)] <= sizes[str(axis)] <= _MOST[str(axis)]:
            raise ModelError(f"{key!r} in {name} is too large or empty")
    if kind.startswith("f"):
        if not bool((np.abs(array) <= LARGEST).all()):
            raise ModelError(f"{key!r} in {name} is not finite")
        if key in _POSITIVE and not bool((array >= 0).all()):
            raise ModelError(f"{key!r} in {name} is below zero")


def _check_whole(found: dict[str, NDArray[Any]], name: str) -> None:
    for wrong, what in (
        (float(found["radius"]) <= 0.0, "'radius'"),
        (bool((found["least"] >= found["most"]).any()), "'least'"),
        (bool(((found["map_places"] < 0) | (found["map_places"] > 1)).any()), "'map_places'"),
        (bool((found["map_labels"] > found["names"].shape[0]).any()), "'map_labels'"),
        (bool((found["transitions"].sum(1) < 0.5).any()), "'transitions'"),
        (found["motifs"].shape[1] % 2 == 1, "'motifs'"),
        (not 1 <= int(found["grid_hops"]) <= MAX_GRID_HOPS, "'grid_hops'"),
        (not all(str(text).isprintable() for text in found["names"]), "'names'"),
    ):
        if wrong:
            raise ModelError(f"{what} in {name} is out of range")


def _frozen(array: NDArray[Any]) -> Floats:
    copy = np.array(array, np.float32, order="C")
    copy.flags.writeable = False
    return copy
