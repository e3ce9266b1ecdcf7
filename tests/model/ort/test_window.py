"""A stateless graph with one fixed window plays; any other is refused in one sentence."""

from pathlib import Path

import numpy as np
import pytest

from rtvae.errors import ModelError
from rtvae.model.ort import OrtWindow
from tests.support.toy_model import Graph, make_stateless_graph, make_toy_model


@pytest.mark.parametrize("shape", [(1, 1, 32), (1, 32), (32,)])
def test_plays_each_layout(tmp_path: Path, shape: tuple[int, ...]) -> None:
    graph = Graph("double")
    x = graph.input("x", *shape)
    graph.node("Add", x, x, to=graph.output("y", *shape))
    graph.save(tmp_path / "g.onnx")
    window = OrtWindow(tmp_path / "g.onnx")
    inp, out = np.arange(32, dtype=np.float32), np.empty(32, np.float32)
    window.process(inp, out)
    assert window.window_frames == 32
    np.testing.assert_array_equal(out, 2 * inp)


def test_another_kind_of_graph_is_refused(tmp_path: Path) -> None:
    toy = make_toy_model(tmp_path / "toy")
    with pytest.raises(ModelError, match=r"decoder-1\.onnx is not a stateless autoencoder"):
        OrtWindow(toy / "decoder-1.onnx")


def test_a_window_that_changes_its_length_is_refused(tmp_path: Path) -> None:
    graph = Graph("half")
    x = graph.input("x", 1, 32)
    rows = graph.constant(np.arange(16))
    graph.node("Gather", x, rows, to=graph.output("y", 1, 16), axis=1)
    graph.save(tmp_path / "g.onnx")
    with pytest.raises(ModelError, match="must keep the length"):
        OrtWindow(tmp_path / "g.onnx")


def test_the_toy_graph_is_exact(tmp_path: Path) -> None:
    window = OrtWindow(make_stateless_graph(tmp_path / "g.onnx", 64))
    inp, out = np.random.default_rng(0).standard_normal(64, np.float32), np.empty(64, np.float32)
    window.process(inp, out)
    np.testing.assert_array_equal(out, inp)
