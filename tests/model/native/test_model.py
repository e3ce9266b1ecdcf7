"""The native executor plays every model as ONNX Runtime does, however the hops are cut."""

import threading
from pathlib import Path
from platform import machine

import numpy as np
import pytest

from rtvae.model.card import read_card
from rtvae.model.native import NativeModel, disagreement
from rtvae.model.native.agreement import played
from rtvae.model.native.compile import Compiler
from rtvae.model.ort import OrtModel
from rtvae.model.trial import read_golden
from rtvae.training.vae import VaeConfig
from tests.support.allocation import assert_no_net_allocation
from tests.support.small_vae import SMALL, SMALL_INSTRUMENT, SMALL_PERCUSSION, SMALL_VOICE
from tests.support.toy_model import make_identity_model, make_toy_model
from tests.support.vae_folder import make_vae_folder

BUNDLED = sorted(p.parent.name for p in (Path(__file__).parents[3] / "models").glob("*/model.toml"))
MODELS = Path(__file__).parents[3] / "models"
OLDER = [("x86-64-v3", 8), ("x86-64-v2", 4)] if machine() in ("x86_64", "AMD64") else [("", 4)]
HOP, LATENTS, HOPS = 64, 4, 40
ODD = VaeConfig(
    hop_frames=48,
    row_frames=12,
    latents=3,
    row_channels=10,
    encoder_channels=33,
    decoder_channels=18,
    noise_channels=5,
)

Floats = np.ndarray


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy", HOP, LATENTS)


@pytest.fixture
def model(folder: Path) -> NativeModel:
    return NativeModel(folder, read_card(folder))


def noise(hops: int = HOPS, hop: int = HOP, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, hops * hop).astype(np.float32)


