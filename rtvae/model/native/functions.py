"""Functions: exp, log, sine and their kin on vectors, as polynomials, good to a few last places.

NaN comes out as NaN; overflow gives infinity; numbers too small for full precision count as zero.
No branch depends on the data. Coefficients: the minimax sets of Cephes (Moshier, single
precision: expf.c, logf.c, tanhf.c); the sine is Taylor's series up to x^11, whose next term is
below 6e-8 on [-pi/2, pi/2].
"""

import math
from collections.abc import Callable

from rtvae.model.native.code import Code

ROUNDER = 12582912.0  # 1.5 * 2^23: adding it leaves the nearest whole number in the low bits
ROUNDER_BITS = 0x4B400000
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4
PI_PARTS = (3.140625, 9.67502593994140625e-4, 1.509957990978376432e-7)
EXP_MOST, EXP_LEAST = 88.72283, -87.33654

_EXP = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5)
_LOG = (
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
)
_TANH = (
    -5.70498872745e-3,
    2.06390887954e-2,
    -5.37397155531e-2,
    1.33314422036e-1,
    -3.33332819422e-1,
)
_SINE = tuple((-1.0) ** (n // 2) / math.factorial(n) for n in (11, 9, 7, 5, 3))


def polynomial(code: Code, x: str, coefficients: tuple[float, ...]) -> str:
    """Evaluate by Horner's rule, highest power first."""
    result = code.number(coefficients[0])
    for coefficient in coefficients[1:]:
        result = code.fma(result, x, code.number(coefficient))
    return result


def _whole(code: Code, x: str, scale: float, shift: float = 0.0) -> tuple[str, str]:
    """Return round(x * scale + shift) as floats and as int32."""
    raised = code.fma(x, code.number(scale), code.number(ROUNDER + shift))
    near = code.float_op("fsub", raised, code.number(ROUNDER))
    return near, code.int_op("sub", code.bits(raised), f"splat (i32 {ROUNDER_BITS})")


def exp(code: Code, x: str) -> str:
    """e to the x: 2^n e^r with |r| <= ln 2 / 2."""
    near, n = _whole(code, x, 1.0 / math.log(2.0))
    r = code.fma(near, code.number(-LN2_HIGH), x)
    r = code.fma(near, code.number(-LN2_LOW), r)
    square = code.float_op("fmul", r, r)
    y = code.fma(polynomial(code, r, _EXP), square, r)
    y = code.float_op("fadd", y, code.number(1.0))
    # 2^n in two factors: 2^128 alone is no float.
    half = code.int_op("ashr", n, "splat (i32 1)")
    for part in (half, code.int_op("sub", n, half)):
        biased = code.int_op("add", part, "splat (i32 127)")
        y = code.float_op("fmul", y, code.unbits(code.int_op("shl", biased, "splat (i32 23)")))
    high = code.float_op("fcmp ogt", x, code.number(EXP_MOST))
    low = code.float_op("fcmp olt", x, code.number(EXP_LEAST))
    y = code.select(high, code.number(math.inf), y)
    return code.select(low, "zeroinitializer", y)


def _log_near_one(code: Code, f: str) -> tuple[str, str]:
    """Return log(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2) as a large and a small part."""
    square = code.float_op("fmul", f, f)
    y = code.float_op("fmul", polynomial(code, f, _LOG), code.float_op("fmul", f, square))
    return f, code.fma(square, code.number(-0.5), y)


def _log_sum(code: Code, f: str, exponent: str) -> str:
    large, small = _log_near_one(code, f)
    small = code.fma(exponent, code.number(LN2_LOW), small)
    sum_ = code.float_op("fadd", large, small)
    return code.fma(exponent, code.number(LN2_HIGH), sum_)


def log(code: Code, x: str) -> str:
    """The natural logarithm: -inf of 0, NaN of a negative number."""
    offset = code.int_op("sub", code.bits(x), "splat (i32 1060439283)")  # the bits of sqrt(1/2)
    exponent = code.int_op("ashr", offset, "splat (i32 23)")
    shifted = code.int_op("shl", exponent, "splat (i32 23)")
    mantissa = code.unbits(code.int_op("sub", code.bits(x), shifted))
    f = code.float_op("fsub", mantissa, code.number(1.0))
    y = _log_sum(code, f, code.let(f"sitofp {code.ints} {exponent} to {code.floats}"))
    y = code.select(code.float_op("fcmp ueq", x, code.number(math.inf)), x, y)
    y = code.select(code.float_op("fcmp olt", x, "zeroinitializer"), code.number(math.nan), y)
    tiny = code.float_op("fcmp olt", code.unary("fabs", x), code.number(2.0**-126))
    return code.select(tiny, code.number(-math.inf), y)


def sin(code: Code, x: str) -> str:
    """The sine; exact reduction up to some ten thousand radians."""
    near, n = _whole(code, x, 1.0 / math.pi)
    return _sine_of_rest(code, x, near, n)


def cos(code: Code, x: str) -> str:
    """The cosine: the sine half a turn of pi further, reduced as exactly."""
    raised = code.fma(x, code.number(1.0 / math.pi), code.number(0.5))
    near, n = _whole(code, raised, 1.0)
    return _sine_of_rest(code, x, code.float_op("fsub", near, code.number(0.5)), n)


def _sine_of_rest(code: Code, x: str, near: str, n: str) -> str:
    r = x
    for part in PI_PARTS:
        r = code.fma(near, code.number(-part), r)
    square = code.float_op("fmul", r, r)
    cubed = code.float_op("fmul", square, r)
    y = code.fma(polynomial(code, square, _SINE), cubed, r)
    sign = code.int_op("shl", n, "splat (i32 31)")
    return code.unbits(code.int_op("xor", code.bits(y), sign))


def sigmoid(code: Code, x: str) -> str:
    """1 / (1 + e^-x)."""
    grown = code.float_op("fadd", exp(code, code.let(f"fneg {code.floats} {x}")), code.number(1.0))
    return code.float_op("fdiv", code.number(1.0), grown)


def tanh(code: Code, x: str) -> str:
    """A polynomial near 0, else by e^-2|x|."""
    size = code.unary("fabs", x)
    t = exp(code, code.float_op("fmul", size, code.number(-2.0)))
    one = code.number(1.0)
    far = code.float_op("fdiv", code.float_op("fsub", one, t), code.float_op("fadd", one, t))
    far = code.binary("copysign", far, x)
    square = code.float_op("fmul", x, x)
    near = code.float_op("fmul", polynomial(code, square, _TANH), code.float_op("fmul", square, x))
    near = code.float_op("fadd", near, x)
    return code.select(code.float_op("fcmp olt", size, code.number(0.625)), near, far)


def softplus(code: Code, x: str) -> str:
    """log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)."""
    t = exp(code, code.let(f"fneg {code.floats} {code.unary('fabs', x)}"))
    big = code.float_op("fcmp ogt", t, code.number(math.sqrt(2.0) - 1.0))
    halved = code.fma(t, code.number(0.5), code.number(-0.5))
    f = code.select(big, halved, t)
    y = _log_sum(code, f, code.select(big, code.number(1.0), "zeroinitializer"))
    return code.float_op("fadd", code.binary("maximum", x, "zeroinitializer"), y)


FUNCTIONS: dict[str, Callable[[Code, str], str]] = {
    "exp": exp,
    "log": log,
    "sin": sin,
    "cos": cos,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "softplus": softplus,
}
