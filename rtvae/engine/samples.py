"""Samples: what is done with every sample of a block outside the model, as machine code.

An audio thread that has just slept finds nothing in the caches, and there each NumPy call costs
some microseconds however short the block is. So the few loops that every block needs are compiled
once for this processor, with everything that they touch at places that stay.
"""

import ctypes
import math
import struct
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.address import address_of
from rtvae.dsp.dc_blocker import SHARE_OF_POWER, THRESHOLD
from rtvae.dsp.limiter import CEILING
from rtvae.model.native.compile import Compiler

Audio = NDArray[np.float32]

PEAK, ENERGY, SUM, LAST = range(4)
"""What is measured: largest magnitude, sum of squares, sum, last sample."""

_LANES = 8
_VECTOR = f"<{_LANES} x float>"

# A NaN is no larger than anything, so the peak passes it over; the sums do not.
_MEASURE = f"""
declare {_VECTOR} @llvm.fabs.v{_LANES}f32({_VECTOR})
declare float @llvm.fabs.f32(float)
declare float @llvm.vector.reduce.fadd.v{_LANES}f32(float, {_VECTOR})
declare float @llvm.vector.reduce.fmax.v{_LANES}f32({_VECTOR})

define void @measure(ptr %audio, i64 %frames, ptr %figures) {{
entry:
%whole = and i64 %frames, -{_LANES}
br label %head
head:
%i = phi i64 [0, %entry], [%i.next, %body]
%peaks = phi {_VECTOR} [zeroinitializer, %entry], [%peaks.next, %body]
%energies = phi {_VECTOR} [zeroinitializer, %entry], [%energies.next, %body]
%sums = phi {_VECTOR} [zeroinitializer, %entry], [%sums.next, %body]
%more = icmp slt i64 %i, %whole
br i1 %more, label %body, label %join
body:
%at = getelementptr float, ptr %audio, i64 %i
%x = load {_VECTOR}, ptr %at, align 4
%size = call {_VECTOR} @llvm.fabs.v{_LANES}f32({_VECTOR} %x)
%larger = fcmp ogt {_VECTOR} %size, %peaks
%peaks.next = select <{_LANES} x i1> %larger, {_VECTOR} %size, {_VECTOR} %peaks
%square = fmul {_VECTOR} %x, %x
%energies.next = fadd {_VECTOR} %energies, %square
%sums.next = fadd {_VECTOR} %sums, %x
%i.next = add i64 %i, {_LANES}
br label %head
join:
%peak.whole = call nnan float @llvm.vector.reduce.fmax.v{_LANES}f32({_VECTOR} %peaks)
%energy.whole = call reassoc float @llvm.vector.reduce.fadd.v{_LANES}f32(
  float 0.0, {_VECTOR} %energies)
%sum.whole = call reassoc float @llvm.vector.reduce.fadd.v{_LANES}f32(float 0.0, {_VECTOR} %sums)
br label %tail
tail:
%k = phi i64 [%whole, %join], [%k.next, %rest]
%peak = phi float [%peak.whole, %join], [%peak.next, %rest]
%energy = phi float [%energy.whole, %join], [%energy.next, %rest]
%sum = phi float [%sum.whole, %join], [%sum.next, %rest]
%left = icmp slt i64 %k, %frames
br i1 %left, label %rest, label %done
rest:
%at.one = getelementptr float, ptr %audio, i64 %k
%y = load float, ptr %at.one
%size.one = call float @llvm.fabs.f32(float %y)
%larger.one = fcmp ogt float %size.one, %peak
%peak.next = select i1 %larger.one, float %size.one, float %peak
%square.one = fmul float %y, %y
%energy.next = fadd float %energy, %square.one
%sum.next = fadd float %sum, %y
%k.next = add i64 %k, 1
br label %tail
done:
%before.end = sub i64 %frames, 1
%at.last = getelementptr float, ptr %audio, i64 %before.end
%last = load float, ptr %at.last
%energy.place = getelementptr float, ptr %figures, i64 {ENERGY}
%sum.place = getelementptr float, ptr %figures, i64 {SUM}
%last.place = getelementptr float, ptr %figures, i64 {LAST}
store float %peak, ptr %figures
store float %energy, ptr %energy.place
store float %sum, ptr %sum.place
store float %last, ptr %last.place
ret void
}}
"""

