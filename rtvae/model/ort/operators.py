"""Operators: what of a graph ONNX Runtime really runs, once it has optimised it.

Its profile names every node that it dispatches; fused and folded ones are no longer there.
"""

import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from rtvae.errors import ModelError
from rtvae.model.ort.session import make_session


def operators(path: Path) -> dict[str, int]:
    """Return how many nodes of each kind run for a graph of float32 inputs. Raises ModelError."""
    with tempfile.TemporaryDirectory(prefix="rtvae-") as folder:
        session = make_session(path, profile=Path(folder) / "profile")
        session.run(None, {v.name: np.zeros(v.shape, np.float32) for v in session.get_inputs()})
        try:
            events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"ONNX Runtime wrote no profile of {path.name} ({error}).") from error
    # One entry for each run of a node; the graph ran once.
    nodes = [event for event in events if event.get("name", "").endswith("_kernel_time")]
    return dict(Counter(str(node["args"]["op_name"]) for node in nodes))
