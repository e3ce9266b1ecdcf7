"""Sessions share memory, refuse what is no graph in one sentence, and notice a broken install."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rtvae.errors import ModelError, SetupError
from rtvae.model.ort.session import (
    Session,
    check_installation,
    make_session,
)
from tests.support.toy_model import make_stateless_graph


def test_a_binding_reads_and_writes_the_arrays_it_was_given(tmp_path: Path) -> None:
    session = Session(make_stateless_graph(tmp_path / "g.onnx", 8))
    inp, out = np.zeros((1, 1, 8), np.float32), np.zeros((1, 1, 8), np.float32)
    binding = session.bind({"x": inp}, {"y": out})
    for level in (1.0, 2.0):
        inp[:] = level
        binding.run()
        assert (out == level).all()


@pytest.mark.parametrize("content", [b"", b"no graph", bytes(1000)])
def test_what_is_no_graph_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "encoder-1.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"encoder-1\.onnx") as caught:
        make_session(path)
    assert "\n" not in str(caught.value)


def test_nothing_is_told_to_the_makers_of_the_runtime(tmp_path: Path) -> None:
    """Newer runtimes put a number for the machine and what they will send into the user's cache."""
    graph = make_stateless_graph(tmp_path / "g.onnx", 8)
    home = tmp_path / "home"
    home.mkdir()
    places = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    program = "import sys; from pathlib import Path; "
    program += "from rtvae.model.ort.session import Session; Session(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, str(graph)], env={**kept, **places}, check=True)
    assert not list(home.rglob("*onnxruntime*"))


def test_a_missing_graph_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.onnx"):
        make_session(tmp_path / "gone.onnx")


def test_one_whole_installation_passes() -> None:
    check_installation({"onnxruntime": "1.31.1"}, usable=True)
    check_installation({"onnxruntime-gpu": "1.31.1"}, usable=True)


@pytest.mark.parametrize(
    ("versions", "usable"),
    [
        ({"onnxruntime": "1.30.0", "onnxruntime-gpu": "1.31.1"}, True),
        ({"onnxruntime-gpu": "1.31.1"}, False),
    ],
)
def test_a_broken_installation_names_the_repair(versions: dict[str, str], usable: bool) -> None:
    with pytest.raises(SetupError, match="pip uninstall"):
        check_installation(versions, usable)
