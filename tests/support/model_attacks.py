"""Models that must never be let in: each entry of MODEL_ATTACKS makes one at a path.

Each begins as a good toy model, with valid checksums where that is not the point, and differs from
it in the one thing its name says. Names that begin with `zip_` make a file, all others a folder.
"""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from rtvae.model.card import read_card
from rtvae.model.space import SPACE_FILE
from rtvae.spec import LatentSpec, StateSpec
from tests.support.attacks import Write, terabyte_value
from tests.support.synth_space import add_space, make_space
from tests.support.toy_model import make_toy_model, sign

GRAPH = "decoder-4.onnx"


@cache
def _original() -> Path:
    """One good model that all the others are copied from."""
    return make_toy_model(Path(tempfile.mkdtemp(prefix="rtvae-test-model-")) / "toy")


def good(path: Path) -> Path:
    """A copy of the good model."""
    shutil.copytree(_original(), path)
    return path


def _card(path: Path, change: Callable[[str], str]) -> None:
    card = good(path) / "model.toml"
    card.write_text(change(card.read_text()))


def no_card(path: Path) -> None:
    (good(path) / "model.toml").unlink()


def empty_card(path: Path) -> None:
    _card(path, lambda text: "")


def card_of_noise(path: Path) -> None:
    (good(path) / "model.toml").write_bytes(np.random.default_rng(0).bytes(5000))


def card_of_a_terabyte(path: Path) -> None:
    with open(good(path) / "model.toml", "r+b") as file:
        file.truncate(1 << 40)


def card_of_a_hundred_thousand_brackets(path: Path) -> None:
    _card(path, lambda text: "a = " + "[" * 100_000)


def card_of_nested_tables(path: Path) -> None:
    _card(path, lambda text: "[" + ".".join("a" * 1 for _ in range(50_000)) + "]")


def card_of_a_long_number(path: Path) -> None:
    _card(path, lambda text: text.replace("hop_frames = 64", f"hop_frames = {'9' * 100_000}"))


def card_of_many_latents(path: Path) -> None:
    latent = '\n[[latent]]\nname = "x"\nlow = -1.0\nhigh = 1.0\n'
    _card(path, lambda text: text + latent * 10_000)


def card_with_infinity(path: Path) -> None:
    _card(path, lambda text: text.replace("low = -3.0", "low = -inf", 1))


def card_with_terminal_codes(path: Path) -> None:
    _card(path, lambda text: text.replace('title = "Toy"', 'title = "\\u001b[2J\\u0007"'))


def name_that_leaves_the_folder(path: Path) -> None:
    _card(path, lambda text: text.replace('name = "toy"', 'name = "../../etc"', 1))


def file_outside(path: Path) -> None:
    _card(path, lambda text: text.replace(f'"{GRAPH}"', '"../../../etc/passwd"'))


def file_by_absolute_path(path: Path) -> None:
    _card(path, lambda text: text.replace(f'"{GRAPH}"', '"/etc/passwd"'))


def file_missing(path: Path) -> None:
    (good(path) / GRAPH).unlink()


def file_cut_short(path: Path) -> None:
    file = good(path) / GRAPH
    file.write_bytes(file.read_bytes()[:-1])


def file_is_a_link(path: Path) -> None:
    file = good(path) / GRAPH
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def file_is_a_pipe(path: Path) -> None:
    (good(path) / GRAPH).unlink()
    os.mkfifo(path / GRAPH)


def file_is_a_folder(path: Path) -> None:
    (good(path) / GRAPH).unlink()
    (path / GRAPH).mkdir()


def file_of_a_terabyte(path: Path) -> None:
    with open(good(path) / GRAPH, "r+b") as file:
        file.truncate(1 << 40)


def golden_of_pickles(path: Path) -> None:
    golden = dict(np.load(good(path) / "golden.npz"))
    golden["audio"] = np.array([print], dtype=object)
    np.savez(path / "golden.npz", **golden)
    sign(path, read_card(path))


def golden_bomb(path: Path) -> None:
    np.savez_compressed(good(path) / "golden.npz", audio=np.zeros(50_000_000, np.float32))
    sign(path, read_card(path))