_COPY = f"""
define void @copy(ptr %to, ptr %from, i64 %count) {{
entry:
%whole = and i64 %count, -{_LANES}
br label %head
head:
%i = phi i64 [0, %entry], [%i.next, %body]
%more = icmp slt i64 %i, %whole
br i1 %more, label %body, label %tail
body:
%there = getelementptr float, ptr %from, i64 %i
%here = getelementptr float, ptr %to, i64 %i
%x = load {_VECTOR}, ptr %there, align 4
store {_VECTOR} %x, ptr %here, align 4
%i.next = add i64 %i, {_LANES}
br label %head
tail:
%k = phi i64 [%whole, %head], [%k.next, %rest]
%left = icmp slt i64 %k, %count
br i1 %left, label %rest, label %done
rest:
%there.one = getelementptr float, ptr %from, i64 %k
%here.one = getelementptr float, ptr %to, i64 %k
%y = load float, ptr %there.one
store float %y, ptr %here.one
%k.next = add i64 %k, 1
br label %tail
done:
ret void
}}

define void @append(ptr %ring, i64 %length, i64 %at, ptr %audio, i64 %frames) {{
%room = sub i64 %length, %at
%fits = icmp slt i64 %frames, %room
%first = select i1 %fits, i64 %frames, i64 %room
%left = sub i64 %frames, %first
%place = getelementptr float, ptr %ring, i64 %at
%rest = getelementptr float, ptr %audio, i64 %first
call void @copy(ptr %place, ptr %audio, i64 %first)
call void @copy(ptr %ring, ptr %rest, i64 %left)
ret void
}}
"""

_HEAR = (
    *("verdict", "heard", "frames", "figures", "line", "line_frames", "line_at"),
    *("written", "seen", "panic", "panics", "played", "scope_count"),
)
_SOUND = (
    *("verdict", "heard", "wet", "frames", "figures", "offset"),
    *("scope_input", "scope_output", "scope_frames", "scope_count"),
    *("encoded", "bent", "rows", "latents", "before", "after", "width", "stamps", "latent_rows"),
    "latent_count",
)
_NUMBERS = {
    *("verdict", "frames", "line_frames", "line_at", "seen", "panics", "scope_frames"),
    *("rows", "latents", "width", "latent_rows"),
}
"""The words that are numbers; all others are addresses."""

OFFSET = ("keep", "gained", "mean", "power", "seen_frames", "hold_frames")
"""What `sound` knows of an offset, float64 each: see DcBlocker."""


def _loads(names: Sequence[str]) -> str:
    """Return the code that reads a function's words, each under its name."""
    lines = []
    for place, name in enumerate(names):
        kind = "i64" if name in _NUMBERS else "ptr"
        lines += [
            f"%{name}.word = getelementptr i64, ptr %words, i64 {place}",
            f"%{name} = load {kind}, ptr %{name}.word",
        ]
    return "\n".join(lines)


def _offset_loads() -> str:
    return "\n".join(
        f"%{name}.place = getelementptr double, ptr %offset, i64 {place}\n"
        f"%{name} = load double, ptr %{name}.place"
        for place, name in enumerate(OFFSET)
    )


def _double(number: float) -> str:
    """Return a number as LLVM writes it, to the bit; a float too, if it is one."""
    return f"0x{struct.pack('>d', number).hex().upper()}"


