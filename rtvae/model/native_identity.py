"""Native identity: what tells this machine code from another, found out without making any.

Whoever asks may be a process that never runs a model, so neither LLVM nor ONNX Runtime is loaded.
"""

import contextlib
import functools
import platform
from hashlib import sha256
from importlib import metadata
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
CPU_LINES = ("model name", "flags", "Features", "CPU part", "CPU implementer")


@functools.cache  # none of it can change while we run
def native_identity() -> str:
    """Return a text for our compiler, LLVM's version and the processor."""
    sources = sorted((Path(__file__).parent / "native").glob("*.py"))
    digest = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    version = "none"
    with contextlib.suppress(metadata.PackageNotFoundError):
        version = metadata.version("llvmlite")
    return " ".join((digest, version, platform.machine(), _processor()))


def _processor() -> str:
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    # Each processor has its lines; those of the first will do.
    found = {line.split(":")[0].strip(): line for line in reversed(lines)}
    return " ".join(found[name] for name in CPU_LINES if name in found)
