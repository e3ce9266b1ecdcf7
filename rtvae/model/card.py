"""The card: `model.toml` read into a ModelCard and written back.

    format, name, title, licence, description, kind, parameters, multiply_adds_per_second, tolerance
    [audio]    sample_rate_hz  hop_frames  channels (1)
    [graphs]   sizes (in hops, rising from 1)  window_frames (stateless only)
    [latency]  delay_frames  algorithmic_frames  onset_frames  impulse_frames  jitter_frames
               receptive_field_frames
    [[latent]] name low high attribute (may be missing)
    [[encoder_state]], [[decoder_state]]  name rows columns
    [files]    file name = sha256 in hex
    [training], [quality]  free

The card is validated whole; an unknown field is refused, so that a misspelt one is found.
"""

import json
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rtvae.errors import ModelError
from rtvae.model import archive
from rtvae.model.fields import FieldError, Fields
from rtvae.spec import (
    ATTRIBUTES,
    CARD_FORMAT,
    GRAPH_SIZES,
    MAX_LATENTS,
    LatencyCertificate,
    LatentSpec,
    ModelCard,
    StateSpec,
)

CARD_FILE = "model.toml"
GOLDEN_FILE = "golden.npz"
STATELESS_FILE = "autoencoder.onnx"
MAX_CARD_BYTES = 1 << 17
LONGEST_LINE = 1 << 13  # a key of very many parts would take the reader minutes

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_SHA256 = r"[0-9a-f]{64}"
_MANY = 1 << 40
_MAX_FRAMES = 1 << 24


def read_card(path: Path) -> ModelCard:
    """Return the card of a model folder, or of that folder zipped.

    Raises ModelError with one sentence if the model is not there, has no card, or its card is
    unreadable, invalid or of a newer format.
    """
    return parse_card(read_card_text(path), path.name)


def read_card_text(path: Path, label: str = "") -> str:
    """Return the text of `model.toml` of a model folder or zip file; `label` names the model in
    errors, if not its path. Raises ModelError.
    """
    label = label or str(path)
    try:
        if path.is_dir():
            with open(path / CARD_FILE, "rb") as file:
                data = file.read(MAX_CARD_BYTES + 1)
        elif path.is_file():
            data = archive.read_member(path, CARD_FILE, MAX_CARD_BYTES)
        else:
            raise ModelError(f"There is no model at {path}; `rtvae models` lists those there are.")
    except OSError as error:
        raise ModelError(
            f"The model {label} has no readable {CARD_FILE} ({error.strerror}); "
            "give the path of a folder that `rtvae export` has written."
        ) from error
    if len(data) > MAX_CARD_BYTES:
        raise ModelError(f"The {CARD_FILE} of model {label} is too large; export the model again.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(
            f"The {CARD_FILE} of model {label} is not UTF-8 text; copy or export the model again."
        ) from error


def parse_card(text: str, label: str) -> ModelCard:
    """Return the card written as TOML in `text`; `label` names the model in errors.

    Raises ModelError with one sentence.
    """
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        raise ModelError(f"The card of model {label} has a line too long; export the model again.")
    try:
        top = Fields(tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"The card of model {label} is not valid TOML ({error}); export the model again."
        ) from error
    try:
        made_by = top.whole("format", 1, _MANY)
        if made_by > CARD_FORMAT:
            raise ModelError(
                f"The model {label} was made by a newer rtvae (format {made_by}, this one reads "
                f"{CARD_FORMAT}); update rtvae or export it again."
            )
        return _card(top)
    except FieldError as error:
        raise ModelError(
            f"The card of model {label} is invalid: {error}; export the model again."
        ) from error


def _card(top: Fields) -> ModelCard:
    audio, graphs = top.table("audio"), top.table("graphs")
    kind = top.pattern("kind", "vae|stateless", '"vae" or "stateless"')
    stateless = kind == "stateless"
    audio.whole("channels", 1, 1, default=1)
    card = ModelCard(
        name=top.pattern("name", _NAME, "a name of letters, digits, dots, dashes, underscores"),
        title=top.text("title"),
        licence=top.text("licence"),
        description=top.text("description", "", longest=4000),
        kind=kind,
        sample_rate_hz=audio.whole("sample_rate_hz", 8_000, 192_000),
        hop_frames=audio.whole("hop_frames", 1, 1 << 16),
        latents=tuple(_latent(fields) for fields in top.tables("latent", MAX_LATENTS)),
        latency=_latency(top.table("latency")),
        graph_sizes=_sizes(graphs),
        encoder_states=_states(top, "encoder_state"),
        decoder_states=_states(top, "decoder_state"),
        window_frames=graphs.whole("window_frames", 1, 1 << 20) if stateless else 0,
        parameters=top.whole("parameters", 0, _MANY, default=0),
        multiply_adds_per_second=top.whole("multiply_adds_per_second", 0, _MANY, default=0),
        tolerance=top.number("tolerance", 1e-9, 1e-2, default=2e-5),
        files=_files(top.table("files")),
        training=top.free("training"),
        quality=top.free("quality"),
    )
    for fields in (audio, graphs, top):
        fields.done()
    _check_whole(card)
    return card


