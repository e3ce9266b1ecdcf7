"""Memory that was freed is there again without asking the system, where the C library can."""

import platform
import subprocess
import sys

WATCH = """
import resource
import numpy as np
from rtvae.training.heap import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones(1 << 21)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

keeps = keep_freed_memory()
faults()
print(int(keeps), faults())
"""


def test_large_pieces_are_cleared_once_and_not_in_every_step() -> None:
    done = subprocess.run([sys.executable, "-c", WATCH], capture_output=True, check=True, text=True)
    keeps, faults = map(int, done.stdout.split())
    assert bool(keeps) == (platform.libc_ver()[0] == "glibc")
    if keeps:
        assert faults < 500, "16 MB would be 4096 pages each time"
