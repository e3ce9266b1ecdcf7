"""Wrong and malicious models: each is refused in one sentence, in a limited process, and the model
that plays is not disturbed."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rtvae.engine.desk import Desk, Outbox
from rtvae.engine.lineup import Lineup
from rtvae.errors import ModelError
from rtvae.model.admission import Refused, check_window
from rtvae.model.admit import admit
from rtvae.model.load import load_model
from tests.support.attacks import RUN_ATTACKS
from tests.support.fake_model import ScriptedModel
from tests.support.model_attacks import MODEL_ATTACKS, good
from tests.support.playing import PROJECT
from tests.support.rig import RATE_HZ, Rig, tone
from tests.support.toy_model import make_stateless_graph


@pytest.mark.parametrize("name", MODEL_ATTACKS)
def test_a_wrong_or_malicious_model_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / (f"{name}.zip" if name.startswith("zip_") else name)
    MODEL_ATTACKS[name](path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ModelError) as caught:
        admit(path)
    sentence = str(caught.value)
    assert path.name in sentence
    assert sentence.isprintable() and len(sentence) < 400
    assert sorted(tmp_path.rglob("*")) == before, "nothing was written beside it"


def test_the_good_model_that_they_are_made_of_is_let_in(tmp_path: Path) -> None:
    assert admit(good(tmp_path / "toy")).card.name == "toy"


EXAMINE = """
import sys, rtvae.model.admission as door
door.MAX_CPU_SECONDS, door.MAX_MEMORY_BYTES = 3, 3 << 30
door.main(sys.argv[1])
"""


@pytest.mark.parametrize("name", RUN_ATTACKS)
def test_a_graph_that_misbehaves_when_it_runs_does_so_in_a_limited_process(
    name: str, tmp_path: Path
) -> None:
    """The limits are tighter here only so that the test is over sooner."""
    RUN_ATTACKS[name](tmp_path / f"{name}.onnx")
    child = subprocess.run(
        [sys.executable, "-c", EXAMINE, str(tmp_path / f"{name}.onnx")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    if child.returncode == 0:
        assert json.loads(child.stdout.splitlines()[-1])["refused"]
    else:
        assert child.returncode < 0, child.stderr
        assert "window_frames" not in child.stdout
    assert not list(tmp_path.glob("core*"))


def test_a_graph_cut_at_any_hundredth_is_refused(tmp_path: Path) -> None:
    make_stateless_graph(tmp_path / "good.onnx", 64)
    whole = (tmp_path / "good.onnx").read_bytes()
    assert check_window(tmp_path / "good.onnx") == 64
    for percent in range(100):
        path = tmp_path / "cut.onnx"
        path.write_bytes(whole[: len(whole) * percent // 100])
        with pytest.raises(Refused):
            check_window(path)


@pytest.mark.parametrize("name", ["model.toml", "decoder-8.onnx", "golden.npz"])
def test_a_model_cut_at_any_hundredth_is_refused(name: str, tmp_path: Path) -> None:
    file = good(tmp_path / "toy") / name
    whole = file.read_bytes()
    for percent in range(100):
        file.write_bytes(whole[: len(whole) * percent // 100])
        with pytest.raises(ModelError):
            admit(tmp_path / "toy")


def test_a_file_that_may_not_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = good(tmp_path / "toy")

    def refuse(path: object, *_: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("rtvae.model.files.os.open", refuse)
    with pytest.raises(ModelError, match=r"cannot be read \(Permission denied\)"):
        admit(folder)


BESIDE = ("card_of_noise", "file_is_a_pipe", "golden_forged", "graph_of_a_terabyte", "zip_of_noise")
"""One of each way to be refused: by its card, its files, its sound, its graphs, its archive."""


class Said:
    """Collects what the desk says."""

    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []
        self.answered = threading.Semaphore(0)

    def write(self, text: str) -> None:
        for line in text.splitlines():
            self.events.append(json.loads(line))
            self.answered.release()

    def flush(self) -> None:
        """Nothing is kept back."""


def test_the_model_that_plays_does_not_notice_what_is_refused_beside_it(tmp_path: Path) -> None:
    rig = Rig(ScriptedModel(gain=0.5), 128)
    paths = []
    for name in BESIDE:
        paths.append(tmp_path / (f"{name}.zip" if name.startswith("zip_") else name))
        MODEL_ATTACKS[name](paths[-1])
    said = Said()

    def requests() -> Iterator[str]:
        for path in paths:
            yield json.dumps({"do": "load", "model": str(path)})
            said.answered.acquire()

    outbox = Outbox(said)  # type: ignore[arg-type]
    desk = Desk(requests(), outbox, rig.path, rig.reader, load_model, Lineup(Path("good")))
    desk.open()
    sound = tone(RATE_HZ)
    while len(said.events) < len(paths):
        assert np.array_equal(rig.play(sound), 0.5 * sound)
    assert {event["event"] for event in said.events} == {"refused"}
    assert np.array_equal(rig.play(sound), 0.5 * sound)
    assert rig.count("model_serial") == 1
