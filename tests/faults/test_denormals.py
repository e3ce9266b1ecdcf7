"""A fade to silence costs no more than sound: real ONNX Runtime takes denormal numbers for zero.

Looked at by the bits, not by the clock: what is flushed cannot be slow.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.playing import PROJECT
from tests.support.toy_model import Graph

HALVE = """
import json, sys, threading
import numpy as np
if sys.argv[2] == "prepared":
    from rtvae.model.ort import prepare_process
    prepare_process()
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
found = []

def play():
    sound = np.full((1, 64), 1e-40, np.float32)
    tiny = session.run(None, {"x": sound})[0]
    sound = np.ones((1, 64), np.float32)
    smallest = 1.0
    while sound.any() and smallest > 1e-44:  # a fade: each block three quarters of the last
        sound = session.run(None, {"x": sound})[0]
        if sound.any():
            smallest = float(sound.max())
    found.extend([bool(tiny.view(np.int32).any()), smallest < 1e-38])

thread = threading.Thread(target=play)
thread.start()
thread.join()
print(json.dumps(found))
"""


@pytest.mark.parametrize(("how", "kept"), [("prepared", False), ("bare", True)])
def test_denormals_in_and_out_of_a_real_session_on_a_later_thread(
    how: str, kept: bool, tmp_path: Path
) -> None:
    """`bare` shows that this would see them."""
    graph = Graph("halve")
    x = graph.input("x", 1, 64)
    half = graph.constant(np.array(0.75, np.float32))
    graph.node("Mul", x, half, to=graph.output("y", 1, 64))
    graph.save(tmp_path / "halve.onnx")
    done = subprocess.run(
        [sys.executable, "-c", HALVE, str(tmp_path / "halve.onnx"), how],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [kept, kept]