def golden_forged(path: Path) -> None:
    golden = dict(np.load(good(path) / "golden.npz"))
    np.savez(path / "golden.npz", **{**golden, "output": golden["output"] * 2})
    sign(path, read_card(path))


def space_of_pickles(path: Path) -> None:
    add_space(good(path))
    found = {**dict(np.load(path / SPACE_FILE)), "mean": np.array([print] * 4, dtype=object)}
    np.savez(path / SPACE_FILE, **found)
    sign(path, read_card(path))


def space_bomb(path: Path) -> None:
    np.savez_compressed(good(path) / SPACE_FILE, mean=np.zeros(50_000_000, np.float32))
    sign(path, read_card(path))


def space_of_another_model(path: Path) -> None:
    add_space(good(path), make_space(latents=7))


def card_says_another_hop(path: Path) -> None:
    sign(good(path), replace(read_card(path), hop_frames=32))


def card_says_more_latents(path: Path) -> None:
    card = read_card(good(path))
    sign(path, replace(card, latents=(*card.latents, LatentSpec("more", -1.0, 1.0))))


def card_says_more_states(path: Path) -> None:
    card = read_card(good(path))
    sign(path, replace(card, decoder_states=(*card.decoder_states, StateSpec("more", 1, 1))))


def graphs_exchanged(path: Path) -> None:
    shutil.copy(good(path) / "decoder-2.onnx", path / GRAPH)
    sign(path, read_card(path))


def graph_of_a_terabyte(path: Path) -> None:
    terabyte_value(good(path) / GRAPH)
    sign(path, read_card(path))


def _zip(path: Path, name: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(_original().iterdir()):
            archive.write(file, name(file.name))


def zip_cut_short(path: Path) -> None:
    _zip(path, lambda name: name)
    path.write_bytes(path.read_bytes()[:-30])


def zip_of_noise(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + np.random.default_rng(0).bytes(5000))


def zip_that_leaves_its_folder(path: Path) -> None:
    _zip(path, lambda name: f"../../{name}" if name == GRAPH else name)


def zip_with_absolute_names(path: Path) -> None:
    _zip(path, lambda name: f"/tmp/{name}" if name == GRAPH else name)


def zip_within_zip(path: Path) -> None:
    inner = path.with_name(f"{path.name}.inner")
    _zip(inner, lambda name: name)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "model.zip")
    inner.unlink()


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(_original() / "model.toml", "model.toml")
        with archive.open(GRAPH, "w", force_zip64=True) as file:
            for _ in range(205):
                file.write(bytes(1_000_000))


def zip_of_a_thousand_files(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(_original() / "model.toml", "model.toml")
        for number in range(1000):
            archive.writestr(f"file-{number}", b"")


def zip_with_a_password(path: Path) -> None:
    _zip(path, lambda name: name)
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 4)
    path.write_bytes(bytes(content))


MODEL_ATTACKS: dict[str, Write] = {
    write.__name__: write
    for write in (
        no_card,
        empty_card,
        card_of_noise,
        card_of_a_terabyte,
        card_of_a_hundred_thousand_brackets,
        card_of_nested_tables,
        card_of_a_long_number,
        card_of_many_latents,
        card_with_infinity,
        card_with_terminal_codes,
        name_that_leaves_the_folder,
        file_outside,
        file_by_absolute_path,
        file_missing,
        file_cut_short,
        file_is_a_link,
        file_is_a_pipe,
        file_is_a_folder,
        file_of_a_terabyte,
        golden_of_pickles,
        golden_bomb,
        golden_forged,
        space_of_pickles,
        space_bomb,
        space_of_another_model,
        card_says_another_hop,
        card_says_more_latents,
        card_says_more_states,
        graphs_exchanged,
        graph_of_a_terabyte,
        zip_cut_short,
        zip_of_noise,
        zip_that_leaves_its_folder,
        zip_with_absolute_names,
        zip_within_zip,
        zip_bomb,
        zip_of_a_thousand_files,
        zip_with_a_password,
    )
}
