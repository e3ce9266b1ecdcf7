"""A product of any size, on any layout of its operands, is that of NumPy."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rtvae.model.native.compile import compiler
from rtvae.model.native.pool import Pool
from rtvae.model.native.products import Pending, emit, packed, unpacked
from rtvae.model.native.steps import Steps
from rtvae.model.native.views import View, whole
from tests.support.native import run_steps

Floats = NDArray[np.float32]
EDGE = 1000.0


def random(*shape: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def compute(steps: Steps, product: Pending, rows: int, columns: int) -> Floats:
    """Compute into the middle of a larger matrix and check that nothing around it was touched."""
    around = steps.scratch((rows + 2, columns + 2))
    steps.map(steps.pool.view(np.full((rows + 2, columns + 2), EDGE, np.float32)), around)
    dims = ((rows, columns + 2), (columns, 1))
    to = View(around.buffer, columns + 3, dims, (rows, columns))
    machine = compiler()
    emit(steps, product, to, machine.registers, machine.lanes)
    made = run_steps(steps, around)
    inner = made[1:-1, 1:-1].copy()
    made[1:-1, 1:-1] = EDGE
    assert (made == EDGE).all()
    return inner


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 7, 8, 16, 21])
@pytest.mark.parametrize(("depth", "columns"), [(1, 1), (3, 5), (17, 16), (130, 33), (64, 200)])
def test_constant_weights(rows: int, depth: int, columns: int) -> None:
    steps = Steps(Pool())
    a, b, c = random(rows, depth), random(depth, columns, seed=1), random(rows, columns, seed=2)
    scale = random(rows, 1, seed=3)
    product = Pending(
        steps.pool.view(a),
        packed(b, steps.pool, compiler().lanes),
        steps.pool.view(c),
        rows,
        depth,
        columns,
        (rows, columns),
        leak=0.25,
        scale=steps.pool.view(scale),
    )
    wanted = c.astype(np.float64) + a.astype(np.float64) @ b
    wanted = np.where(wanted < 0, 0.25 * wanted, wanted) * scale
    np.testing.assert_allclose(compute(steps, product, rows, columns), wanted, atol=1e-4)


@pytest.mark.parametrize(("taps", "dilation", "columns"), [(3, 1, 24), (3, 9, 7), (2, 4, 64)])
def test_the_rows_of_a_dilated_window_are_read_where_they_are(
    taps: int, dilation: int, columns: int
) -> None:
    steps, rows, channels = Steps(Pool()), 5, 12
    window = random(rows + (taps - 1) * dilation, channels)
    b = random(taps * channels, columns, seed=1)
    lying = steps.pool.view(window)
    dims = ((rows, channels), (taps, dilation * channels), (channels, 1))
    a = View(lying.buffer, 0, dims, (rows, taps * channels))
    zeros = steps.pool.view(np.zeros((rows, columns), np.float32))
    weights = packed(b, steps.pool, compiler().lanes)
    product = Pending(a, weights, zeros, rows, taps * channels, columns, (rows, columns))
    places = np.arange(rows)[:, None] + dilation * np.arange(taps)
    wanted = window[places].reshape(rows, -1).astype(np.float64) @ b
    np.testing.assert_allclose(compute(steps, product, rows, columns), wanted, atol=1e-4)


@pytest.mark.parametrize("columns", [1, 16, 37, 209])
def test_weights_are_read_where_they_are(columns: int) -> None:
    steps, rows, depth = Steps(Pool()), 3, 6
    a, b = random(rows, depth), random(depth, columns, seed=1)
    zeros = steps.pool.view(np.zeros((rows, columns), np.float32))
    lying = steps.pool.view(b)
    weights = unpacked(lying, columns, depth, columns, compiler().lanes)
    product = Pending(steps.pool.view(a), weights, zeros, rows, depth, columns, (rows, columns))
    np.testing.assert_allclose(
        compute(steps, product, rows, columns), a.astype(np.float64) @ b, atol=1e-5
    )


def test_weights_beyond_their_buffer_are_refused() -> None:
    lying = whole(Pool().raw(np.zeros((4, 4), np.float32)), (4, 4))
    with pytest.raises(ValueError, match="out of its buffer"):
        unpacked(lying, 4, 5, 4, 16)
