"""No graph runs that holds more than rtvae's graphs need, or that its card does not describe."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtvae.model.admission import Refused, check_against_card, check_graph, check_window
from rtvae.model.card import read_card
from rtvae.spec import LatentSpec, ModelCard, StateSpec
from tests.support.attacks import ATTACKS, Write, harmless
from tests.support.toy_model import make_stateless_graph, make_toy_model

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("write", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_with_a_reason(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "encoder-1.onnx"
    write(path)
    with pytest.raises(Refused) as caught:
        check_graph(path)
    reason = str(caught.value)
    assert "encoder-1.onnx" in reason
    assert "\n" not in reason and len(reason) < 300


def test_the_harmless_graph_is_read(tmp_path: Path) -> None:
    harmless(tmp_path / "g.onnx")
    assert check_graph(tmp_path / "g.onnx") == ({"x": (1, 64)}, {"y": (1, 64)})
    assert check_window(tmp_path / "g.onnx") == 64


def test_damage_anywhere_is_an_ordinary_refusal_or_a_readable_graph(tmp_path: Path) -> None:
    make_stateless_graph(tmp_path / "good.onnx", 64)
    good = (tmp_path / "good.onnx").read_bytes()
    random = np.random.default_rng(0)
    path = tmp_path / "bad.onnx"
    refused = 0
    for _ in range(300):
        data = bytearray(good)
        data[random.integers(len(data))] = random.integers(256)
        path.write_bytes(bytes(data[: random.integers(1, len(data) + 1)]))
        try:
            check_graph(path)
        except Refused:
            refused += 1
    assert refused > 200


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy")


def test_a_model_that_agrees_with_its_card_passes(toy: Path) -> None:
    check_against_card(toy, read_card(toy))


Change = Callable[[ModelCard], ModelCard]


def _with_latent(card: ModelCard) -> ModelCard:
    return replace(card, latents=(*card.latents, LatentSpec("more", -1.0, 1.0)))


def _without_state(card: ModelCard) -> ModelCard:
    return replace(card, encoder_states=card.encoder_states[1:])


def _with_state(card: ModelCard) -> ModelCard:
    return replace(card, decoder_states=(*card.decoder_states, StateSpec("more", 1, 1)))


def _with_longer_state(card: ModelCard) -> ModelCard:
    first, *others = card.encoder_states
    return replace(card, encoder_states=(replace(first, rows=first.rows + 1), *others))


def _with_other_hop(card: ModelCard) -> ModelCard:
    return replace(card, hop_frames=32)


@pytest.mark.parametrize(
    "change", [_with_latent, _without_state, _with_state, _with_longer_state, _with_other_hop]
)
def test_a_card_that_says_otherwise_is_refused(toy: Path, change: Change) -> None:
    with pytest.raises(Refused, match=r"(en|de)coder-1\.onnx"):
        check_against_card(toy, change(read_card(toy)))


def test_graphs_of_another_size_do_not_pass_for_one_another(toy: Path, tmp_path: Path) -> None:
    for path in toy.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "decoder-4.onnx").write_bytes((toy / "decoder-2.onnx").read_bytes())
    with pytest.raises(Refused, match=r"decoder-4\.onnx"):
        check_against_card(tmp_path, read_card(tmp_path))


def test_a_graph_with_two_inputs_is_no_stateless_autoencoder(toy: Path) -> None:
    with pytest.raises(Refused, match="not a stateless autoencoder"):
        check_window(toy / "encoder-1.onnx")


def test_the_examining_process_is_limited() -> None:
    script = (
        "from rtvae.model.admission import limit_process; limit_process(); import resource; "
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0], "
        "resource.getrlimit(resource.RLIMIT_CPU)[0]); bytearray(5 << 30)"
    )
    child = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert child.stdout.split() == ["0", "60"]
    assert "MemoryError" in child.stderr
