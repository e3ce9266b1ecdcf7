"""A zipped model unpacks into its own files and nothing else, within its size."""

import zipfile
from pathlib import Path

import pytest

from rtvae.errors import ModelError
from rtvae.model import archive


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


@pytest.mark.parametrize("prefix", ["", "glass/"])
def test_files_at_the_top_or_in_one_folder(tmp_path: Path, prefix: str) -> None:
    members = {f"{prefix}model.toml": b"card", f"{prefix}encoder-1.onnx": b"graph"}
    path = make_zip(tmp_path / "m.zip", members)
    target = tmp_path / "out"
    target.mkdir()
    archive.extract(path, target)
    assert {p.name: p.read_bytes() for p in target.iterdir()} == {
        "model.toml": b"card",
        "encoder-1.onnx": b"graph",
    }
    assert archive.read_member(path, "model.toml", 100) == b"card"


def test_names_that_leave_the_folder_are_left_alone(tmp_path: Path) -> None:
    names = ["../evil", "/evil", "a/../../evil", "deep/er/evil", "..", "C:\\evil", ".hidden"]
    path = make_zip(tmp_path / "m.zip", {"model.toml": b"card", **dict.fromkeys(names, b"x")})
    target = tmp_path / "in" / "out"
    target.mkdir(parents=True)
    archive.extract(path, target)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["m.zip", "model.toml"]


def test_an_unpacked_link_is_a_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "m.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("model.toml", "card")
        link = zipfile.ZipInfo("golden.npz")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    target = tmp_path / "out"
    target.mkdir()
    archive.extract(path, target)
    assert not (target / "golden.npz").is_symlink()
    assert (target / "golden.npz").read_bytes() == b"/etc/passwd"


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1 << 20)
    path = make_zip(tmp_path / "m.zip", {"model.toml": b"card", "big": bytes(3 << 20)})
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(ModelError, match="unpacks to more than"):
        archive.extract(path, target)
    assert sum(p.stat().st_size for p in target.iterdir()) <= 1 << 20


@pytest.mark.parametrize("cut", [0, 10, 60, -30, -5])
def test_a_broken_zip_is_one_sentence(tmp_path: Path, cut: int) -> None:
    path = make_zip(tmp_path / "m.zip", {"model.toml": b"card" * 100})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ModelError, match="cannot be used"):
        archive.read_member(path, "model.toml", 1000)
    with pytest.raises(ModelError, match="cannot be used"):
        archive.extract(path, tmp_path)


def test_a_zip_without_a_card_says_so(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "m.zip", {"readme.txt": b"hello"})
    with pytest.raises(ModelError, match=r"holds no model\.toml"):
        archive.read_member(path, "model.toml", 1000)
