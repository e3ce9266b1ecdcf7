"""Which executor plays a model, and why it is not the native one."""

import sys
from pathlib import Path

import numpy as np
import pytest

from rtvae.errors import SetupError, UsageError
from rtvae.model import load, native
from rtvae.model.admit import Admitted, admit
from rtvae.model.card import read_card
from rtvae.model.load import load_admitted, load_model, load_rival, on_cuda
from rtvae.model.native.agreement import played
from rtvae.model.ort import OrtModel
from tests.support.toy_model import Graph, make_stateless_model, make_toy_model, sign


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RTVAE_EXECUTOR", raising=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy")


def admitted(folder: Path) -> Admitted:
    return Admitted(read_card(folder), folder)


def test_a_model_is_played_natively(folder: Path) -> None:
    model = load_admitted(admitted(folder))
    assert (model.executor, model.executor_note) == ("native", "")


def test_onnx_runtime_can_be_asked_for(folder: Path) -> None:
    assert load_model(folder, "onnxruntime").executor == "onnxruntime"


def test_the_environment_overrides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTVAE_EXECUTOR", "onnxruntime")
    assert load_admitted(admitted(folder), "native").executor == "onnxruntime"


def test_an_unknown_executor_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTVAE_EXECUTOR", "abacus")
    with pytest.raises(UsageError, match="abacus"):
        load_admitted(admitted(folder))


def test_without_llvmlite_onnx_runtime_plays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.startswith("rtvae.model.native")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    model = load_admitted(admitted(folder))
    assert model.executor == "onnxruntime"
    assert "llvmlite" in model.executor_note


def test_an_unknown_operator_is_left_to_onnx_runtime(folder: Path, tmp_path: Path) -> None:
    other = make_toy_model(tmp_path / "toy")
    card = read_card(other)
    for size in card.graph_sizes:
        encoder = Graph("encoder")
        audio = encoder.input("audio", size * card.hop_frames)
        x = encoder.reshape(audio, size, card.hop_frames)
        x = encoder.node("Erf", x)
        weight = np.ones((card.hop_frames, card.latent_count), np.float32)
        encoder.dense(x, weight, to=encoder.output("mean", size, card.latent_count))
        encoder.dense(x, weight, to=encoder.output("std", size, card.latent_count))
        encoder.save(other / f"encoder-{size}.onnx")
    sign(other, card)
    stateless = type(card)(**{**vars(read_card(other)), "encoder_states": ()})
    model = load_admitted(Admitted(stateless, other))
    assert model.executor == "onnxruntime"
    assert "Erf" in model.executor_note


def test_a_model_that_comes_out_otherwise_is_left_to_onnx_runtime(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "disagreement", lambda *models: "its sound differs")
    model = load_admitted(admitted(folder))
    assert (model.executor, model.executor_note) == ("onnxruntime", "its sound differs")


def test_a_processor_that_llvm_does_not_know_is_left_to_onnx_runtime(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("no such target")

    monkeypatch.setattr("rtvae.model.native.model.compiler", fail)
    model = load_admitted(admitted(folder))
    assert model.executor == "onnxruntime"
    assert "no such target" in model.executor_note


def test_a_stateless_window_is_played_by_onnx_runtime(tmp_path: Path) -> None:
    assert load_model(make_stateless_model(tmp_path / "window")).executor == "onnxruntime"


def test_a_loaded_model_starts_from_silence(folder: Path) -> None:
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, 640).astype(np.float32)
    card = read_card(folder)
    wanted = played(OrtModel(folder, card), audio, [8, 2])
    made = played(load_admitted(admitted(folder)), audio, [8, 2])
    for x, y in zip(made, wanted, strict=True):
        np.testing.assert_allclose(x, y, rtol=0, atol=2e-5)


def test_cuda_that_is_asked_for_and_not_there_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "why_no_cuda", lambda: "no CUDA device answers")
    for ask in (lambda: load_admitted(admitted(folder), "cuda"), lambda: load_model(folder)):
        with pytest.raises(SetupError, match=r"toy \(no CUDA device answers\)") as caught:
            ask()
        assert "\n" not in str(caught.value)
        monkeypatch.setenv("RTVAE_EXECUTOR", "cuda")


def test_without_cuda_there_is_no_rival_and_nothing_is_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "why_no_cuda", lambda: "no CUDA device answers")
    assert load_rival(folder / "that is not even there") is None


def test_an_executor_chosen_by_hand_has_no_rival(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "why_no_cuda", lambda: "")
    monkeypatch.setenv("RTVAE_EXECUTOR", "native")
    assert load_rival(folder / "that is not even there") is None


def test_a_model_on_a_device_plays_what_the_others_play(folder: Path) -> None:
    there, reason = on_cuda(admitted(folder), "cpu")
    assert reason == ""
    assert there is not None
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, 640).astype(np.float32)
    wanted = played(OrtModel(folder, read_card(folder)), audio, [8, 2])
    for x, y in zip(played(there, audio, [8, 2]), wanted, strict=True):
        np.testing.assert_allclose(x, y, rtol=0, atol=2e-5)


def test_a_device_on_which_it_comes_out_otherwise_or_breaks_does_not_play(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "disagreement", lambda *models: "its sound differs")
    assert on_cuda(admitted(folder), "cpu") == (None, "its sound differs")

    def fail(*arguments: object) -> None:
        raise RuntimeError("CUDA out of memory\nand a page of more")

    monkeypatch.setattr(load, "DeviceModel", fail)
    assert on_cuda(admitted(folder), "cpu") == (None, "CUDA out of memory")


def test_a_stateless_window_stays_with_the_processor(tmp_path: Path) -> None:
    window = make_stateless_model(tmp_path / "window")
    there, reason = on_cuda(admit(window), "cpu")
    assert there is None
    assert "processor" in reason
