"""The probe tells the truth about a thread, before and after the process is prepared."""

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# In an interpreter of its own: the switch cannot be turned back.
SCRIPT = """
import json, threading
from rtvae.dsp.denormals import denormals_are_flushed
from rtvae.model.ort import prepare_process

def in_new_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(denormals_are_flushed()))
    thread.start()
    thread.join()
    return found[0]

before = denormals_are_flushed()
prepare_process()
print(json.dumps([before, denormals_are_flushed(), in_new_thread()]))
"""


def test_a_prepared_process_flushes_denormals_on_later_threads() -> None:
    child = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert json.loads(child.stdout) == [False, True, True]
