"""A streaming model gives the same sound however its hops are cut, and forgets on reset."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from rtvae.model.card import read_card
from rtvae.model.ort import OrtModel
from tests.support.allocation import assert_no_net_allocation
from tests.support.toy_model import make_identity_model, make_toy_model

HOP, LATENTS, HOPS = 64, 4, 96
Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy", HOP, LATENTS)


@pytest.fixture
def model(folder: Path) -> OrtModel:
    return OrtModel(folder, read_card(folder))


def sound(seed: int = 0) -> Floats:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, HOPS * HOP).astype(np.float32)


def play(model: OrtModel, audio: Floats, steps: Iterable[int]) -> tuple[Floats, Floats, Floats]:
    mean = np.full((HOPS, LATENTS), np.nan, np.float32)
    std, out = np.full_like(mean, np.nan), np.full_like(audio, np.nan)
    at = 0
    for step in steps:
        end = min(at + step, HOPS)
        model.encode(audio[at * HOP : end * HOP], mean[at:end], std[at:end])
        model.decode(mean[at:end], out[at * HOP : end * HOP])
        at = end
    return mean, std, out


def reference(folder: Path, audio: Floats) -> tuple[Floats, Floats, Floats]:
    """The same by plain runs of the one-hop graphs, states carried by hand."""
    card = read_card(folder)
    sessions = {
        part: onnxruntime.InferenceSession(
            folder / f"{part}-1.onnx", providers=["CPUExecutionProvider"]
        )
        for part in ("encoder", "decoder")
    }
    states = {
        state.name: np.zeros((state.rows, state.columns), np.float32)
        for state in (*card.encoder_states, *card.decoder_states)
    }

    def run(part: str, **inputs: Floats) -> dict[str, Floats]:
        session = sessions[part]
        wanted = {i.name for i in session.get_inputs()}
        feed = {k: v for k, v in {**states, **inputs}.items() if k in wanted}
        names = [o.name for o in session.get_outputs()]
        made = dict(zip(names, session.run(names, feed), strict=True))
        for name in states:
            if f"{name}.next" in made:
                states[name] = made[f"{name}.next"][-states[name].shape[0] :]
        return made

    rows = []
    for at in range(0, audio.size, HOP):
        encoded = run("encoder", audio=audio[at : at + HOP])
        decoded = run("decoder", latent=encoded["mean"])
        rows.append((encoded["mean"], encoded["std"], decoded["audio"]))
    mean, std, out = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return mean, std, out


def ragged(seed: int) -> list[int]:
    return [int(step) for step in np.random.default_rng(seed).integers(1, 14, HOPS)]


@pytest.mark.parametrize(
    "steps",
    [[1] * HOPS, [2] * 48, [4] * 24, [8] * 12, [HOPS], [3, 8, 1] * 8, ragged(1), ragged(2)],
    ids=["1", "2", "4", "8", "all", "3-8-1", "ragged 1", "ragged 2"],
)
def test_every_cut_equals_plain_one_hop_runs(
    folder: Path, model: OrtModel, steps: list[int]
) -> None:
    audio = sound()
    for made, wanted in zip(play(model, audio, steps), reference(folder, audio), strict=True):
        np.testing.assert_allclose(made, wanted, rtol=0, atol=2e-5 * wanted.std())


def test_reset_returns_to_silence(model: OrtModel) -> None:
    first = play(model, sound(), [8] * 12)
    model.reset()
    for made, wanted in zip(play(model, sound(), [8] * 12), first, strict=True):
        np.testing.assert_array_equal(made, wanted)


def test_without_reset_the_past_is_heard(model: OrtModel) -> None:
    first = play(model, sound(), [8] * 12)
    again = play(model, sound(), [8] * 12)
    assert (first[2] != again[2]).any()


@pytest.mark.parametrize("steps", [[1] * HOPS, [8] * 12])
def test_reset_cures_nan_in_the_states(model: OrtModel, steps: list[int]) -> None:
    clean = play(model, sound(), steps)
    model.reset()
    poisoned = play(model, np.full_like(sound(), np.nan), steps)
    assert np.isnan(poisoned[2]).any()
    model.reset()
    for made, wanted in zip(play(model, sound(), steps), clean, strict=True):
        np.testing.assert_array_equal(made, wanted)


def test_warm_up_leaves_no_trace(folder: Path, model: OrtModel) -> None:
    fresh = play(OrtModel(folder, read_card(folder)), sound(), [4] * 24)
    model.warm_up(3)
    for made, wanted in zip(play(model, sound(), [4] * 24), fresh, strict=True):
        np.testing.assert_array_equal(made, wanted)


def test_the_input_is_left_alone(model: OrtModel) -> None:
    audio = sound()
    before = audio.copy()
    play(model, audio, [8] * 12)
    np.testing.assert_array_equal(audio, before)


def test_an_identity_graph_is_exact(tmp_path: Path) -> None:
    folder = make_identity_model(tmp_path / "identity", hop=16)
    model = OrtModel(folder, read_card(folder))
    audio = sound()[: 16 * 31]
    mean, std = np.empty((31, 16), np.float32), np.empty((31, 16), np.float32)
    out = np.empty_like(audio)
    model.encode(audio, mean, std)
    model.decode(mean, out)
    np.testing.assert_array_equal(out, audio)


@pytest.mark.parametrize("hops", [1, 8])
def test_no_allocation_stays(model: OrtModel, hops: int) -> None:
    audio, out = sound()[: hops * HOP], np.empty(hops * HOP, np.float32)
    mean, std = np.empty((hops, LATENTS), np.float32), np.empty((hops, LATENTS), np.float32)

    def block() -> None:
        model.encode(audio, mean, std)
        model.decode(mean, out)

    assert_no_net_allocation(block)
