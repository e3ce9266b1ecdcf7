"""The vector functions are those of mathematics, and NaN stays NaN."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from rtvae.model.native.pool import Pool
from rtvae.model.native.steps import Steps, expression
from tests.support.native import run_steps

Floats = NDArray[np.float32]

RANGES = {
    "exp": (-85.0, 88.0),
    "log": (1e-30, 1e30),
    "sin": (-1000.0, 1000.0),
    "cos": (-1000.0, 1000.0),
    "tanh": (-12.0, 12.0),
    "sigmoid": (-80.0, 80.0),
    "softplus": (-60.0, 90.0),
}
EXACT: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "softplus": lambda x: np.logaddexp(0.0, x),
}


def compute(name: str, x: Floats) -> Floats:
    steps = Steps(Pool())
    out = steps.scratch(x.shape)
    steps.map(expression(name, [steps.pool.view(x)], x.shape), out)
    return run_steps(steps, out)


def places_off(made: Floats, exact: NDArray[np.float64]) -> float:
    """The largest error in last places of numbers from 1e-6 on, in 6e-14 below."""
    unit = np.spacing(np.maximum(np.abs(exact), 1e-6).astype(np.float32))
    return float(np.max(np.abs(made - exact) / unit))


@pytest.mark.parametrize("name", RANGES)
def test_a_function_is_good_to_a_few_last_places(name: str) -> None:
    low, high = RANGES[name]
    random = np.random.default_rng(0)
    if name == "log":
        x = np.exp(random.uniform(np.log(low), np.log(high), 20_001))
        x[:5000] = random.uniform(0.5, 2.0, 5000)
    else:
        x = random.uniform(low, high, 20_001)
        x[:5000] = random.uniform(-2.0, 2.0, 5000)
    x = x.astype(np.float32)
    made = compute(name, x)
    if name in ("sin", "cos"):
        assert np.max(np.abs(made - EXACT[name](x.astype(np.float64)))) < 3e-7
    else:
        assert places_off(made, EXACT[name](x.astype(np.float64))) <= 4.0


@pytest.mark.parametrize("name", RANGES)
def test_nan_stays_nan(name: str) -> None:
    made = compute(name, np.array([np.nan, 0.5, np.nan], np.float32))
    np.testing.assert_array_equal(np.isnan(made), [True, False, True])


def test_the_ends_of_the_numbers() -> None:
    infinite, zero = np.float32(np.inf), np.float32(0.0)
    x = np.array([infinite, -infinite, 100.0, -200.0, zero], np.float32)
    np.testing.assert_array_equal(compute("exp", x), [np.inf, 0.0, np.inf, 0.0, 1.0])
    np.testing.assert_array_equal(compute("tanh", x), [1.0, -1.0, 1.0, -1.0, 0.0])
    np.testing.assert_array_equal(compute("sigmoid", x), [1.0, 0.0, 1.0, 0.0, 0.5])
    np.testing.assert_array_equal(
        compute("log", np.array([0.0, -1.0, np.inf], np.float32)), [-np.inf, np.nan, np.inf]
    )
    np.testing.assert_array_equal(compute("softplus", x[:3]), [np.inf, 0.0, 100.0])
