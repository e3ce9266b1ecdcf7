"""The other kernels: fused maps and their folds, looking up rows, picking numbers, the largest.

A map computes a little program of operations on vectors over up to three dimensions, the last one
contiguous (or one number for all), and stores it, or folds each row into one number.
"""

import math
from dataclasses import dataclass

from rtvae.model.native.code import Code
from rtvae.model.native.functions import FUNCTIONS

OUTER, ROWS, COLUMNS, OUT, OUT_OUTER, OUT_ROW, LEAVES = range(7)
WORDS_OF_LEAF = 3  # address, step of the outer dimension, step of the rows

_ARITHMETIC = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_UNARY = {
    "sqrt": "sqrt",
    "abs": "fabs",
    "floor": "floor",
    "ceil": "ceil",
    "round": "roundeven",
    "trunc": "trunc",
}
_BINARY = {"max": "maximum", "min": "minimum"}
_COMPARE = {"ge": "oge", "gt": "ogt", "le": "ole", "lt": "olt", "eq": "oeq"}
OPERATIONS = frozenset([*_ARITHMETIC, *_UNARY, *_BINARY, *_COMPARE, *FUNCTIONS, "where", "neg"])

Instruction = tuple[str | float | int, ...]


@dataclass(frozen=True)
class Map:
    """A program on vectors; each instruction names earlier ones by their number.

    ("leaf", 1 or 0): the next operand, its columns contiguous or all the same number;
    ("number", value); (operation, i, ...). The last one is the result. `fold`: "" stores it;
    "fadd", "fmaximum", "fminimum" fold the columns of each row.
    """

    program: tuple[Instruction, ...]
    fold: str = ""

    def emit(self, code: Code) -> None:
        """Write the kernel."""
        sizes = [code.word(k) for k in (OUTER, ROWS, COLUMNS)]
        out, out_outer, out_row = code.pointer_word(OUT), code.word(OUT_OUTER), code.word(OUT_ROW)
        kinds = [int(i[1]) for i in self.program if i[0] == "leaf"]
        words = [LEAVES + WORDS_OF_LEAF * k for k in range(len(kinds))]
        leaves = [(code.pointer_word(w), code.word(w + 1), code.word(w + 2)) for w in words]

        def outer(o: str, _: list[str]) -> list[str]:
            def row(r: str, _: list[str]) -> list[str]:
                at = [
                    code.at(p, code.add(code.mul(o, by_o), code.mul(r, by_r)))
                    for p, by_o, by_r in leaves
                ]
                to = code.at(out, code.add(code.mul(o, out_outer), code.mul(r, out_row)))
                self._row(code, at, kinds, to, sizes[2])
                return []

            code.loop(sizes[1], row)
            return []

        code.loop(sizes[0], outer)

    def _row(self, code: Code, at: list[str], kinds: list[int], to: str, columns: str) -> None:
        fixed = {k: code.load_splat(p) for k, p in enumerate(at) if not kinds[k]}
        rest = code.let(f"urem i64 {columns}, {code.lanes}")
        whole = code.let(f"sub i64 {columns}, {rest}")
        lanes_left = code.first_lanes(rest)
        start = {"fadd": 0.0, "fmaximum": -math.inf, "fminimum": math.inf}.get(self.fold)

        def turn(column: str, values: list[str], mask: str) -> list[str]:
            result = self._compute(code, [code.at(p, column) for p in at], kinds, fixed, mask)
            if start is None:
                code.store(result, code.at(to, column), mask)
                return []
            if mask:
                result = code.select(mask, result, code.number(start))
            if self.fold == "fadd":
                return [code.float_op("fadd", values[0], result)]
            return [code.binary(self.fold[1:], values[0], result)]

        carried = [] if start is None else [(code.floats, code.number(start))]
        values = code.loop(whole, lambda c, v: turn(c, v, ""), carried, code.lanes)
        carried = [(code.floats, value) for value in values]
        tail = code.let(f"zext i1 {code.let(f'icmp ne i64 {rest}, 0')} to i64")
        values = code.loop(tail, lambda c, v: turn(whole, v, lanes_left), carried)
        if values:
            code.do(f"store float {code.reduce(self.fold, values[0])}, ptr {to}, align 4")

    def _compute(
        self, code: Code, at: list[str], kinds: list[int], fixed: dict[int, str], mask: str
    ) -> str:
        values: list[str] = []
        leaf = 0
        for name, *operands in self.program:
            if name == "leaf":
                values.append(code.load(at[leaf], mask) if kinds[leaf] else fixed[leaf])
                leaf += 1
            elif name == "number":
                values.append(code.number(float(operands[0])))
            else:
                values.append(_operate(code, str(name), [values[int(k)] for k in operands]))
        return values[-1]


