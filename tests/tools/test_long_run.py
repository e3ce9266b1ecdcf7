"""The long runs' judgement: what counts as growth, what as late, and a short run of each kind."""

import numpy as np
import pytest

import growth
import live
import long_run
from growth import Holdings, faults, slope_kib


def looks(kib: list[int], **others: list[int]) -> list[tuple[float, Holdings]]:
    rest = {name: others.get(name, [5] * len(kib)) for name in ("threads", "handles", "mappings")}
    return [
        (float(k), Holdings(kib[k], rest["threads"][k], rest["handles"][k], rest["mappings"][k], 3))
        for k in range(len(kib))
    ]


def test_settling_and_noise_are_no_growth() -> None:
    settling = [50_000, 80_000, *(100_000 + 300 * (k % 3) for k in range(20))]
    assert faults(looks(settling)) == []
    assert abs(slope_kib(looks(settling))) < 50.0


def test_memory_that_rises_is_growth_and_has_a_slope() -> None:
    rising = [100_000 + 500 * k for k in range(30)]
    (fault,) = faults(looks(rising))
    assert "resident memory" in fault
    assert slope_kib(looks(rising)) == pytest.approx(500.0)


@pytest.mark.parametrize(("name", "more"), [("threads", 1), ("handles", 1), ("mappings", 33)])
def test_anything_else_that_stays_up_is_growth(name: str, more: int) -> None:
    flat = [100_000] * 20
    assert faults(looks(flat, **{name: [5] * 10 + [99] + [5] * 9})) == [], "a passing one"
    (fault,) = faults(looks(flat, **{name: [5] * 10 + [5 + more] * 10}))
    assert name in fault


def test_this_process_can_be_looked_at() -> None:
    held = Holdings.of()
    assert held.resident_kib > 1000 and held.threads >= 1 and held.handles >= 3
    assert held.mappings > held.shared_mappings


def test_late_blocks_are_measured_by_a_client_that_does_nothing() -> None:
    idle = {"blocks": 100_000, "late": 20, "lost": 20}
    # 1.5 times 40 of its 100,000, and 0.05 % of ours: 60 + 50.
    assert long_run.late_faults({"blocks": 100_000, "late": 60, "lost": 50}, idle) == []
    assert long_run.late_faults({"blocks": 100_000, "late": 60, "lost": 51}, idle)
    half = {"blocks": 50_000, "late": 10, "lost": 10}
    assert long_run.late_faults({"blocks": 100_000, "late": 110, "lost": 0}, half) == []


def test_blocks_in_freewheel_are_all_played(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests of this process hold more or less from moment to moment.
    monkeypatch.setattr(growth, "MOST_GROWTH_KIB", 1 << 20)
    assert long_run.main(["freewheel", "--blocks", "600", "--model", "transform"]) == 0
    out = capsys.readouterr().out
    assert "600 blocks" in out and "pass: nothing grew" in out


def test_a_live_stream_is_summed_up_by_part() -> None:
    timing = np.tile(np.array([[100.0, 30.0, 10.0, 40.0, 20.0]], np.float32), (2001, 1))
    timing[0] = [900.0, 30.0, 10.0, 40.0, 820.0]
    timing[:500, 4] -= 5.0
    costs = live.summarise(timing)
    assert costs["total"] == pytest.approx((100.0, 100.0, 100.0))
    assert costs["all but the model"][:2] == pytest.approx((25.0, 30.0))
    assert "pass" in live.report(64, 48_000, timing, 0)
    timing[:, 4] += 31.0
    assert "FAIL" in live.report(64, 48_000, timing, 0)
