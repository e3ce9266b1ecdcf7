"""What each process has loaded once it is imported, in an interpreter that starts clean."""

import json
import subprocess
import sys

import pytest

# Entry module -> what must not come with it.
KEPT_OUT = {
    "rtvae.engine.main": {"torch", "PyQt6", "pyqtgraph", "rtmidi", "onnx", "rich"},
    "rtvae.host.play": {"torch", "PyQt6", "pyqtgraph"},
    "rtvae.window.main": {"torch", "onnxruntime", "onnx", "sounddevice", "soundfile", "rtmidi"},
    "rtvae.cli": {"torch", "PyQt6", "pyqtgraph", "onnxruntime", "sounddevice", "rtmidi"},
}

REPORT = (
    "import {0}, json, sys; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
)


@pytest.mark.parametrize("entry", KEPT_OUT)
def test_a_process_loads_only_what_it_needs(entry: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", REPORT.format(entry)], capture_output=True, text=True
    )
    assert asked.returncode == 0, asked.stderr
    loaded = set(json.loads(asked.stdout))
    assert "rtvae" in loaded
    assert loaded & KEPT_OUT[entry] == set()