_BLOCK = f"""
define void @hear(ptr %words) {{
entry:
{_loads(_HEAR)}
store i64 1, ptr %verdict.word
%written.now = load i64, ptr %written
%panic.now = load i64, ptr %panic
%played.now = load i64, ptr %played
%scope.now = load i64, ptr %scope_count
%same.values = icmp eq i64 %written.now, %seen
%same.panics = icmp eq i64 %panic.now, %panics
%same.frames = icmp eq i64 %played.now, %scope.now
%both = and i1 %same.values, %same.panics
%quiet = and i1 %both, %same.frames
br i1 %quiet, label %listen, label %done
listen:
call void @measure(ptr %heard, i64 %frames, ptr %figures)
%energy.place = getelementptr float, ptr %figures, i64 {ENERGY}
%energy = load float, ptr %energy.place
%finite = fcmp olt float %energy, {_double(math.inf)}
br i1 %finite, label %keep, label %done
keep:
call void @append(ptr %line, i64 %line_frames, i64 %line_at, ptr %heard, i64 %frames)
%line.end = add i64 %line_at, %frames
%line.next = urem i64 %line.end, %line_frames
store i64 %line.next, ptr %line_at.word
store i64 0, ptr %verdict.word
br label %done
done:
ret void
}}

define void @sound(ptr %words) {{
entry:
{_loads(_SOUND)}
store i64 1, ptr %verdict.word
call void @measure(ptr %wet, i64 %frames, ptr %figures)
%energy.place = getelementptr float, ptr %figures, i64 {ENERGY}
%sum.place = getelementptr float, ptr %figures, i64 {SUM}
%peak = load float, ptr %figures
%energy = load float, ptr %energy.place
%sum = load float, ptr %sum.place
%finite = fcmp olt float %energy, {_double(math.inf)}
%low = fcmp ole float %peak, {_double(CEILING)}
%fine = and i1 %finite, %low
br i1 %fine, label %weigh, label %done
weigh:
{_offset_loads()}
%sum.wide = fpext float %sum to double
%energy.wide = fpext float %energy to double
%frames.wide = sitofp i64 %frames to double
%mean.kept = fmul double %keep, %mean
%mean.new = fmul double %gained, %sum.wide
%mean.next = fadd double %mean.kept, %mean.new
%power.kept = fmul double %keep, %power
%power.new = fmul double %gained, %energy.wide
%power.next = fadd double %power.kept, %power.new
%square = fmul double %mean.next, %mean.next
%share = fmul double {_double(SHARE_OF_POWER)}, %power.next
%above = fcmp ogt double %square, {_double(THRESHOLD * THRESHOLD)}
%strong = fcmp ogt double %square, %share
%is.offset = and i1 %above, %strong
%longer = fadd double %seen_frames, %frames.wide
%seen.next = select i1 %is.offset, double %longer, double 0.0
%short = fcmp olt double %seen.next, %hold_frames
br i1 %short, label %pass, label %done
pass:
store double %mean.next, ptr %mean.place
store double %power.next, ptr %power.place
store double %seen.next, ptr %seen_frames.place
%scope.now = load i64, ptr %scope_count
%scope.at = urem i64 %scope.now, %scope_frames
%scope.next = add i64 %scope.now, %frames
call void @append(ptr %scope_input, i64 %scope_frames, i64 %scope.at, ptr %heard, i64 %frames)
call void @append(ptr %scope_output, i64 %scope_frames, i64 %scope.at, ptr %wet, i64 %frames)
%latent.now = load i64, ptr %latent_count
%latent.next = add i64 %latent.now, %rows
br label %head
head:
%row = phi i64 [0, %pass], [%row.next, %body]
%more = icmp slt i64 %row, %rows
br i1 %more, label %body, label %told
body:
%count = add i64 %latent.now, %row
%place = urem i64 %count, %latent_rows
%floats = mul i64 %place, %width
%taken = mul i64 %row, %latents
%mean.row = getelementptr float, ptr %encoded, i64 %taken
%bent.row = getelementptr float, ptr %bent, i64 %taken
%before.row = getelementptr float, ptr %before, i64 %floats
%after.row = getelementptr float, ptr %after, i64 %floats
%stamp.row = getelementptr i64, ptr %stamps, i64 %place
call void @copy(ptr %before.row, ptr %mean.row, i64 %latents)
call void @copy(ptr %after.row, ptr %bent.row, i64 %latents)
store i64 %scope.now, ptr %stamp.row
%row.next = add i64 %row, 1
br label %head
told:
store i64 %scope.next, ptr %scope_count
store i64 %latent.next, ptr %latent_count
store i64 0, ptr %verdict.word
br label %done
done:
ret void
}}
"""

Call = Callable[[int], None]


class Words:
    """What one compiled function reads: numbers and addresses, by name.

    `call` runs it; whether it did all of its work, `done` tells. Arrays are kept as long as this.
    """

    def __init__(
        self, run: Call, names: Sequence[str], **values: int | NDArray[np.generic]
    ) -> None:
        self._kept = values
        words = np.zeros(len(names), np.int64)
        for place, name in enumerate(names):
            value = values.get(name, 0)
            words[place] = value if isinstance(value, int) else address_of(value)
        self._names = names
        self.numbers = memoryview(words.data)
        """The words, to be set one by one at their `place`."""
        self._run, self._address = run, address_of(words)

    def place(self, name: str) -> int:
        """Return the place of a word in `numbers`."""
        return self._names.index(name)

    def set(self, **numbers: int) -> None:
        """Set some words by name."""
        for name, number in numbers.items():
            self.numbers[self.place(name)] = number

    def done(self) -> bool:
        """Run the function; return whether nothing stopped it.

        Real-time: one call, which keeps the interpreter.
        """
        self._run(self._address)
        return not self.numbers[0]


class Samples:
    """The compiled loops. Raises RuntimeError or OSError where nothing can be compiled."""

    def __init__(self, machine: Compiler) -> None:
        machine.add("samples", _MEASURE + _COPY + _BLOCK)
        self._machine = machine  # it keeps the code
        # Calls that keep the interpreter: a microsecond of work is not worth losing it for.
        one = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
        self._hear, self._sound = one(machine.address("hear")), one(machine.address("sound"))
        three = ctypes.PYFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
        self.measure = three(machine.address("measure"))
        """`measure(address, frames, figures' address)`, frames >= 1."""

    def hear(self, **values: int | NDArray[np.generic]) -> Words:
        """Return the function that a block begins with.

        Unless new values, a panic or a hole in the telemetry are there to be looked at, it measures
        what was heard and, if that is finite, appends it to a delay line.
        """
        return Words(self._hear, _HEAR, **values)

    def sound(self, **values: int | NDArray[np.generic]) -> Words:
        """Return the function that a block ends with.

        It measures what sounds, and if a guard at rest would leave that alone, appends the block
        and its latents to the telemetry.
        """
        return Words(self._sound, _SOUND, **values)