def _latent(fields: Fields) -> LatentSpec:
    latent = LatentSpec(
        fields.text("name", longest=40),
        fields.number("low", -1e6, 1e6),
        fields.number("high", -1e6, 1e6),
        fields.pattern("attribute", "|".join(ATTRIBUTES), "a known attribute", default=""),
    )
    fields.done()
    if latent.low >= latent.high:
        raise FieldError(f"latent {latent.name!r} must have low below high")
    return latent


def _latency(fields: Fields) -> LatencyCertificate:
    latency = LatencyCertificate(
        delay_frames=fields.whole("delay_frames", 0, _MAX_FRAMES),
        algorithmic_frames=fields.whole("algorithmic_frames", 0, _MAX_FRAMES),
        onset_frames=fields.number("onset_frames", -_MAX_FRAMES, _MAX_FRAMES),
        impulse_frames=fields.number("impulse_frames", -_MAX_FRAMES, _MAX_FRAMES),
        jitter_frames=fields.number("jitter_frames", 0, _MAX_FRAMES),
        receptive_field_frames=fields.whole("receptive_field_frames", 0, 1 << 32),
    )
    fields.done()
    return latency


def _sizes(graphs: Fields) -> tuple[int, ...]:
    sizes = tuple(graphs.wholes("sizes", 1, 64, default=list(GRAPH_SIZES)))
    if not sizes or sizes[0] != 1 or list(sizes) != sorted(set(sizes)):
        raise FieldError("graphs.sizes must rise from 1")
    return sizes


def _states(top: Fields, key: str) -> tuple[StateSpec, ...]:
    states = []
    for fields in top.tables(key, 256):
        name = fields.pattern("name", r"[A-Za-z_][A-Za-z0-9_.-]{0,99}", "a plain name")
        states.append(
            StateSpec(name, fields.whole("rows", 1, 1 << 16), fields.whole("columns", 1, 1 << 16))
        )
        fields.done()
    if len({state.name for state in states}) != len(states):
        raise FieldError(f"{key} names the same state twice")
    return tuple(states)


def _files(fields: Fields) -> dict[str, str]:
    names = fields.keys()
    if len(names) > 64 or CARD_FILE in names:
        raise FieldError(f"files must be at most 64 names, {CARD_FILE} not among them")
    for name in names:
        Fields({"name": name}, "files").pattern("name", _NAME, "a plain file name")
    return {name: fields.pattern(name, _SHA256, "64 hexadecimal digits") for name in names}


def _check_whole(card: ModelCard) -> None:
    if (card.kind == "vae") != bool(card.latents):
        raise FieldError("latent must be given for a vae, and only for one")
    if card.kind == "stateless" and card.hop_frames > card.window_frames:
        raise FieldError("audio.hop_frames must not be more than graphs.window_frames")
    if card.latency.delay_frames < card.window_frames - card.hop_frames:
        raise FieldError("latency.delay_frames must be at least the window less one hop")
    for name in required_files(card):
        if name not in card.files:
            raise FieldError(f"files.{name!r} is missing")


def required_files(card: ModelCard) -> list[str]:
    """Return the files without which the model cannot be played."""
    if card.kind == "stateless":
        return [STATELESS_FILE]
    graphs = [f"{part}-{size}.onnx" for part in ("encoder", "decoder") for size in card.graph_sizes]
    return [*graphs, GOLDEN_FILE]


def format_card(card: ModelCard) -> str:
    """Return the card as TOML text that `parse_card` turns back into an equal card."""
    lines = [f"format = {CARD_FORMAT}"]
    for key in ("name", "title", "licence", "description", "kind"):
        lines.append(f"{key} = {_toml(getattr(card, key))}")
    for key in ("parameters", "multiply_adds_per_second", "tolerance"):
        lines.append(f"{key} = {_toml(getattr(card, key))}")
    audio = {"sample_rate_hz": card.sample_rate_hz, "hop_frames": card.hop_frames, "channels": 1}
    graphs: dict[str, Any] = {"sizes": list(card.graph_sizes)}
    if card.kind == "stateless":
        graphs["window_frames"] = card.window_frames
    lines += _table("[audio]", audio) + _table("[graphs]", graphs)
    lines += _table("[latency]", asdict(card.latency))
    for header, items in (
        ("[[latent]]", card.latents),
        ("[[encoder_state]]", card.encoder_states),
        ("[[decoder_state]]", card.decoder_states),
    ):
        for item in items:
            lines += _table(header, asdict(item))
    lines += _table("[files]", card.files)
    lines += _table("[training]", card.training) + _table("[quality]", card.quality)
    return "\n".join(lines) + "\n"


def _table(header: str, table: dict[str, Any]) -> list[str]:
    return ["", header, *(f"{_key(key)} = {_toml(value)}" for key, value in table.items())]


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else _toml(key)


def _toml(value: object) -> str:
    # TOML's basic strings are JSON's, DEL aside; a card holds no control characters anyway.
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"a card cannot hold {type(value).__name__}")
