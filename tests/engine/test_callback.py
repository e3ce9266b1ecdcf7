"""The callback counts what was lost and what was late, block by block."""

import time

import numpy as np
import pytest

from rtvae.io.drivers import INPUT_OVERFLOW, OUTPUT_UNDERFLOW
from rtvae.model.identity import IdentityModel
from tests.support.rig import Rig


@pytest.mark.parametrize(
    ("flags", "overflows", "underflows"),
    [
        (0, 0, 0),
        (INPUT_OVERFLOW, 1, 0),
        (OUTPUT_UNDERFLOW, 0, 1),
        (INPUT_OVERFLOW | OUTPUT_UNDERFLOW, 1, 1),
    ],
)
def test_lost_sound_is_counted(flags: int, overflows: int, underflows: int) -> None:
    rig = Rig(IdentityModel(64))
    block = np.zeros((64, 1), np.float32)
    rig.callback(block, block.copy(), flags)
    assert rig.count("input_overflows") == overflows
    assert rig.count("output_underflows") == underflows
    assert rig.count("blocks") == 1


def test_a_block_that_takes_longer_than_its_period_is_counted_as_late() -> None:
    class Slow(IdentityModel):
        def encode(self, audio: object, mean: object, std: object) -> None:
            super().encode(audio, mean, std)  # type: ignore[arg-type]
            time.sleep(0.01)

    rig = Rig(Slow(64), 64)
    rig.play_blocks(3)
    assert rig.count("late_blocks") == 3
    costs, _ = rig.telemetry.timing(3)
    assert (costs[:, 1] >= 10_000).all()
    assert (costs[:, 0] >= costs[:, 1]).all()
