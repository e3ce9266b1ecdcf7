"""The golden sample must come out, and the trial run must stay sane."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtvae.errors import ModelError
from rtvae.model.card import read_card
from rtvae.model.identity import IdentityModel
from rtvae.model.ort import OrtModel
from rtvae.model.trial import check_golden, read_golden, try_vae, try_window
from tests.support.toy_model import Graph, make_toy_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_toy_model(tmp_path / "toy")


def test_the_golden_sample_comes_out(folder: Path) -> None:
    card = read_card(folder)
    check_golden(OrtModel(folder, card), read_golden(folder / "golden.npz", card))
    try_vae(folder, card)


@pytest.mark.parametrize("key", ["mean", "output"])
def test_a_wrong_golden_sample_is_noticed(folder: Path, key: str) -> None:
    card = read_card(folder)
    golden = read_golden(folder / "golden.npz", card)
    golden[key] = golden[key] * np.float32(1.001)
    with pytest.raises(ModelError, match=f"golden {key} comes out wrong"):
        check_golden(OrtModel(folder, card), golden)


def test_a_model_that_answers_nan_is_noticed() -> None:
    class Broken(IdentityModel):
        def decode(self, latent: object, audio: object) -> None:
            audio[:] = np.nan  # type: ignore[index]

    audio = np.ones(64, np.float32)
    row = np.ones((1, 4), np.float32)
    golden = {"audio": audio, "mean": row, "latent": row, "output": audio}
    with pytest.raises(ModelError, match="golden output comes out wrong"):
        check_golden(Broken(64, 4), golden)


def test_a_damaged_golden_file_is_refused(folder: Path) -> None:
    card = read_card(folder)
    path = folder / "golden.npz"
    good = path.read_bytes()
    for content in (b"", good[:200], good[:-40], b"not a zip"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="cannot be read"):
            read_golden(path, card)


def test_a_golden_file_of_other_sizes_is_refused(folder: Path) -> None:
    card = read_card(folder)
    with pytest.raises(ModelError, match="has not its card's size"):
        read_golden(folder / "golden.npz", replace(card, hop_frames=48))


def test_a_golden_file_with_objects_is_not_unpickled(folder: Path) -> None:
    path = folder / "golden.npz"
    array = np.array([object()], dtype=object)
    np.savez(path, audio=array, mean=array, latent=array, output=array)
    with pytest.raises(ModelError, match="cannot be read"):
        read_golden(path, read_card(folder))


@pytest.mark.parametrize(("operator", "sound"), [("Log", "full scale"), ("Exp", "noise")])
def test_a_graph_that_leaves_the_range_of_sound_is_refused(
    tmp_path: Path, operator: str, sound: str
) -> None:
    graph = Graph("wild")
    x = graph.input("x", 1, 64)
    loud = graph.constant(np.array(4.0, np.float32))
    graph.node(operator, graph.node("Mul", x, loud), to=graph.output("y", 1, 64))
    graph.save(tmp_path / "g.onnx")
    with pytest.raises(ModelError, match=f"answers {sound} with values that are no sound"):
        try_window(tmp_path / "g.onnx", 64)
