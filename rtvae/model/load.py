"""Load: from a path to a model that plays. Admission first, then an executor, then a warm-up.

A model is played by the native executor if that equals ONNX Runtime on this machine with this
model; else by ONNX Runtime, and `executor_note` says why.
"""

import os
from pathlib import Path

from rtvae.errors import UsageError
from rtvae.model.admit import Admitted, admit
from rtvae.model.card import GOLDEN_FILE
from rtvae.model.live import LiveModel
from rtvae.model.ort import OrtModel, OrtWindow
from rtvae.model.overlap_add_model import OverlapAddModel
from rtvae.model.trial import read_golden

EXECUTORS = ("auto", "native", "onnxruntime")
VARIABLE = "RTVAE_EXECUTOR"


def load_model(path: Path, executor: str = "auto") -> LiveModel:
    """Return the model in a folder, a zipped folder or a bare stateless ONNX file, warmed up.

    `executor` is one of EXECUTORS; the environment's RTVAE_EXECUTOR overrides it. Call
    `prepare_process` (rtvae.model.ort) once on the process's main thread before this.
    Raises ModelError with one sentence if the model is missing, damaged or refused, UsageError if
    there is no such executor.
    """
    return load_admitted(admit(path), executor)


def load_admitted(admitted: Admitted, executor: str = "auto") -> LiveModel:
    """Return a model that `admit` has let in, warmed up. Raises ModelError, UsageError."""
    executor = os.environ.get(VARIABLE) or executor
    if executor not in EXECUTORS:
        raise UsageError(
            f"There is no executor {executor!r}; set {VARIABLE} to one of {', '.join(EXECUTORS)}."
        )
    card, folder = admitted.card, admitted.folder
    if card.kind == "stateless":
        graph = next(name for name in card.files if name.endswith(".onnx"))
        window = OrtWindow(folder / graph)
        window.warm_up()
        return OverlapAddModel(window, card)
    reference = OrtModel(folder, card)
    if executor != "onnxruntime":
        native, reference.executor_note = _native(admitted, reference)
        if native is not None:
            return native
    reference.warm_up()
    return reference


def _native(admitted: Admitted, reference: OrtModel) -> tuple[LiveModel | None, str]:
    """Return the native executor warmed up, or None and the reason why it cannot be used."""
    try:
        from rtvae.model.native import NativeModel, Unsupported, disagreement
    except (ImportError, OSError) as error:
        return None, f"llvmlite cannot be loaded ({error})"
    card, folder = admitted.card, admitted.folder
    golden = read_golden(folder / GOLDEN_FILE, card)
    try:
        model = NativeModel(folder, card)
        reason = disagreement(model, reference, golden["audio"])
    except Unsupported as error:
        return None, str(error)
    except (RuntimeError, OSError, MemoryError, ValueError) as error:
        return None, f"it cannot be compiled or run here ({error})"
    if reason:
        return None, reason
    model.warm_up()
    return model, ""
