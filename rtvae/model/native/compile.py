"""Compile: kernels become machine code of this processor, once for the whole process.

Kernels know no model: what differs between models (sizes, addresses) are words that they read.
So a second model costs little, and loading a thousand models in turn does not grow the process.
Only this module imports llvmlite.
"""

import ctypes
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import llvmlite.binding as llvm

from rtvae.model.native.code import Code
from rtvae.model.native.maps import Kernel as MapKernel
from rtvae.model.native.product import Product

Kernel = Product | MapKernel
Run = Callable[[ctypes.c_void_p], None]

RUN = "run"
OPTIMISE = 2

_SWITCHES = {
    # MXCSR: flush to zero (bit 15) and denormals are zero (bit 6).
    "x86_64": (
        "declare void @llvm.x86.sse.stmxcsr(ptr)\ndeclare void @llvm.x86.sse.ldmxcsr(ptr)",
        """%kept = alloca i32
%flushing = alloca i32
call void @llvm.x86.sse.stmxcsr(ptr %kept)
%was = load i32, ptr %kept
%now = or i32 %was, 32832
store i32 %now, ptr %flushing
call void @llvm.x86.sse.ldmxcsr(ptr %flushing)""",
        "call void @llvm.x86.sse.ldmxcsr(ptr %kept)",
    ),
    # FPCR: flush to zero (bit 24).
    "aarch64": (
        "declare i64 @llvm.aarch64.get.fpcr()\ndeclare void @llvm.aarch64.set.fpcr(i64)",
        """%was = call i64 @llvm.aarch64.get.fpcr()
%now = or i64 %was, 16777216
call void @llvm.aarch64.set.fpcr(i64 %now)""",
        "call void @llvm.aarch64.set.fpcr(i64 %was)",
    ),
}
_SWITCHES["arm64"] = _SWITCHES["aarch64"]


def _runner(architecture: str) -> str:
    """Return the function that runs a program: records of (bytes to the next, kernel, words...).

    It sets the processor to flush denormals, whatever thread it is called on, and sets it back.
    """
    declare, before, after = _SWITCHES.get(architecture, ("", "", ""))
    return f"""{declare}
define void @{RUN}(ptr %program) {{
entry:
{before}
br label %head
head:
%record = phi ptr [%program, %entry], [%next, %body]
%bytes = load i64, ptr %record
%more = icmp ne i64 %bytes, 0
br i1 %more, label %body, label %after
body:
%at = getelementptr i64, ptr %record, i64 1
%address = load i64, ptr %at
%kernel = inttoptr i64 %address to ptr
%words = getelementptr i64, ptr %record, i64 2
call void %kernel(ptr %words)
%next = getelementptr i8, ptr %record, i64 %bytes
br label %head
after:
{after}
ret void
}}
"""


class Compiler:
    """Kernels by their description, compiled when first asked for. Safe to use from any thread.

    For this processor, or for an older one by LLVM's name for it, with that many lanes.
    """

    def __init__(self, processor: str = "", lanes: int = 0) -> None:
        """Raises RuntimeError or OSError if LLVM cannot work here."""
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        triple = llvm.get_process_triple()
        features = llvm.FeatureMap() if processor else llvm.get_host_cpu_features()
        if triple.startswith("x86_64") and not processor and not features.get("sse4.1"):
            # LLVM would call rounding functions that not every system's library has.
            raise RuntimeError("this processor has no SSE4.1")
        self.lanes = lanes or _lanes(features)
        # AVX-512 and every 64-bit ARM have 32 vector registers, others 16.
        self.registers = 32 if self.lanes == 16 or triple.startswith(("aarch64", "arm64")) else 16
        machine = llvm.Target.from_triple(triple).create_target_machine(
            cpu=processor or llvm.get_host_cpu_name(),
            features=features.flatten(),
            opt=OPTIMISE,
        )
        self._engine: Any = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._lock = threading.Lock()
        self._addresses: dict[Kernel, int] = {}
        self._added: set[str] = set()
        self._add(_runner(triple.split("-")[0]))
        self.run: Run = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(
            self._engine.get_function_address(RUN)
        )

    def addresses(self, kernels: Iterable[Kernel]) -> dict[Kernel, int]:
        """Return where each kernel's machine code is. Real-time: never; it compiles."""
        with self._lock:
            wanted = dict.fromkeys(kernels)
            missing = [kernel for kernel in wanted if kernel not in self._addresses]
            names = {k: f"kernel{len(self._addresses) + n}" for n, k in enumerate(missing)}
            if missing:
                self._add(self._module(names))
            for kernel, name in names.items():
                self._addresses[kernel] = self._engine.get_function_address(name)
            return {kernel: self._addresses[kernel] for kernel in wanted}

    def add(self, name: str, text: str) -> None:
        """Compile functions that are no kernels, once; `name` tells them from others."""
        with self._lock:
            if name not in self._added:
                self._add(text)
                self._added.add(name)

    def address(self, function: str) -> int:
        """Return where the machine code of an added function is."""
        return int(self._engine.get_function_address(function))

    def _module(self, names: dict[Kernel, str]) -> str:
        declared: set[str] = set()
        functions = []
        for kernel, name in names.items():
            code = Code(name, self.lanes)
            kernel.emit(code)
            functions.append(code.text())
            declared |= code.declared
        return "\n".join([*sorted(declared), *functions])

    def _add(self, text: str) -> None:
        module = llvm.parse_assembly(text)
        module.verify()
        self._engine.add_module(module)
        self._engine.finalize_object()


def _lanes(features: Mapping[str, bool]) -> int:
    return 16 if features.get("avx512f") else 8 if features.get("avx2") else 4


_compiler: list[Compiler] = []
_once = threading.Lock()


def compiler() -> Compiler:
    """Return the process's compiler. Raises RuntimeError or OSError if LLVM cannot work here."""
    with _once:
        if not _compiler:
            _compiler.append(Compiler())
        return _compiler[0]