def assert_equal(one: tuple[Floats, ...], other: tuple[Floats, ...]) -> None:
    for x, y in zip(one, other, strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_models_sound_as_in_onnx_runtime(name: str) -> None:
    card = read_card(MODELS / name)
    golden = read_golden(MODELS / name / "golden.npz", card)
    model = NativeModel(MODELS / name, card)
    assert disagreement(model, OrtModel(MODELS / name, card), golden["audio"]) == ""


@pytest.mark.parametrize(
    "config",
    [SMALL, SMALL_PERCUSSION, SMALL_INSTRUMENT, SMALL_VOICE, ODD],
    ids=["small", "percussion", "instrument", "voice", "odd sizes"],
)
def test_every_kind_of_layer_is_as_in_onnx_runtime(config: VaeConfig, tmp_path: Path) -> None:
    card = make_vae_folder(tmp_path, config)
    model, reference = NativeModel(tmp_path, card), OrtModel(tmp_path, card)
    assert disagreement(model, reference, noise(HOPS, config.hop_frames)) == ""
    assert played(model, noise(8, config.hop_frames), [8])[2].any()


def test_a_toy_model_is_as_in_onnx_runtime(folder: Path, model: NativeModel) -> None:
    assert disagreement(model, OrtModel(folder, model.card), noise()) == ""


def test_an_identity_graph_is_exact(tmp_path: Path) -> None:
    folder = make_identity_model(tmp_path / "identity", hop=16)
    audio = noise(31, 16)
    _, _, sound = played(NativeModel(folder, read_card(folder)), audio, [8, 8, 8, 4, 2, 1])
    np.testing.assert_array_equal(sound, audio)


def test_a_difference_is_noticed(folder: Path, tmp_path: Path) -> None:
    other = make_toy_model(tmp_path / "other", HOP, LATENTS, seed=5)
    model = NativeModel(folder, read_card(folder))
    reason = disagreement(model, OrtModel(other, read_card(other)), noise())
    assert "differs" in reason


@pytest.mark.parametrize(("processor", "lanes"), OLDER)
def test_older_processors_sound_alike(processor: str, lanes: int, tmp_path: Path) -> None:
    card = make_vae_folder(tmp_path, SMALL_INSTRUMENT)
    model = NativeModel(tmp_path, card, Compiler(processor, lanes))
    assert disagreement(model, OrtModel(tmp_path, card), noise()) == ""


@pytest.mark.parametrize("step", [1, 8])
def test_reset_returns_to_silence(model: NativeModel, step: int) -> None:
    steps = [step] * (HOPS // step)
    first = played(model, noise(), steps)
    played(model, noise(seed=1), steps)
    assert_equal(played(model, noise(), steps), first)


@pytest.mark.parametrize("step", [1, 2, 4, 8])
def test_nan_comes_through_until_the_reset(model: NativeModel, step: int) -> None:
    steps = [step] * (HOPS // step)
    clean = played(model, noise(), steps)
    mean, _, sound = played(model, np.full_like(noise(), np.nan), steps)
    assert np.isnan(mean).all()
    assert np.isnan(sound).any()
    assert_equal(played(model, noise(), steps), clean)


@pytest.mark.parametrize("name", BUNDLED)
def test_nan_is_heard_and_leaves_with_the_reset(name: str) -> None:
    card = read_card(MODELS / name)
    model = NativeModel(MODELS / name, card)
    audio = noise(16, card.hop_frames)
    clean = played(model, audio, [8, 8])
    latent = np.full((16, card.latent_count), np.nan, np.float32)
    assert np.isnan(played(model, audio, [8, 8], latent)[2]).all()
    assert_equal(played(model, audio, [8, 8]), clean)


def test_two_of_a_kind_do_not_disturb_each_other(folder: Path) -> None:
    card = read_card(folder)
    one, two = NativeModel(folder, card), NativeModel(folder, card)
    alone = played(one, noise(), [1] * HOPS)
    means = np.empty((2, HOPS, LATENTS), np.float32)
    std, other = np.empty((1, LATENTS), np.float32), noise(seed=9)
    for k in range(HOPS):
        frames = slice(k * HOP, (k + 1) * HOP)
        one.encode(noise()[frames], means[0, k : k + 1], std)
        two.encode(other[frames], means[1, k : k + 1], std)
    np.testing.assert_array_equal(means[0], alone[0])
    assert (means[0] != means[1]).any()


def test_it_plays_on_another_thread_as_on_this_one(model: NativeModel) -> None:
    here = played(model, noise(), [8] * 5)
    there: list[tuple[Floats, ...]] = []
    thread = threading.Thread(target=lambda: there.append(played(model, noise(), [8] * 5)))
    thread.start()
    thread.join()
    assert_equal(there[0], here)


def test_numbers_too_small_for_full_precision_are_flushed_wherever_it_runs(tmp_path: Path) -> None:
    folder = make_identity_model(tmp_path / "identity", hop=16, gain=1e-10)
    model = NativeModel(folder, read_card(folder))
    found: list[Floats] = []
    audio = np.full(16, 1e-30, np.float32)
    thread = threading.Thread(target=lambda: found.append(played(model, audio, [1])[2]))
    thread.start()
    thread.join()
    assert not found[0].any()


def test_the_input_is_left_alone(model: NativeModel) -> None:
    audio = noise()
    played(model, audio, [8] * 5)
    np.testing.assert_array_equal(audio, noise())


def test_warm_up_leaves_no_trace(model: NativeModel) -> None:
    fresh = played(model, noise(), [4] * 10)
    model.warm_up(3)
    assert_equal(played(model, noise(), [4] * 10), fresh)


@pytest.mark.parametrize("hops", [1, 8])
def test_no_allocation_stays(model: NativeModel, hops: int) -> None:
    audio, out = noise(hops), np.empty(hops * HOP, np.float32)
    mean, std = np.empty((hops, LATENTS), np.float32), np.empty((hops, LATENTS), np.float32)

    def block() -> None:
        model.encode(audio, mean, std)
        model.decode(mean, out)

    assert_no_net_allocation(block)
