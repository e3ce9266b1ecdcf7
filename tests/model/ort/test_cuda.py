"""Whether there is CUDA is found out quietly, and whoever asks gets a reason."""

from collections.abc import Iterator

import onnxruntime
import pytest

from rtvae.errors import ModelError
from rtvae.model.ort import cuda
from rtvae.model.ort import session as sessions
from rtvae.model.ort.cuda import answers_on, why_no_cuda
from rtvae.model.ort.first_graph import FIRST_GRAPH
from rtvae.model.ort.session import CPU, CUDA, make_session


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
    monkeypatch.setattr(cuda, "DRIVER", "no-such-driver.so")
    assert why_no_cuda() == "there is no NVIDIA driver"
    why_no_cuda.cache_clear()
    monkeypatch.setattr(cuda, "has_driver", lambda: True)
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
    monkeypatch.setattr(cuda, "make_session", broken)
    monkeypatch.setattr(cuda, "has_driver", lambda: True)
    assert why_no_cuda().endswith("no CUDA-capable device is detected)")
