"""The product kernel: rows times packed weights, plus what follows, blocked in registers.

    out[m, n] = leaky(c[m, n] + sum over tap, k of a[m * a_row + tap * a_tap + k] * b[...]) * s[m]

`b` is read as panels of `width` vectors: for each panel all k in order, so that packed weights
stream through once; the same kernel reads a plain row-major matrix. A row of `a` is `taps`
stretches of `depth` floats: the rows of a window that a dilated convolution looks at, unmoved.
Each stretch is summed by itself, and those sums are added: less rounding than in one long sum.
"""

from dataclasses import dataclass
from enum import IntEnum, auto

from rtvae.model.native.code import Code

ENOUGH_CHAINS = 8  # sums under way at once: two multiply-adds a cycle, each ready after four


class Word(IntEnum):
    """The words of a product, in order."""

    A = 0
    A_ROW = auto()
    TAPS = auto()
    A_TAP = auto()
    DEPTH = auto()
    B = auto()
    B_STEP = auto()  # from one k to the next
    PANELS = auto()
    B_PANEL = auto()
    C = auto()
    C_ROW = auto()
    OUT = auto()
    OUT_ROW = auto()
    BLOCKS = auto()  # blocks of `rows` rows
    LEAK = auto()  # the bits of a float32: what negative results are multiplied by
    SCALE = auto()
    SCALE_ROW = auto()
    LANES = auto()  # of the last vector, if masked


@dataclass(frozen=True)
class Product:
    """A product over blocks of `rows` rows and panels of `width` vectors.

    `masked`: the panel is one vector of which only the first lanes exist.
    """

    width: int
    rows: int
    masked: bool = False

    def emit(self, code: Code) -> None:
        """Write the kernel."""
        word = {w: code.word(w) for w in Word}
        leak = code.splat(
            code.let(f"bitcast i32 {code.let(f'trunc i64 {word[Word.LEAK]} to i32')} to float")
        )
        mask = code.first_lanes(word[Word.LANES]) if self.masked else ""
        pointers = {
            w: code.let(f"inttoptr i64 {word[w]} to ptr")
            for w in (Word.A, Word.B, Word.C, Word.OUT, Word.SCALE)
        }

        def panel(p: str, _: list[str]) -> list[str]:
            b = code.at(pointers[Word.B], code.mul(p, word[Word.B_PANEL]))
            column = code.mul(p, str(self.width * code.lanes))

            def block(n: str, _: list[str]) -> list[str]:
                self._block(code, word, pointers, b, column, n, leak, mask)
                return []

            code.loop(word[Word.BLOCKS], block)
            return []

        code.loop(word[Word.PANELS], panel)

    def _block(
        self,
        code: Code,
        word: dict[Word, str],
        pointers: dict[Word, str],
        b: str,
        column: str,
        block: str,
        leak: str,
        mask: str,
    ) -> None:
        rows = [code.add(code.mul(block, str(self.rows)), str(r)) for r in range(self.rows)]

        def row_of(pointer: Word, stride: Word, r: str, extra: str = "0") -> str:
            return code.at(pointers[pointer], code.add(code.mul(r, word[stride]), extra))

        starts = [row_of(Word.A, Word.A_ROW, r) for r in rows]
        sums = [
            code.load(self._vector(code, row_of(Word.C, Word.C_ROW, r, column), v), mask)
            for r in rows
            for v in range(self.width)
        ]
        for k, total in enumerate(self._sums(code, word, starts, b, sums, mask)):
            r, v = divmod(k, self.width)
            negative = code.float_op("fcmp olt", total, "zeroinitializer")
            bent = code.select(negative, code.float_op("fmul", total, leak), total)
            scale = code.load_splat(row_of(Word.SCALE, Word.SCALE_ROW, rows[r]))
            result = code.float_op("fmul", bent, scale)
            out = row_of(Word.OUT, Word.OUT_ROW, rows[r], column)
            code.store(result, self._vector(code, out, v), mask)

    def _vector(self, code: Code, pointer: str, v: int) -> str:
        return code.at(pointer, str(v * code.lanes)) if v else pointer

    def _sums(
        self,
        code: Code,
        word: dict[Word, str],
        starts: list[str],
        b: str,
        sums: list[str],
        mask: str,
    ) -> list[str]:
        """Sum over taps and depth; short blocks keep several sums for each result."""
        chains = len(sums)
        unroll = -(-ENOUGH_CHAINS // chains)
        depth = word[Word.DEPTH]
        whole = depth
        if unroll > 1:
            whole = code.let(f"sub i64 {depth}, {code.let(f'urem i64 {depth}, {unroll}')}")

        def step(a: list[str], b_at: str, totals: list[str], steps: int) -> list[str]:
            totals = list(totals)
            for u in range(steps):
                if u:
                    b_at = code.at(b_at, word[Word.B_STEP])
                weights = [code.load(self._vector(code, b_at, v), mask) for v in range(self.width)]
                for m, start in enumerate(a):
                    x = code.load_splat(code.at(start, str(u)) if u else start)
                    for v, weight in enumerate(weights):
                        k = u * chains + m * self.width + v
                        totals[k] = code.fma(x, weight, totals[k])
            return totals

        def tap(t: str, totals: list[str]) -> list[str]:
            shift = code.mul(t, word[Word.A_TAP])
            a = [code.at(start, shift) for start in starts]
            b_tap = code.at(b, code.mul(code.mul(t, depth), word[Word.B_STEP]))

            def part(origin: str, count: str, steps: int, values: list[str]) -> list[str]:
                def body(k: str, values: list[str]) -> list[str]:
                    at = code.add(origin, k)
                    b_at = code.at(b_tap, code.mul(at, word[Word.B_STEP]))
                    return step([code.at(x, at) for x in a], b_at, values, steps)

                return code.loop(count, body, [(code.floats, x) for x in values], steps)

            values = part("0", whole, unroll, ["zeroinitializer"] * (chains * unroll))
            if unroll > 1:
                values = part(whole, code.let(f"sub i64 {depth}, {whole}"), 1, values)
            while len(values) > chains:
                half = len(values) // chains // 2 * chains
                pairs = zip(values[:half], values[-half:], strict=True)
                values = [code.float_op("fadd", x, y) for x, y in pairs] + values[half:-half]
            return [code.float_op("fadd", x, y) for x, y in zip(totals, values, strict=True)]

        return code.loop(word[Word.TAPS], tap, [(code.floats, x) for x in sums])
