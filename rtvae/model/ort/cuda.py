"""Whether there is CUDA: a driver, the libraries, and a device that computes what it should.

ONNX Runtime lists CUDA wherever it was built for it, device or not. So it is tried once, in the
way in which a model would be played.
"""

import ctypes
import os
from functools import cache

import numpy as np

from rtvae.errors import ModelError
from rtvae.model.ort.first_graph import FIRST_GRAPH
from rtvae.model.ort.session import (
    CUDA,
    DeviceBinding,
    Memory,
    built_for,
    first_line,
    load_cuda,
    make_session,
)

DRIVER = "nvcuda.dll" if os.name == "nt" else "libcuda.so.1"


@cache
def why_no_cuda() -> str:
    """Return "" where a CUDA device runs a graph, else why there is none, as half a sentence.

    Looked for once in a process. Where there is none nothing is printed and nothing raised.
    """
    if not built_for(CUDA):
        return "this ONNX Runtime was built without CUDA"
    # The driver comes first: without it, hundreds of megabytes would be loaded for nothing.
    if not has_driver():
        return "there is no NVIDIA driver"
    try:
        load_cuda()
        answers = answers_on(CUDA)
    except ModelError:
        return "ONNX Runtime finds no CUDA device, or not the CUDA and cuDNN that it was built for"
    except Exception as error:  # its exceptions have no common base
        return f"the CUDA device does not work ({first_line(error)})"
    return "" if answers else "the CUDA device computes nonsense"


def has_driver() -> bool:
    """Return whether the system can load NVIDIA's driver."""
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return False
    return True


def answers_on(device: str) -> bool:
    """Return whether a device runs the first graph, bound to its memory, again and again.

    Raises what ONNX Runtime raises where there is none.
    """
    session = make_session(FIRST_GRAPH, device=device)
    there, back = Memory((1,), device), Memory((1,), device)
    binding = DeviceBinding(session, {"x": there.place()}, {"y": back.place()}, recording=1)
    got = np.zeros(1, np.float32)
    for wanted in (1.0, 2.0, 3.0):
        there.write(np.full(1, wanted, np.float32))
        binding.run()
        back.read(got)
        if got[0] != wanted:
            return False
    return True
