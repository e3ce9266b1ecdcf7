"""A card survives the round trip; every bad field is refused by its name."""

from dataclasses import replace
from pathlib import Path

import pytest

from rtvae.errors import ModelError
from rtvae.model.card import format_card, parse_card, read_card
from rtvae.spec import (
    LatencyCertificate,
    LatentSpec,
    ModelCard,
    StateSpec,
)

GRAPHS = [f"{part}-{size}.onnx" for part in ("encoder", "decoder") for size in (1, 2, 4, 8)]
CARD = ModelCard(
    name="glass-2",
    title='Glass "and" steel \\ é',
    licence="CC-BY-4.0",
    description="Two lines,\nthe second one here.",
    sample_rate_hz=48_000,
    hop_frames=64,
    latents=(LatentSpec("bright", -3.0, 3.5), LatentSpec("breath", -2.0, 2.0)),
    latency=LatencyCertificate(120, 184, 121.5, 119.0, 63.0, 90_000),
    encoder_states=(StateSpec("encoder.0", 2, 32),),
    decoder_states=(StateSpec("decoder.0", 1, 16), StateSpec("noise", 1, 1)),
    parameters=500_000,
    multiply_adds_per_second=700_000_000,
    files={name: f"{k:064x}" for k, name in enumerate([*GRAPHS, "golden.npz"])},
    training={"minutes": 12.5, "corpus": ["a", "b"], "with space": {"deep": True}},
    quality={"mel_db": 9.0},
)
STATELESS = replace(
    CARD,
    kind="stateless",
    latents=(),
    encoder_states=(),
    decoder_states=(),
    window_frames=128,
    files={"autoencoder.onnx": "0" * 64},
)


@pytest.mark.parametrize("card", [CARD, STATELESS], ids=["vae", "stateless"])
def test_round_trip(card: ModelCard) -> None:
    assert parse_card(format_card(card), "x") == card


def test_is_read_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(format_card(CARD), encoding="utf-8")
    assert read_card(tmp_path) == CARD


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("hop_frames = 64", 'hop_frames = "64"', "audio.hop_frames"),
        ("hop_frames = 64", "hop_frames = 0", "audio.hop_frames"),
        ("hop_frames = 64", "hop_frames = true", "audio.hop_frames"),
        ("hop_frames = 64", "hop_frames = 64.0", "audio.hop_frames"),
        ("sample_rate_hz = 48000\n", "", "audio.sample_rate_hz"),
        ("channels = 1", "channels = 2", "audio.channels"),
        ('name = "glass-2"', 'name = "../glass"', "name"),
        ('licence = "CC-BY-4.0"', 'licence = "a\\u0007b"', "licence"),
        ('licence = "CC-BY-4.0"', f'licence = "{"x" * 300}"', "licence"),
        ('kind = "vae"', 'kind = "magic"', "kind"),
        ("sizes = [1, 2, 4, 8]", "sizes = [2, 4]", "graphs.sizes"),
        ("sizes = [1, 2, 4, 8]", "sizes = [1, 4, 2]", "graphs.sizes"),
        ("delay_frames = 120", "delay_frames = -1", "latency.delay_frames"),
        ("jitter_frames = 63.0", "jitter_frames = nan", "latency.jitter_frames"),
        ("low = -3.0", "low = 4.0", "bright"),
        ("columns = 32", "columns = 0", "encoder_state[0].columns"),
        ('name = "noise"', 'name = "decoder.0"', "decoder_state"),
        ('"golden.npz"', '"golden.zip"', "golden.npz"),
        ('"golden.npz" = "', '"golden.npz" = "x', "golden.npz"),
        ('"golden.npz"', '"../golden.npz"', "files"),
        ("parameters = 500000", "parametres = 500000", "parametres"),
        ("[audio]", "[audio]\nbits = 16", "audio.bits"),
        ("format = 1", 'format = "1"', "format"),
    ],
)
def test_a_bad_field_is_named(old: str, new: str, named: str) -> None:
    text = format_card(CARD)
    assert old in text
    with pytest.raises(ModelError, match="The card of model glass is invalid") as caught:
        parse_card(text.replace(old, new, 1), "glass")
    assert named in str(caught.value)


def test_a_delay_shorter_than_the_overlap_is_refused() -> None:
    with pytest.raises(ModelError, match=r"latency\.delay_frames"):
        parse_card(format_card(replace(STATELESS, window_frames=512)), "glass")


def test_a_newer_format_asks_for_an_update() -> None:
    text = format_card(CARD).replace("format = 1", "format = 2") + "\n[future]\nx = 1\n"
    with pytest.raises(ModelError, match=r"newer rtvae \(format 2.*update rtvae"):
        parse_card(text, "glass")


@pytest.mark.parametrize("content", [b"= broken", b"\xff\xfe", b"", b"x" * (2 << 20)])
def test_an_unreadable_card_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_card(tmp_path)
    assert "\n" not in str(caught.value)


def test_no_card_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no readable model\.toml"):
        read_card(tmp_path)
    with pytest.raises(ModelError, match="no model at"):
        read_card(tmp_path / "nothing")
