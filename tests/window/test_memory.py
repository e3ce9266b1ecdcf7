"""What the window remembers comes back, and nothing that lies in its file can harm it."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.window.memory import FILE, LARGEST_BYTES, Keeper, Memory, load, parse, save

ALL = Memory("light", ("scope", "latents"), "map", (10, 20, 1280, 800), True, True, True)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


def test_it_comes_back_as_it_was_and_is_nobody_elses_business(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "rtvae"
    assert load(folder) == (Memory(), "")
    assert save(folder, ALL) == ""
    assert load(folder) == (ALL, "")
    assert [path.name for path in folder.iterdir()] == [FILE]
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 9999, b" " * LARGEST_BYTES + b"{}"]
)
def test_a_damaged_file_is_told_and_left_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    memory, sentence = load(tmp_path)
    assert memory == Memory()
    assert "damaged" in sentence
    assert save(tmp_path, ALL) == ""
    assert load(tmp_path) == (ALL, "")


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    memory, sentence = load(tmp_path)
    assert memory == Memory()
    assert "cannot be read" in sentence


def test_a_place_that_cannot_be_written_is_told_once_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    keeper = Keeper(tmp_path / "file" / "rtvae")
    said = [keeper.keep(look=look) for look in ("light", "dark", "light")]
    assert "cannot be kept" in said[0]
    assert said[1:] == ["", ""]
    assert keeper.memory.look == "light"


def test_only_a_change_is_written(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.keep(look="light")
    (tmp_path / FILE).unlink()
    keeper.keep(look="light")
    assert not (tmp_path / FILE).exists()


@given(st.dictionaries(st.sampled_from(["look", "views", "tab", "place", "welcomed", "x"]), JSON))
def test_any_table_gives_bounded_data(said: dict[str, object]) -> None:
    memory = parse(json.dumps(said))
    assert memory is not None
    assert len(memory.look) <= 40
    assert memory.views is None or all(isinstance(view, str) for view in memory.views)
    assert memory.place is None or (min(memory.place[2:]) > 0 and max(memory.place) <= 100_000)
    assert isinstance(memory.welcomed, bool)
