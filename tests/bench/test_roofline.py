"""The limit is the larger of reading and multiplying."""

import sys
from pathlib import Path

import numpy as np
import pytest

from rtvae.bench.distant import Distant
from rtvae.bench.pacing import Record
from rtvae.bench.reader import Reader, fastest, matrix_rate, ways_to_read
from rtvae.bench.roofline import Rates, roofline

ROOT = Path(__file__).resolve().parents[2]


def reading(*took_us: float) -> Record:
    record = Record.of(len(took_us))
    record.encoder_s[:] = 1e-6 * np.array(took_us)
    return record


def test_few_products_are_bound_by_reading_and_many_by_multiplying() -> None:
    rates = Rates(operations_per_s=100e9, bytes_per_s=40e9)
    # 4 MB at 40 GB/s take 100 us; 2 M products are 4 M operations, at 100 G/s 40 us.
    light = roofline(reading(150.0, 160.0, 170.0), rates, 1_000_000, 2e6)
    assert light.hot_read_us == pytest.approx(100.0)
    assert light.compute_us == pytest.approx(40.0)
    assert (light.limit_us, light.hot_limit_us) == pytest.approx((160.0, 100.0))
    assert light.tail_us == pytest.approx(170.0)
    heavy = roofline(reading(150.0, 160.0, 170.0), rates, 1_000_000, 20e6)
    assert heavy.limit_us == heavy.tail_us == heavy.hot_limit_us == pytest.approx(400.0)


def test_every_way_of_reading_reads_every_number() -> None:
    """A way that skipped numbers would be too fast: each number must be able to change it."""
    for weights in (10, 100_000):
        for way in ways_to_read(weights):
            assert np.all(np.isfinite(np.asarray(way())))
    squares, sums = (np.asarray(way()) for way in ways_to_read(1024))
    numbers = np.random.default_rng(3).random(1024, np.float32)
    assert float(squares) == pytest.approx(float((numbers.astype(float) ** 2).sum()), rel=1e-5)
    assert sums == pytest.approx(numbers.reshape(4, 256) @ numbers[:256], rel=1e-5)


def test_the_fastest_way_is_taken() -> None:
    def slow() -> None:
        sum(range(20_000))

    def quick() -> None:
        pass

    assert fastest([slow, quick]) is quick


def test_a_reader_takes_time_and_a_core_multiplies() -> None:
    reader = Reader(10_000)
    reader.prepare()
    reader.play()
    took_s, control_s, decoder_s = reader.parts_s()
    assert took_s > 0.0 and control_s == decoder_s == 0.0
    assert matrix_rate() > 1e6


def test_the_reader_answers_from_a_process_of_its_own() -> None:
    reader = Distant([sys.executable, "-m", "rtvae.bench.reader", "50000"], modules=ROOT)
    try:
        first, second = (reader.ask({"do": "blocks", "frames": n}) for n in (64, 128))
        assert second["operations_per_s"] >= first["operations_per_s"] > 0.0
        assert second["bytes_per_s"] >= first["bytes_per_s"] > 0.0
        record = reader.turn(5, 1, 1e-3)
        assert record.total_s.shape == (5,) and np.all(record.played_s > 0.0)
    finally:
        reader.close()
