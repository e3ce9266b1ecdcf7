"""Training a folder of recordings: it learns, goes on after a stop, and names bad input."""

import os
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.errors import CorpusError, ModelError, UsageError
from rtvae.model.card import CARD_FILE
from rtvae.model.library import DEFAULT_MODEL, RUN_MODEL
from rtvae.paths import models_dir
from rtvae.training.checkpoint import load_checkpoint
from rtvae.training.session import Wishes, train
from tests.support.toy_training import curve, write_small_start


@pytest.fixture
def start(tmp_path: Path) -> str:
    """The checkpoint of a small model."""
    return str(write_small_start(tmp_path / "small.safetensors"))


def _train(folder: Path, run: Path, say: Callable[[str], None] = lambda _: None, **wishes: object):
    usual = {"device": "cpu", "max_steps": 2, "tensorboard": False}
    train(folder, run, Wishes(**(usual | wishes)), say)  # type: ignore[arg-type]


def test_the_same_command_goes_on_and_gives_a_finished_run_more_time(
    tones: Path, tmp_path: Path, start: str
) -> None:
    lines: list[str] = []
    for _ in range(2):
        _train(tones, tmp_path / "run", lines.append, origin=start)
    assert sorted(curve(tmp_path / "run")) == [0, 1, 2, 3, 4]
    progress = load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").progress
    assert progress["step"] == 4
    assert progress["minutes"] > 0
    assert sum(line.startswith("starting from") for line in lines) == 1
    assert any(line.startswith("going on after") and "step 2" in line for line in lines)


def test_the_minutes_are_kept(tones: Path, tmp_path: Path, start: str) -> None:
    _train(tones, tmp_path / "run", origin=start, max_steps=None, max_minutes=0.02)
    progress = load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").progress
    assert progress["step"] > 0
    assert progress["minutes"] >= 0.02


def test_few_recordings_are_warned_of_unless_a_model_is_given(
    tones: Path, tmp_path: Path, start: str
) -> None:
    fine: list[str] = []
    _train(tones, tmp_path / "fine", fine.append, origin=start)
    assert not any("--from" in line for line in fine)
    fresh: list[str] = []
    with pytest.raises(UsageError, match="preset"):
        _train(tones, tmp_path / "fresh", fresh.append, preset="trumpet")
    _train(tones, tmp_path / "fresh", fresh.append, max_steps=1)
    assert any("fewer than 10 minutes" in line and "--from" in line for line in fresh)


def test_a_bundled_model_is_found_by_name_and_can_be_heard_when_the_session_ends(
    tones: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    run = tmp_path / "run"
    _train(tones, run, lines.append, origin=DEFAULT_MODEL, max_steps=1)
    assert load_checkpoint(run / "checkpoint.safetensors").config == (
        load_checkpoint(models_dir() / DEFAULT_MODEL / "checkpoint.safetensors").config
    )
    assert (run / RUN_MODEL / CARD_FILE).is_file()
    assert f"exported for playing: rtvae play {run}" in lines


def test_a_model_as_a_zip_file_is_a_start_too(tones: Path, tmp_path: Path, start: str) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / CARD_FILE).write_text("")
    shutil.copy(start, folder / "checkpoint.safetensors")
    shutil.make_archive(str(folder), "zip", folder)
    _train(tones, tmp_path / "run", origin=str(tmp_path / "small.zip"))
    config = load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").config
    assert config == load_checkpoint(Path(start)).config


def test_a_refused_export_is_said_in_one_line_and_does_not_end_the_training(
    tones: Path, tmp_path: Path, start: str
) -> None:
    lines: list[str] = []
    _train(tones, tmp_path / "run", lines.append, origin=start)
    assert sum(line.startswith("not exported this time: ") for line in lines) == 1
    assert lines[-1].startswith("stopped after")
    assert not (tmp_path / "run" / RUN_MODEL).exists()


def test_ctrl_c_ends_the_session_and_keeps_what_was_learned(
    tones: Path, tmp_path: Path, start: str
) -> None:
    lines: list[str] = []

    def interrupt_soon(line: str) -> None:
        lines.append(line)
        if line.startswith("starting from"):
            threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT)).start()

    wishes = {"origin": start, "max_steps": None, "max_minutes": 5.0}
    _train(tones, tmp_path / "run", interrupt_soon, **wishes)
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").progress["step"] > 0
    assert lines[-1].startswith("stopped after")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p / "nowhere", "There is no folder"),
        (lambda p: p, "holds no recordings"),
    ],
)
def test_a_folder_without_recordings_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    with pytest.raises(CorpusError, match=words):
        _train(make(tmp_path), tmp_path / "run")


def test_too_little_sound_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "few"
    place.mkdir()
    soundfile.write(place / "a.wav", 0.1 * np.sin(np.arange(48000)), 48000)
    with pytest.raises(CorpusError, match="only 1 s of sound"):
        _train(place, tmp_path / "run")


def test_only_silence_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "silence"
    place.mkdir()
    soundfile.write(place / "a.wav", np.zeros(48000), 48000)
    with pytest.raises(CorpusError, match="silent"):
        _train(place, tmp_path / "run")


def test_a_device_that_is_not_there_is_refused(tones: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="auto, cpu or cuda"):
        _train(tones, tmp_path / "run", device="abacus")


@pytest.mark.parametrize(
    ("origin", "words"), [("no such model", "There is no model"), ("{tmp}", "checkpoint")]
)
def test_a_start_that_is_none_is_refused(
    tones: Path, tmp_path: Path, origin: str, words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        _train(tones, tmp_path / "run", origin=origin.format(tmp=tmp_path))


def test_a_foreign_checkpoint_is_refused(tones: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"junk")
    with pytest.raises(ModelError, match="not a checkpoint"):
        _train(tones, tmp_path / "run", origin=str(tmp_path))
