"""The census of what really runs."""

from pathlib import Path

import pytest

from rtvae.errors import ModelError
from rtvae.model.ort import operators
from tests.support.toy_model import make_toy_model


def test_fused_nodes_are_counted_as_what_they_became(tmp_path: Path) -> None:
    model = make_toy_model(tmp_path / "toy")
    got = operators(model / "encoder-2.onnx")
    assert got["FusedGemm"] == 3 and "LeakyRelu" not in got and "Sigmoid" not in got
    assert got["Concat"] == 2
    assert got["Gather"] == 2
    assert sorted(tmp_path.iterdir()) == [model], "the profile was left lying about"


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError):
        operators(tmp_path / "x.onnx")
