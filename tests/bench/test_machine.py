"""What is read off the machine."""

import pytest

from rtvae.bench.machine import Disturbance, cpu_model, facts, steal_share

CPU_INFO = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R): 2.10GHz
cache size\t: 1024 KB

processor\t: 1
model name\t: another
"""


def test_the_processor_is_the_first_that_is_named() -> None:
    assert cpu_model(CPU_INFO) == "Intel(R) Xeon(R): 2.10GHz"
    assert cpu_model("CPU part\t: 0xd0c\n") == ""


def test_the_stolen_share_is_of_all_time_between_two_looks() -> None:
    before = "cpu  100 0 50 1000 0 0 0 10 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
    after = "cpu  130 0 60 1040 0 0 0 30 0 0\n"
    assert steal_share(before, after) == pytest.approx(20 / 100)
    assert steal_share(before, before) == 0.0
    assert steal_share("", "") is None


def test_the_facts_name_what_a_figure_depends_on() -> None:
    got = facts()
    assert got["cpu"] and got["cores"] >= 1
    assert "onnxruntime" in got or "onnxruntime-gpu" in got


def test_disturbance_counts_from_its_making() -> None:
    got = Disturbance().so_far()
    assert got["involuntary_switches"] >= 0
    assert got["steal_share"] is None or 0.0 <= got["steal_share"] <= 1.0
