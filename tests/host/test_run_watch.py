"""Watching a run's export: only whole models are handed on, whatever happens to the folder."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rtvae.errors import ModelError
from rtvae.host import run_watch
from rtvae.host.notes import Note
from rtvae.host.run_watch import LOOK_S, RunWatch, heard_aside
from rtvae.model.card import read_card
from rtvae.model.files import check_files
from tests.support.toy_model import make_toy_model
from tests.support.toy_run import make_run, take_place


@pytest.fixture
def run(tmp_path: Path) -> Path:
    run = make_run(tmp_path / "sax run")
    take_place(make_toy_model(run / "draft", seed=1), run)
    return run


class Session:
    """A watch, and what a session does with it."""

    def __init__(self, run: Path, name: str) -> None:
        self._now_s = 0.0
        self.watch = RunWatch(run / "model", Path(name), lambda: self._now_s)
        self.playing = self.watch.first()

    def look(self) -> list[Path | Note]:
        """Look for a while; every copy that is handed on plays."""
        found = []
        for _ in range(4):
            self._now_s += LOOK_S
            what = self.watch.look(self.playing)
            if self.watch._copier is not None:
                self.watch._copier.join()
            if what is not None:
                found.append(what)
            if isinstance(what, Path):
                self.playing = what
        return found


@pytest.fixture
def session(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    session = Session(run, "rtvae-abc")
    yield session
    session.watch.close()
    assert list((tmp_path / "temporary").iterdir()) == []


def whole(model: Path) -> bool:
    """Whether a folder is a model that agrees with its card; raises if not."""
    check_files(model, read_card(model))
    return True


def new(run: Path, seed: int) -> Path:
    return make_toy_model(run / "draft", seed=seed)


def test_a_new_export_is_handed_on_once(run: Path, session: Session) -> None:
    assert session.look() == []
    take_place(new(run, 2), run)
    (copy,) = session.look()
    assert isinstance(copy, Path)
    assert whole(copy)
    assert copy.name == "sax run"
    assert (copy / "model.toml").read_text() == (run / "model" / "model.toml").read_text()
    assert session.look() == []


def test_the_same_model_written_again_is_not_loaded_again(run: Path, session: Session) -> None:
    take_place(new(run, 1), run)
    assert session.look() == []


def test_the_copy_that_plays_is_kept_and_older_ones_go(run: Path, session: Session) -> None:
    copies = [session.playing]
    for seed in (2, 3, 4):
        take_place(new(run, seed), run)
        copies += [found for found in session.look() if isinstance(found, Path)]
    session.look()
    assert [copy.exists() for copy in copies] == [False, False, False, True]
    assert whole(copies[-1])


def test_a_folder_that_vanishes_is_waited_for(run: Path, session: Session) -> None:
    shutil.rmtree(run)
    assert session.look() == []
    assert whole(session.playing)
    make_run(run)
    take_place(new(run, 2), run)
    assert len(session.look()) == 1


def _cut_short(model: Path) -> None:
    with open(model / "encoder-8.onnx", "r+b") as file:
        file.truncate(100)


def _link(model: Path) -> None:
    os.replace(model / "decoder-1.onnx", model / "elsewhere")
    os.symlink(model / "elsewhere", model / "decoder-1.onnx")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda model: (model / "encoder-1.onnx").unlink(), "sax run is incomplete"),
        (_cut_short, "sax run is damaged"),
        (_link, "is a link"),
        (lambda model: (model / "model.toml").write_text("format = 99"), "newer rtvae"),
        (lambda model: (model / "model.toml").write_bytes(b"\xff"), "model"),
    ],
)
def test_a_bad_export_is_told_once_and_never_handed_on(
    run: Path, session: Session, spoil: Callable[[Path], None], words: str
) -> None:
    bad = new(run, 2)
    spoil(bad)
    take_place(bad, run)
    (note,) = session.look()
    assert isinstance(note, Note)
    assert words in note.sentence
    assert note.sentence.endswith("What plays goes on.")
    assert session.look() == []
    take_place(new(run, 3), run)
    assert len(session.look()) == 1


@pytest.fixture
def replaced_while_copied(run: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Training puts another export there just while the first is copied, twice."""
    copy = run_watch._copy_files
    seeds = [8, 9]

    def while_copying(source: Path, target: Path, names: list[str]) -> None:
        copy(source, target, names[:3])
        if seeds:
            take_place(new(run, seeds.pop(0)), run)
        copy(source, target, names[3:])

    monkeypatch.setattr(run_watch, "_copy_files", while_copying)
    yield seeds


def test_an_export_that_is_replaced_while_it_is_copied_is_copied_again(
    run: Path, session: Session, replaced_while_copied: list[int]
) -> None:
    take_place(new(run, 2), run)
    (copy,) = session.look()
    assert isinstance(copy, Path)
    assert not replaced_while_copied
    assert whole(copy)
    assert (copy / "model.toml").read_text() == (run / "model" / "model.toml").read_text()


@pytest.mark.usefixtures("replaced_while_copied")
def test_so_it_is_at_the_start(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with heard_aside(run / "model", Path("rtvae-xyz")) as (model, watch):
        assert watch is not None
        assert whole(model)


def test_a_full_disk_is_told(run: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path, names: list[str]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_watch, "_copy_files", full)
    take_place(new(run, 2), run)
    (note,) = session.look()
    assert isinstance(note, Note)
    assert "No space left on device" in note.sentence


def test_a_model_that_is_no_export_is_played_where_it_is(tmp_path: Path) -> None:
    model = make_toy_model(tmp_path / "models" / "bell")
    with heard_aside(model, tmp_path) as (playing, watch):
        assert playing == model
        assert watch is None


def test_a_damaged_export_at_the_start_is_refused(run: Path, tmp_path: Path) -> None:
    _cut_short(run / "model")
    with (
        pytest.raises(ModelError, match="sax run is damaged"),
        heard_aside(run / "model", tmp_path),
    ):
        pass
