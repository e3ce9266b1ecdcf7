"""Code: one function of LLVM IR, written line by line; loops and masks are spelt out once, here.

Every kernel is `void (ptr words)`: it reads its sizes and addresses from an array of 64-bit words.
Vectors have as many float32 lanes as the processor's registers; on another processor LLVM cuts
them into what it has.
"""

import struct
from collections.abc import Callable, Sequence


def immediate(value: float) -> str:
    """Return a float32 as LLVM writes it: the bits of the same number as a double."""
    single = struct.unpack("<f", struct.pack("<f", value))[0]
    return f"0x{struct.unpack('<Q', struct.pack('<d', single))[0]:016X}"


class Code:
    """Writes one kernel. Values are the names of SSA values, or constants as text."""

    def __init__(self, name: str, lanes: int) -> None:
        self.name = name
        self.lanes = lanes
        self.floats = f"<{lanes} x float>"
        self.ints = f"<{lanes} x i32>"
        self.bools = f"<{lanes} x i1>"
        self.declared: set[str] = set()
        self._lines: list[str] = []
        self._block = "entry"
        self._count = 0

    def text(self) -> str:
        """Return the finished function."""
        body = "\n".join(self._lines)
        head = f"define void @{self.name}(ptr noalias readonly %words)"
        return f"{head} {{\nentry:\n{body}\nret void\n}}\n"

    def let(self, instruction: str) -> str:
        """Write an instruction and return its result's name."""
        self._count += 1
        name = f"%v{self._count}"
        self._lines.append(f"{name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        """Write an instruction without a result."""
        self._lines.append(instruction)

    def intrinsic(
        self, result: str, name: str, *arguments: tuple[str, str], flags: str = ""
    ) -> str:
        """Call an LLVM intrinsic with (type, value) arguments; "" without a result."""
        types = ", ".join(kind for kind, _ in arguments)
        self.declared.add(f"declare {result} @{name}({types})")
        call = f"call {flags} {result} @{name}({', '.join(' '.join(a) for a in arguments)})"
        if result != "void":
            return self.let(call)
        self.do(call)
        return ""

    def word(self, index: int) -> str:
        """Read an integer argument."""
        at = self.let(f"getelementptr i64, ptr %words, i64 {index}")
        return self.let(f"load i64, ptr {at}")

    def pointer_word(self, index: int) -> str:
        """Read an argument that is an address."""
        return self.let(f"inttoptr i64 {self.word(index)} to ptr")

    def add(self, x: str, y: str) -> str:
        """Add integers."""
        return self.let(f"add i64 {x}, {y}")

    def mul(self, x: str, y: str) -> str:
        """Multiply integers."""
        return self.let(f"mul i64 {x}, {y}")

    def at(self, pointer: str, floats: str) -> str:
        """Step over a number of floats."""
        return self.let(f"getelementptr float, ptr {pointer}, i64 {floats}")

    def loop(
        self,
        count: str,
        body: Callable[[str, list[str]], Sequence[str]],
        carried: Sequence[tuple[str, str]] = (),
        step: int = 1,
    ) -> list[str]:
        """Run `body(index, values)` for index = 0, step, ... < count; it returns the next values.

        `carried` are (type, first value). Returns the values after the last turn.
        """
        self._count += 1
        number, before = self._count, self._block
        head, inside, after = f"head{number}", f"body{number}", f"after{number}"
        index = f"%i{number}"
        values = [f"%c{number}.{k}" for k in range(len(carried))]
        self.do(f"br label %{head}")
        self._lines.append(f"{head}:")
        place = len(self._lines)
        more = self.let(f"icmp slt i64 {index}, {count}")
        self.do(f"br i1 {more}, label %{inside}, label %{after}")
        self._lines.append(f"{inside}:")
        self._block = inside
        following = body(index, values)
        later = self.add(index, str(step))
        self.do(f"br label %{head}")
        phis = [f"{index} = phi i64 [0, %{before}], [{later}, %{self._block}]"]
        for value, (kind, first), new in zip(values, carried, following, strict=True):
            phis.append(f"{value} = phi {kind} [{first}, %{before}], [{new}, %{self._block}]")
        self._lines[place:place] = phis
        self._lines.append(f"{after}:")
        self._block = after
        return values

    def splat(self, value: str, kind: str = "float") -> str:
        """Put one number in every lane."""
        vector = f"<{self.lanes} x {kind}>"
        one = self.let(f"insertelement {vector} poison, {kind} {value}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self.let(f"shufflevector {vector} {one}, {vector} poison, {zeros}")

    def number(self, value: float) -> str:
        """Return the same float32 constant in every lane."""
        return f"splat (float {immediate(value)})"

    def first_lanes(self, count: str) -> str:
        """Return a mask of the first `count` (i64) lanes."""
        few = self.splat(self.let(f"trunc i64 {count} to i32"), "i32")
        order = ", ".join(f"i32 {k}" for k in range(self.lanes))
        return self.let(f"icmp slt {self.ints} <{order}>, {few}")

    def load(self, pointer: str, mask: str = "") -> str:
        """Load a vector; lanes outside the mask are not touched and read as 0."""
        if not mask:
            return self.let(f"load {self.floats}, ptr {pointer}, align 4")
        name = f"llvm.masked.load.v{self.lanes}f32.p0"
        passed = (self.floats, "zeroinitializer")
        return self.intrinsic(
            self.floats, name, ("ptr", pointer), ("i32", "4"), (self.bools, mask), passed
        )

    def store(self, value: str, pointer: str, mask: str = "") -> None:
        """Store a vector; lanes outside the mask are not touched."""
        if not mask:
            self.do(f"store {self.floats} {value}, ptr {pointer}, align 4")
            return
        name = f"llvm.masked.store.v{self.lanes}f32.p0"
        what = (self.floats, value)
        self.intrinsic("void", name, what, ("ptr", pointer), ("i32", "4"), (self.bools, mask))

    def load_splat(self, pointer: str) -> str:
        """Load one float into every lane."""
        return self.splat(self.let(f"load float, ptr {pointer}, align 4"))

    def fma(self, x: str, y: str, z: str) -> str:
        """Return x * y + z, in one rounding where the processor has that."""
        v = self.floats
        name = f"llvm.fmuladd.v{self.lanes}f32"
        return self.intrinsic(v, name, (v, x), (v, y), (v, z))

    def float_op(self, operation: str, x: str, y: str) -> str:
        """Return fadd, fsub, fmul or fdiv of vectors, or a mask: `fcmp PREDICATE`."""
        return self.let(f"{operation} {self.floats} {x}, {y}")

    def int_op(self, operation: str, x: str, y: str) -> str:
        """Return add, sub, and, shl... of int32 vectors."""
        return self.let(f"{operation} {self.ints} {x}, {y}")

    def unary(self, name: str, x: str) -> str:
        """Return an intrinsic of one vector: sqrt, fabs, floor, ceil, trunc, roundeven."""
        return self.intrinsic(self.floats, f"llvm.{name}.v{self.lanes}f32", (self.floats, x))

    def binary(self, name: str, x: str, y: str) -> str:
        """Return an intrinsic of two vectors: maximum, minimum (which pass on NaN)."""
        v = self.floats
        return self.intrinsic(v, f"llvm.{name}.v{self.lanes}f32", (v, x), (v, y))

    def select(self, mask: str, x: str, y: str) -> str:
        """Choose lane by lane."""
        return self.let(f"select {self.bools} {mask}, {self.floats} {x}, {self.floats} {y}")

    def bits(self, x: str) -> str:
        """Look at floats as int32."""
        return self.let(f"bitcast {self.floats} {x} to {self.ints}")

    def unbits(self, x: str) -> str:
        """Look at int32 as floats."""
        return self.let(f"bitcast {self.ints} {x} to {self.floats}")

    def reduce(self, name: str, x: str) -> str:
        """Fold a vector into one float: fadd (any order), fmaximum, fminimum."""
        full = f"llvm.vector.reduce.{name}.v{self.lanes}f32"
        if name == "fadd":
            start = ("float", "-0.0")
            return self.intrinsic("float", full, start, (self.floats, x), flags="reassoc")
        return self.intrinsic("float", full, (self.floats, x))
