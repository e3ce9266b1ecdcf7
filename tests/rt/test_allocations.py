"""The audio thread keeps nothing: over 1,000 blocks of the whole path no memory is left behind."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rtvae.control.parameters import index_of
from rtvae.io.drivers import UNPACED
from rtvae.model.identity import IdentityModel
from rtvae.model.live import LiveModel
from rtvae.model.load import load_model
from tests.support.everything import everything
from tests.support.fake_model import ScriptedModel
from tests.support.rig import Rig, noise
from tests.support.toy_model import make_stateless_model, make_toy_model

BLOCKS = 1000
KEPT_BLOCKS = 16
KEPT_BYTES = 2048


def _identity(folder: Path) -> LiveModel:
    return IdentityModel(64, latents=16)


def _network(folder: Path) -> LiveModel:
    return load_model(make_toy_model(folder / "toy", latents=16))


def _stateless(folder: Path) -> LiveModel:
    return load_model(make_stateless_model(folder / "window"))


def _failing(folder: Path) -> LiveModel:
    return ScriptedModel(spoil=lambda hop, audio: audio.fill(np.nan) if hop % 50 == 0 else None)


def _still(rig: Rig, block: int) -> None:
    pass


def _turning(rig: Rig, block: int) -> None:
    rig.set(mix=block % 7 / 7, latent__1__offset=block % 5, output_gain_db=block % 3)
    rig.set(mute=float(block % 97 > 90), variation=block % 2)


def _moving(rig: Rig, block: int) -> None:
    """Latents move by themselves in every way, and the tone comes and goes."""
    if rig.reader.values[index_of("feedback")] == 0.0:
        rig.set(**{name.replace(".", "__"): value for name, value in everything(16).items()})
    rig.set(looper=1.0 + block // 60 % 3, latent__4__freeze=float(block // 40 % 2))
    rig.set(test_tone=float(block // 80 % 2), beat=float(block // 50))


MODELS = [_identity, _network, _stateless, _failing]


@pytest.mark.parametrize("company", [_still, _turning, _moving])
@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("size", [64, 480])
def test_no_net_allocation_over_a_thousand_blocks(
    make: Callable[[Path], LiveModel],
    company: Callable[[Rig, int], None],
    size: int,
    tmp_path: Path,
) -> None:
    rig = Rig(make(tmp_path), size, channels=((0,), (0, 1)))
    heard = noise(size)[:, None]
    played = np.empty((size, 2), np.float32)

    def play(blocks: int) -> None:
        for block in range(blocks):
            company(rig, block)
            rig.callback(heard, played, 0)

    _assert_nothing_is_kept(play)


def _assert_nothing_is_kept(play: Callable[[int], None]) -> None:
    gc.collect()
    gc.disable()
    try:
        play(BLOCKS)
        before = sys.getallocatedblocks()
        play(BLOCKS)
        kept = sys.getallocatedblocks() - before
        tracemalloc.start()
        play(20)
        first, _ = tracemalloc.get_traced_memory()
        play(BLOCKS)
        last, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert kept <= KEPT_BLOCKS
    assert last - first < KEPT_BYTES


def test_the_collector_has_nothing_to_find() -> None:
    rig = Rig(IdentityModel(64, latents=4), 64)
    gc.collect()
    gc.disable()
    try:
        rig.play_blocks(BLOCKS)
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("flags", [0, UNPACED])
def test_buffered_inference_keeps_nothing_in_time_or_late(flags: int, tmp_path: Path) -> None:
    rig = Rig(_network(tmp_path), 64, buffered=True)
    heard, played = noise(64)[:, None], np.empty((64, 1), np.float32)

    def play(blocks: int) -> None:
        for _ in range(blocks):
            rig.callback(heard, played, flags)

    try:
        _assert_nothing_is_kept(play)
    finally:
        rig.path.voice.close()