def _operate(code: Code, name: str, x: list[str]) -> str:
    if name in _ARITHMETIC:
        return code.float_op(_ARITHMETIC[name], *x)
    if name in _UNARY:
        return code.unary(_UNARY[name], *x)
    if name in _BINARY:
        return code.binary(_BINARY[name], *x)
    if name in _COMPARE:
        holds = code.float_op(f"fcmp {_COMPARE[name]}", *x)
        return code.select(holds, code.number(1.0), "zeroinitializer")
    if name == "where":
        return code.select(code.float_op("fcmp une", x[0], "zeroinitializer"), x[1], x[2])
    if name == "neg":
        return code.let(f"fneg {code.floats} {x[0]}")
    return FUNCTIONS[name](code, x[0])


@dataclass(frozen=True)
class Take:
    """out[i] = x[table[i]]; words: out, x, table (int32), count."""

    def emit(self, code: Code) -> None:
        """Write the kernel."""
        out, x, table = (code.pointer_word(k) for k in range(3))

        def body(i: str, _: list[str]) -> list[str]:
            at = code.let(f"load i32, ptr {code.at(table, i)}")
            value = code.let(f"load float, ptr {code.at(x, code.let(f'sext i32 {at} to i64'))}")
            code.do(f"store float {value}, ptr {code.at(out, i)}")
            return []

        code.loop(code.word(3), body)


@dataclass(frozen=True)
class LookUp:
    """out[i, :] = table[index[i], :], of float32 or int8; an index beyond the table is held in it.

    Words: out, table, rows of the table, columns, index (floats), step of the index, count.
    """

    bytes_: bool

    def emit(self, code: Code) -> None:
        """Write the kernel."""
        out, table, index = (code.pointer_word(k) for k in (0, 1, 4))
        rows, columns, step, count = (code.word(k) for k in (2, 3, 5, 6))

        def row(i: str, _: list[str]) -> list[str]:
            wanted = code.let(f"load float, ptr {code.at(index, code.mul(i, step))}")
            whole = code.intrinsic("i64", "llvm.fptosi.sat.i64.f32", ("float", wanted))
            below = code.let(f"icmp slt i64 {whole}, 0")
            whole = code.let(f"select i1 {below}, i64 {code.add(whole, rows)}, i64 {whole}")
            whole = code.intrinsic("i64", "llvm.smax.i64", ("i64", whole), ("i64", "0"))
            last = code.let(f"sub i64 {rows}, 1")
            whole = code.intrinsic("i64", "llvm.smin.i64", ("i64", whole), ("i64", last))
            start, to = code.mul(whole, columns), code.at(out, code.mul(i, columns))
            rest = code.let(f"urem i64 {columns}, {code.lanes}")
            most = code.let(f"sub i64 {columns}, {rest}")

            def vector(c: str, _: list[str]) -> list[str]:
                at = code.add(start, c)
                if self.bytes_:
                    x = code.let(f"getelementptr i8, ptr {table}, i64 {at}")
                    small = code.let(f"load <{code.lanes} x i8>, ptr {x}, align 1")
                    x = code.let(f"sitofp <{code.lanes} x i8> {small} to {code.floats}")
                else:
                    x = code.load(code.at(table, at))
                code.store(x, code.at(to, c))
                return []

            def single(c: str, _: list[str]) -> list[str]:
                c = code.add(most, c)
                at = code.add(start, c)
                if self.bytes_:
                    x = code.let(f"getelementptr i8, ptr {table}, i64 {at}")
                    x = code.let(f"sitofp i8 {code.let(f'load i8, ptr {x}')} to float")
                else:
                    x = code.let(f"load float, ptr {code.at(table, at)}")
                code.do(f"store float {x}, ptr {code.at(to, c)}")
                return []

            code.loop(most, vector, step=code.lanes)
            code.loop(rest, single)
            return []

        code.loop(count, row)


@dataclass(frozen=True)
class Largest:
    """Where each row's first largest number is, as a float; words: out, x, rows, step, columns."""

    def emit(self, code: Code) -> None:
        """Write the kernel."""
        out, x = code.pointer_word(0), code.pointer_word(1)
        rows, step, columns = code.word(2), code.word(3), code.word(4)

        def row(r: str, _: list[str]) -> list[str]:
            start = code.at(x, code.mul(r, step))

            def column(c: str, best: list[str]) -> list[str]:
                value = code.let(f"load float, ptr {code.at(start, c)}")
                more = code.let(f"fcmp ogt float {value}, {best[0]}")
                return [
                    code.let(f"select i1 {more}, float {value}, float {best[0]}"),
                    code.let(f"select i1 {more}, i64 {c}, i64 {best[1]}"),
                ]

            first = code.let(f"load float, ptr {start}")
            found = code.loop(columns, column, [("float", first), ("i64", "0")])
            number = code.let(f"uitofp i64 {found[1]} to float")
            code.do(f"store float {number}, ptr {code.at(out, r)}")
            return []

        code.loop(rows, row)


Kernel = Map | Take | LookUp | Largest
