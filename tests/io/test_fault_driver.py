"""The failing device keeps to its script, in virtual time."""

import numpy as np
import pytest

from rtvae.errors import DeviceBusyError, NoDeviceError
from rtvae.io.clocks import VirtualClock
from rtvae.io.drivers import Audio, Request
from rtvae.io.fault_driver import FaultDriver, FaultScript
from rtvae.model.identity import IdentityModel
from tests.support.rig import RATE_HZ, Rig, largest_step, noise, tone

PERIOD_S = 128 / RATE_HZ


def _copy(heard: Audio, played: Audio, flags: int) -> None:
    played[:] = heard


def test_opening_fails_as_often_as_told() -> None:
    errors = (NoDeviceError("none"), DeviceBusyError("busy"))
    driver = FaultDriver(FaultScript(1, open_errors=errors), VirtualClock())
    with pytest.raises(NoDeviceError):
        driver.open(Request(RATE_HZ))
    with pytest.raises(DeviceBusyError):
        driver.open(Request(RATE_HZ))
    assert driver.open(Request(RATE_HZ)).stream.block_size == 128


def test_random_block_sizes_are_announced_and_the_same_each_time() -> None:
    def play() -> list[int]:
        script = FaultScript(200, block_sizes=(1, 8192))
        driver = FaultDriver(script, VirtualClock(), noise(100_000))
        assert driver.open(Request(RATE_HZ)).stream.block_size == 0
        driver.run(_copy, lambda: False)
        assert np.array_equal(np.concatenate(driver.played)[:100_000, 0], noise(100_000))
        return [block.shape[0] for block in driver.played]

    sizes = play()
    assert play() == sizes
    assert min(sizes) < 500 < 7500 < max(sizes)


def test_late_and_frozen_blocks_take_their_time_and_only_late_ones_are_flagged() -> None:
    clock, seen, idle = VirtualClock(), [], []
    script = FaultScript(10, late_blocks={3: 0.05}, frozen_blocks={6: 0.5})
    driver = FaultDriver(script, clock, idle=idle.append)
    driver.open(Request(RATE_HZ))
    driver.run(lambda heard, played, flags: seen.append((clock.now(), flags)), lambda: False)
    moments = [moment for moment, _ in seen]
    assert moments[3] - moments[2] == pytest.approx(PERIOD_S + 0.05)
    assert moments[6] - moments[5] == pytest.approx(PERIOD_S + 0.5)
    assert [k for k, (_, flags) in enumerate(seen) if flags] == [3]
    assert len(idle) == 55


def test_a_device_that_vanishes_stops_calling_but_does_not_end() -> None:
    clock, waited = VirtualClock(), []
    driver = FaultDriver(FaultScript(100, vanish_block=5), clock, idle=waited.append)
    driver.open(Request(RATE_HZ))
    driver.run(_copy, lambda: len(waited) >= 30)
    assert len(driver.played) == 5
    assert clock.now() == pytest.approx(5 * PERIOD_S + 0.3)


def test_the_whole_path_rides_out_a_bad_device() -> None:
    script = FaultScript(
        400, block_sizes=(1, 700), nan_blocks={150}, late_blocks={200: 0.3}, seed=3
    )
    source = tone(400_000)
    driver = FaultDriver(script, VirtualClock(), source)
    rig = Rig(IdentityModel(64), declared=driver.open(Request(RATE_HZ)).stream.block_size)
    driver.run(rig.callback, lambda: False)
    sounded = np.concatenate(driver.played)[:, 0]
    starts = np.cumsum([0] + [block.shape[0] for block in driver.played])
    assert np.isfinite(sounded).all()
    assert np.array_equal(sounded[63 : starts[150]], source[: starts[150] - 63])
    after = starts[151] + 63
    assert np.array_equal(sounded[after:], source[starts[151] : starts[151] + len(sounded) - after])
    assert rig.count("guard_repairs") == 1
    assert rig.count("output_underflows") == rig.count("input_overflows") == 1
    assert largest_step(sounded[: starts[150]]) < 2 * largest_step(source)
