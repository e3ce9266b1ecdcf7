"""A graph file taken apart holds what onnx finds in it, to the bit; rubbish is no crash."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.model.native.read import read_graph
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.weights import take_apart
from rtvae.paths import models_dir

GRAPHS = sorted(models_dir().glob("*/*-[14].onnx"))


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_constant_is_the_one_that_onnx_reads(path: Path) -> None:
    whole = onnx.load_model(path)
    constants = read_graph(path).constants
    for tensor in whole.graph.initializer:
        wanted = onnx.numpy_helper.to_array(tensor)
        assert constants[tensor.name].dtype == wanted.dtype
        np.testing.assert_array_equal(constants[tensor.name], wanted)


def test_what_is_left_to_parse_is_small_and_all_the_rest_is_there() -> None:
    path = max(GRAPHS, key=lambda path: path.stat().st_size)
    light, weights = take_apart(path.read_bytes())
    assert len(light) < 0.1 * path.stat().st_size
    whole = onnx.load_model(path)
    for tensor in whole.graph.initializer:
        if tensor.HasField("raw_data"):
            assert weights[tensor.name] == tensor.raw_data
            tensor.ClearField("raw_data")
    assert onnx.load_model_from_string(light) == whole


@given(st.binary(max_size=200))
def test_rubbish_is_refused_or_taken_apart(rubbish: bytes) -> None:
    try:
        light, _ = take_apart(rubbish)
    except (ValueError, UnicodeDecodeError):
        return
    assert len(light) <= len(rubbish) + 20


def test_a_file_cut_short_is_not_read_here(tmp_path: Path) -> None:
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(GRAPHS[0].read_bytes()[:-7])
    with pytest.raises(Unsupported, match=r"cut\.onnx cannot be read"):
        read_graph(cut)
