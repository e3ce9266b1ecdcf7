"""space.npz: what is written comes back; anything else is refused with a reason."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtvae.errors import ModelError
from rtvae.model.admit import admit
from rtvae.model.card import read_card
from rtvae.model.identity import IdentityModel
from rtvae.model.load import load_model
from rtvae.model.space import MAX_BYTES, MAX_POINTS, SPACE_FILE, read_space, write_space
from tests.support.synth_space import add_space, make_space
from tests.support.toy_model import make_toy_model, sign


def damaged(folder: Path, **arrays: object) -> Path:
    """A file as written, but with other arrays in the place of some; None leaves one out."""
    good, path = folder / "good.npz", folder / SPACE_FILE
    write_space(good, make_space())
    found = {**dict(np.load(good)), **arrays}
    np.savez(path, **{key: value for key, value in found.items() if value is not None})
    return path


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    space = make_space(latents=5, states=4, points=30)
    write_space(tmp_path / SPACE_FILE, space)
    back = read_space(tmp_path / SPACE_FILE, 5)
    for name in ("mean", "deviation", "least", "most", "whiten", "radius"):
        np.testing.assert_array_equal(getattr(back, name), getattr(space, name))
    assert back.chart.labels == space.chart.labels
    np.testing.assert_array_equal(back.chart.places, space.chart.places)
    np.testing.assert_allclose(back.chart.latents, space.chart.latents, rtol=1e-3)
    assert back.walk.grid_hops == space.walk.grid_hops
    np.testing.assert_allclose(back.walk.transitions, space.walk.transitions, rtol=1e-6)
    np.testing.assert_allclose(back.walk.motifs, space.walk.motifs, rtol=1e-3)
    with pytest.raises(ValueError, match="read-only"):
        back.mean[0] = 1.0


def test_the_same_space_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        write_space(tmp_path / name, make_space())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def many(*shape: int) -> np.ndarray:
    return np.full(shape, 0.5, np.float32)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("mean", None, "cannot be read"),
        ("mean", np.array([object()] * 4), "cannot be read"),
        ("mean", np.zeros(5, np.float32), "'mean' in space.npz has not its card's size"),
        ("mean", np.zeros((4, 1), np.float32), "'mean' .* size"),
        ("mean", np.zeros((), np.float32), "'mean' .* size"),
        ("mean", np.zeros(4, np.float64), "'mean' in space.npz is of another type"),
        ("mean", np.zeros(4, ">f4"), "'mean' .* another type"),
        ("mean", np.full(4, np.nan, np.float32), "'mean' in space.npz is not finite"),
        ("whiten", np.full((4, 4), np.inf, np.float32), "'whiten' .* not finite"),
        ("whiten", np.asfortranarray(np.triu(many(4, 4))), "cannot be read"),
        ("deviation", np.full(4, -1.0, np.float32), "'deviation' in space.npz is below zero"),
        ("radius", np.float32(0.0), "'radius' in space.npz is out of range"),
        ("least", np.full(4, 9.0, np.float32), "'least' .* out of range"),
        ("map_places", np.full((20, 2), 1.5, np.float32), "'map_places' .* out of range"),
        ("map_places", many(0, 2), "too large or empty"),
        ("map_places", many(MAX_POINTS + 1, 2), "too large or empty"),
        ("map_latents", np.zeros((19, 4), np.float16), "'map_latents' .* size"),
        ("map_labels", np.full(20, 9, np.uint8), "'map_labels' .* out of range"),
        ("map_labels", np.zeros(20, np.int64), "'map_labels' .* another type"),
        ("names", np.array(["a" * 200]), "'names' .* another type"),
        ("names", np.array(["a\nb", "c"]), "'names' .* out of range"),
        ("grid_hops", np.int64(0), "'grid_hops' .* out of range"),
        ("transitions", np.zeros((3, 3), np.float32), "'transitions' .* out of range"),
        ("state_means", np.zeros((65, 4), np.float16), "too large"),
        ("motifs", np.zeros((3, 15, 4), np.float16), "'motifs' .* out of range"),
        ("motifs", np.zeros((3, 2, 4), np.float16), "'motifs' .* too large or empty"),
    ],
)
def test_each_array_is_checked(tmp_path: Path, key: str, value: object, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        read_space(damaged(tmp_path, **{key: value}), 4)


def test_a_file_cut_or_spoilt_anywhere_is_an_error_of_ours_or_harmless(tmp_path: Path) -> None:
    path = tmp_path / SPACE_FILE
    write_space(path, make_space())
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for cut in random.integers(0, len(whole), 40):
        path.write_bytes(whole[:cut])
        with pytest.raises(ModelError, match=r"space\.npz cannot be read"):
            read_space(path, 4)
    for at in random.integers(0, len(whole), 200):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_space(path, 4)
        except ModelError as error:
            assert str(error).startswith(("space.npz", "'"))


def test_a_header_that_promises_a_terabyte_costs_nothing(tmp_path: Path) -> None:
    path = damaged(tmp_path, mean=None)
    with zipfile.ZipFile(path, "a") as archive, archive.open("mean.npy", "w") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)}
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(ModelError, match="cannot be read"):
        read_space(path, 4)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4,",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (True, 4)}",
        "{[]: 1}",
        "{1: 2, 'a': 3}",
    ],
)
def test_a_header_that_is_none_is_an_error_of_ours(tmp_path: Path, header: str) -> None:
    path = damaged(tmp_path, mean=None)
    text = header.encode() + b"\n"
    with zipfile.ZipFile(path, "a") as archive:
        length = len(text).to_bytes(2, "little")
        archive.writestr("mean.npy", b"\x93NUMPY\x01\x00" + length + text + bytes(16))
    with pytest.raises(ModelError, match=r"space\.npz cannot be read"):
        read_space(path, 4)


def test_a_name_whose_characters_are_none_is_an_error_of_ours(tmp_path: Path) -> None:
    beyond = np.zeros((2, 24), np.uint32)
    beyond[:, 0] = 0x110000
    path = damaged(tmp_path, names=np.frombuffer(beyond.tobytes(), "<U24"))
    with pytest.raises(ModelError, match=r"space\.npz cannot be read"):
        read_space(path, 4)


def test_an_archive_packed_otherwise_and_spoilt_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / SPACE_FILE
    write_space(path, make_space())
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    whole = path.read_bytes()
    middle = whole.index(b"mean.npy") + 40
    path.write_bytes(whole[:middle] + bytes(8) + whole[middle + 8 :])
    with pytest.raises(ModelError, match=r"space\.npz cannot be read"):
        read_space(path, 4)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / SPACE_FILE
    np.savez_compressed(path, mean=np.zeros(MAX_BYTES, np.float32))
    with pytest.raises(ModelError, match="cannot be read"):
        read_space(path, 4)


@pytest.mark.parametrize("executor", ["native", "onnxruntime"])
def test_a_model_has_the_space_of_its_folder(tmp_path: Path, executor: str) -> None:
    folder = make_toy_model(tmp_path / "toy")
    assert load_model(folder, executor).space is None
    space = add_space(folder)
    loaded = load_model(folder, executor).space
    assert loaded is not None
    np.testing.assert_array_equal(loaded.mean, space.mean)
    assert loaded.chart.labels == space.chart.labels
    assert IdentityModel(64, 4).space is None


def test_a_wrong_space_is_refused_at_the_door_in_one_sentence(tmp_path: Path) -> None:
    folder = make_toy_model(tmp_path / "toy")
    add_space(folder, make_space(latents=3))
    with pytest.raises(ModelError, match=r"The model toy is refused: 'mean' in space\.npz has not"):
        admit(folder)
    card = read_card(folder)
    (folder / SPACE_FILE).write_bytes(b"no zip")
    sign(folder, card)
    with pytest.raises(ModelError, match=r"The model toy is refused: space\.npz cannot be read"):
        admit(folder)


def test_a_space_that_the_card_does_not_list_is_not_read(tmp_path: Path) -> None:
    folder = make_toy_model(tmp_path / "toy")
    (folder / SPACE_FILE).write_bytes(b"whatever")
    assert load_model(folder, "onnxruntime").space is None


def test_too_many_names_are_no_map(tmp_path: Path) -> None:
    space = make_space(points=100)
    labels = tuple(str(k) for k in range(100))
    with pytest.raises(ValueError, match="at most 64 names"):
        write_space(
            tmp_path / SPACE_FILE, replace(space, chart=replace(space.chart, labels=labels))
        )
