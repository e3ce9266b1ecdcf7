"""A model on a device sounds as it does from arrays.

The device here is the processor: the binding, the memory that stays there and the thread are the
same, only CUDA is not.
"""

import gc
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rtvae.model.card import read_card
from rtvae.model.native.agreement import disagreement, played
from rtvae.model.ort import DeviceModel, OrtModel
from rtvae.model.ort.session import CPU, Memory
from tests.support.allocation import assert_no_net_allocation
from tests.support.toy_model import make_toy_model

HOP, LATENTS, HOPS = 64, 4, 96
Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy", HOP, LATENTS)


@pytest.fixture
def model(folder: Path) -> DeviceModel:
    return DeviceModel(folder, read_card(folder), CPU)


def sound() -> Floats:
    return np.random.default_rng(0).uniform(-0.5, 0.5, HOPS * HOP).astype(np.float32)


def test_it_equals_ort_model_however_the_sound_is_cut(folder: Path, model: DeviceModel) -> None:
    assert disagreement(model, OrtModel(folder, read_card(folder)), sound()) == ""


def test_reset_cures_nan_in_states_that_lie_on_the_device(model: DeviceModel) -> None:
    clean = played(model, sound(), [8] * 12)
    mean, std = np.empty((8, LATENTS), np.float32), np.empty((8, LATENTS), np.float32)
    poison = np.full(8 * HOP, np.nan, np.float32)
    model.encode(poison, mean, std)
    model.decode(mean, poison)
    model.encode(sound()[: 8 * HOP], mean, std)
    assert np.isnan(mean).any(), "the states were not poisoned"
    model.reset()
    for made, wanted in zip(played(model, sound(), [8] * 12), clean, strict=True):
        np.testing.assert_array_equal(made, wanted)


def test_warm_up_leaves_no_trace(model: DeviceModel) -> None:
    fresh = played(model, sound(), [4] * 24)
    model.warm_up(3)
    for made, wanted in zip(played(model, sound(), [4] * 24), fresh, strict=True):
        np.testing.assert_array_equal(made, wanted)


def test_it_may_be_played_from_any_thread(model: DeviceModel) -> None:
    wanted = played(model, sound(), [2] * 48)
    made: list[tuple[Floats, Floats, Floats]] = []
    thread = threading.Thread(target=lambda: made.append(played(model, sound(), [2] * 48)))
    thread.start()
    thread.join()
    for x, y in zip(made[0], wanted, strict=True):
        np.testing.assert_array_equal(x, y)


def test_no_allocation_stays(model: DeviceModel) -> None:
    audio, out = sound()[: 8 * HOP], np.empty(8 * HOP, np.float32)
    mean, std = np.empty((8, LATENTS), np.float32), np.empty((8, LATENTS), np.float32)

    def block() -> None:
        model.encode(audio, mean, std)
        model.decode(mean, out)

    assert_no_net_allocation(block)


def test_its_thread_goes_with_it(folder: Path) -> None:
    def threads() -> int:
        return sum(thread.name == "device" for thread in threading.enumerate())

    gc.collect()
    before = threads()
    model = DeviceModel(folder, read_card(folder), CPU)
    assert threads() == before + 1
    del model
    gc.collect()
    deadline = time.monotonic() + 10.0
    while threads() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads() == before


def test_memory_gives_back_what_was_written_and_its_last_rows_lie_at_its_end() -> None:
    memory = Memory((5, 3), CPU)
    numbers = np.arange(15, dtype=np.float32)
    memory.write(numbers)
    got = np.zeros((5, 3), np.float32)
    memory.read(got)
    np.testing.assert_array_equal(got.reshape(-1), numbers)
    whole, last = memory.place(), memory.last(2)
    assert last.shape == (2, 3)
    assert last.address - whole.address == 3 * 3 * 4
