"""Sessions share memory, refuse what is no graph in one sentence, and notice a broken install."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from rtvae.errors import ModelError, SetupError
from rtvae.model.ort import session as sessions
from rtvae.model.ort.first_graph import FIRST_GRAPH
from rtvae.model.ort.session import (
    CPU,
    CUDA,
    Session,
    answers_on,
    check_installation,
    make_session,
    why_no_cuda,
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


@pytest.fixture
def look_again() -> Iterator[None]:
    """Whether there is CUDA is found out once in a process; here it is found out anew."""
    why_no_cuda.cache_clear()
    yield
    why_no_cuda.cache_clear()


def test_a_session_that_fell_back_to_the_processor_is_no_cuda_session() -> None:
    if why_no_cuda():
        with pytest.raises(ModelError):
            make_session(FIRST_GRAPH, device=CUDA)
    else:
        assert CUDA in make_session(FIRST_GRAPH, device=CUDA).get_providers()[0].lower()


def test_where_cuda_is_listed_but_does_not_answer_nothing_is_printed_or_raised(
    look_again: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Runtime:
        """As built with CUDA, on a machine without: listed, loud, and then the processor."""

        def get_available_providers(self) -> list[str]:
            return ["CUDAExecutionProvider", "CPUExecutionProvider"]

        def preload_dlls(self) -> None:
            print("Failed to load libcublasLt.so: there is none")

        def __getattr__(self, name: str) -> object:
            return getattr(onnxruntime, name)

    monkeypatch.setattr(sessions, "onnxruntime", Runtime())
    monkeypatch.setattr(sessions, "_DRIVER", "no-such-driver.so")
    assert why_no_cuda() == "there is no NVIDIA driver"
    why_no_cuda.cache_clear()
    monkeypatch.setattr(sessions, "_has_driver", lambda: True)
    assert "no CUDA device" in why_no_cuda()
    assert "\n" not in why_no_cuda()
    assert capfd.readouterr() == ("", "")


def test_a_device_that_is_there_answers() -> None:
    assert answers_on(CPU)


def test_a_runtime_built_without_cuda_says_so(
    look_again: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert "built without CUDA" in why_no_cuda()


def test_a_device_that_breaks_when_it_runs_is_not_there(
    look_again: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **named: object) -> object:
        raise RuntimeError("CUDA failure 100: no CUDA-capable device is detected\nand more")

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(sessions, "make_session", broken)
    monkeypatch.setattr(sessions, "_has_driver", lambda: True)
    assert why_no_cuda().endswith("no CUDA-capable device is detected)")
