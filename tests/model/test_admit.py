"""The door: good models pass and are remembered, damage and attacks are one sentence each."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rtvae.errors import ModelError
from rtvae.model import admit as door
from rtvae.model.admit import admit
from rtvae.model.card import read_card
from rtvae.model.load import load_model
from tests.support.attacks import terabyte_value
from tests.support.toy_model import (
    Graph,
    make_identity_model,
    make_stateless_model,
    make_toy_model,
    sign,
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RTVAE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def examinations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The child processes that were started."""
    started: list[str] = []
    run = subprocess.run

    def counted(command: list[str], **options: object) -> object:
        started.append(command[-1])
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(door.subprocess, "run", counted)
    return started


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))


@pytest.mark.parametrize("make", [make_toy_model, make_identity_model, make_stateless_model])
def test_a_good_model_is_examined_once(
    tmp_path: Path, examinations: list[str], make: Callable[[Path], Path]
) -> None:
    folder = make(tmp_path / "good")
    for _ in range(3):
        admitted = admit(folder)
        assert admitted.card == read_card(folder)
        assert admitted.folder == folder
    assert len(examinations) == 1


def test_a_changed_model_is_examined_again(tmp_path: Path, examinations: list[str]) -> None:
    admit(make_toy_model(tmp_path / "toy", seed=1))
    admit(make_toy_model(tmp_path / "toy", seed=2))
    assert len(examinations) == 2


def test_without_a_cache_models_still_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RTVAE_CACHE", str(tmp_path / "file" / "cache"))
    assert load_model(make_toy_model(tmp_path / "toy")).latents == 4


def test_a_zipped_model_plays_like_its_folder(tmp_path: Path) -> None:
    folder = make_toy_model(tmp_path / "toy")
    audio = np.random.default_rng(0).uniform(-1, 1, 64 * 8).astype(np.float32)
    sounds = []
    for path in (folder, zipped(folder)):
        model = load_model(path)
        mean, out = np.empty((8, 4), np.float32), np.empty_like(audio)
        model.encode(audio, mean, np.empty_like(mean))
        model.decode(mean, out)
        sounds.append(out)
    np.testing.assert_array_equal(*sounds)


def test_a_zip_file_is_unpacked_once(tmp_path: Path, cache: Path) -> None:
    path = zipped(make_toy_model(tmp_path / "toy"))
    assert admit(path).folder == admit(path).folder
    assert len(list((cache / "models").iterdir())) == 1


def _remove(path: Path) -> None:
    path.unlink()


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_remove, "is incomplete: encoder-1.onnx is missing; copy or export it again."),
        (_truncate, "is damaged: encoder-1.onnx does not match its checksum; copy or export"),
        (_flip, "is damaged: encoder-1.onnx does not match its checksum; copy or export"),
        (_link, "encoder-1.onnx is a link or no regular file; copy the whole model."),
        (_pipe, "encoder-1.onnx is a link or no regular file; copy the whole model."),
        (_folder, "encoder-1.onnx is a link or no regular file; copy the whole model."),
    ],
)
def test_damage_is_noticed_even_after_admission(
    tmp_path: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    folder = make_toy_model(tmp_path / "toy")
    admit(folder)
    damage(folder / "encoder-1.onnx")
    with pytest.raises(ModelError) as caught:
        admit(folder)
    assert "The model toy" in str(caught.value)
    assert sentence in str(caught.value)


def test_a_forged_golden_sample_is_refused_and_not_remembered(
    tmp_path: Path, examinations: list[str]
) -> None:
    folder = make_toy_model(tmp_path / "toy")
    golden = dict(np.load(folder / "golden.npz"))
    np.savez(folder / "golden.npz", **{**golden, "output": golden["output"] * 2})
    sign(folder, read_card(folder))
    for _ in range(2):
        with pytest.raises(ModelError, match=r"model toy is refused: its golden output comes out"):
            admit(folder)
    assert len(examinations) == 2


def test_an_attack_with_valid_checksums_is_refused(tmp_path: Path) -> None:
    folder = make_toy_model(tmp_path / "toy")
    terabyte_value(folder / "decoder-8.onnx")
    sign(folder, read_card(folder))
    with pytest.raises(ModelError, match=r"model toy is refused: decoder-8\.onnx") as caught:
        admit(folder)
    assert "\n" not in str(caught.value)


def test_a_model_that_turns_to_nan_is_refused(tmp_path: Path) -> None:
    folder = make_identity_model(tmp_path / "nan", hop=16)
    for size in (1, 2, 4, 8):
        graph = Graph("decoder")
        x = graph.input("latent", size, 16)
        one = graph.constant(np.array(1.0, np.float32))
        x = graph.node("Log", graph.node("Add", x, one))  # NaN below -1
        graph.reshape(x, size * 16, to=graph.output("audio", size * 16))
        graph.save(folder / f"decoder-{size}.onnx")
    golden = dict(np.load(folder / "golden.npz"))
    np.savez(folder / "golden.npz", **{**golden, "output": np.log1p(golden["audio"])})
    sign(folder, read_card(folder))
    with pytest.raises(ModelError, match="with values that are no sound"):
        admit(folder)


def test_an_examination_that_dies_or_hangs_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_toy_model(tmp_path / "toy")
    with monkeypatch.context() as patch:
        patch.setattr(door.sys, "executable", "/bin/false")
        with pytest.raises(ModelError, match="broke the process that examined it"):
            admit(folder)
    monkeypatch.setattr(door, "TIMEOUT_S", 0.01)
    with pytest.raises(ModelError, match="examining it took more than"):
        admit(folder)


def test_too_large_a_model_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_toy_model(tmp_path / "toy")
    monkeypatch.setattr("rtvae.model.files.MAX_TOTAL_BYTES", 10_000)
    with pytest.raises(ModelError, match="larger than"):
        admit(folder)


@pytest.mark.parametrize("name", ["missing", "missing.onnx", "empty.zip", "empty.onnx", "pipe"])
def test_what_is_no_model_is_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.startswith("empty"):
        path.touch()
    if name == "pipe":
        os.mkfifo(path)
    with pytest.raises(ModelError) as caught:
        admit(path)
    assert "\n" not in str(caught.value)


def test_asking_for_admission_loads_no_runtime() -> None:
    program = (
        "import sys; from rtvae.model.admit import admit; "
        "from rtvae.model.native_identity import native_identity; native_identity(); "
        "print({'onnxruntime', 'onnx', 'llvmlite'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_machine_code_that_breaks_its_trial_leaves_the_model_to_onnx_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a processor for which LLVM makes wrong code."""
    folder = make_toy_model(tmp_path / "toy")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import os, sys, rtvae.model.natively as tried\n"
        "def die(*arguments): os.kill(os.getpid(), 11)\n"
        "if 'rtvae.model.admission' in ' '.join(sys.orig_argv): tried.natively = die\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(broken))
    admitted = admit(folder)
    assert "broke the process" in (admitted.why_not_native or "")
    model = load_model(folder)
    assert model.executor == "onnxruntime"
    assert "status -11" in model.executor_note
