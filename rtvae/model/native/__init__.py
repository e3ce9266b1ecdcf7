"""A native executor for a model's graphs: planned in Python, compiled by LLVM, no compiler needed.

    graph file -> read -> lower (operators, views, steps) -> program -> one call for each step

ONNX Runtime stays the reference, and plays whatever this package does not know.
"""

from rtvae.model.native.agreement import disagreement
from rtvae.model.native.model import NativeModel
from rtvae.model.native.reasons import Unsupported

__all__ = ["NativeModel", "Unsupported", "disagreement"]
