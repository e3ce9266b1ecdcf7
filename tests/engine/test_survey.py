"""The survey: every block size is judged by its own usual cost and by the bad moments of all."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rtvae.engine import survey as under_test
from rtvae.engine.governor import recommended
from rtvae.engine.survey import measure_blocks, survey
from rtvae.model.identity import IdentityModel
from rtvae.model.live import LiveModel

RATE_HZ = 48_000


def _measured(models: tuple[LiveModel, ...], rate_hz: int, size: int) -> NDArray[np.float64]:
    """A hop of 64 frames costs 0.6 ms; once in a thousand blocks 0.5 ms are lost."""
    taken = np.full(1000, 0.6e-3 * max(1, size // 64))
    taken[[10, 500]] += 0.5e-3
    return taken


def test_each_way_to_play_is_judged() -> None:
    ways = survey((IdentityModel(64),), RATE_HZ, _measured, (64, 128, 256))
    by = {(way.block_size, way.buffered): way for way in ways}
    assert len(by) == 6
    assert by[64, False].usual_share == pytest.approx(0.45)
    assert by[64, False].high_share == pytest.approx(0.825)
    assert not by[64, False].fits
    assert by[64, True].fits
    assert by[256, False].high_share == pytest.approx(0.45 + 0.5e-3 * RATE_HZ / 256)
    assert [by[64, k].latency_frames for k in (False, True)] == [0, 64]
    assert recommended(ways) == by[64, True]


def test_blocks_are_really_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "FEWEST_BLOCKS", 3)
    monkeypatch.setattr(under_test, "MOST_BLOCKS", 3)
    heard: list[int] = []

    class Listening(IdentityModel):
        def encode(
            self, audio: NDArray[np.float32], mean: NDArray[np.float32], std: NDArray[np.float32]
        ) -> None:
            if audio.any():
                heard.append(audio.shape[0])
            super().encode(audio, mean, std)

    taken = measure_blocks((Listening(64), IdentityModel(32)), RATE_HZ, 128)
    assert taken.shape == (3,)
    assert (taken > 0.0).all()
    assert heard == [128, 128, 128]
