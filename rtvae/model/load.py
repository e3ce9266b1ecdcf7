"""Load: from a path to a model that plays. Admission first, then an executor, then a warm-up.

A model is played by the native executor if that equals ONNX Runtime on this machine with this
model; else by ONNX Runtime, and `executor_note` says why. A CUDA device plays it only when asked
to: whoever knows the size of the blocks may compare (see `rtvae.engine.contest`).
"""

import os
from pathlib import Path

from rtvae.errors import SetupError, UsageError
from rtvae.model.admit import Admitted, admit
from rtvae.model.card import GOLDEN_FILE
from rtvae.model.live import LiveModel
from rtvae.model.natively import NOT_HERE, natively
from rtvae.model.ort import CUDA, DeviceModel, OrtModel, OrtWindow, why_no_cuda
from rtvae.model.overlap_add_model import OverlapAddModel
from rtvae.model.trial import read_golden

EXECUTORS = ("auto", "native", "onnxruntime", CUDA)
VARIABLE = "RTVAE_EXECUTOR"


def load_model(path: Path, executor: str = "auto") -> LiveModel:
    """Return the model in a folder, a zipped folder or a bare stateless ONNX file, warmed up.

    `executor` is one of EXECUTORS; the environment's RTVAE_EXECUTOR overrides it. Call
    `prepare_process` (rtvae.model.ort) once on the process's main thread before this.
    Raises ModelError with one sentence if the model is missing, damaged or refused, UsageError if
    there is no such executor, SetupError if CUDA was asked for and cannot play it.
    """
    return load_admitted(admit(path), executor)


def executors_here() -> tuple[str, ...]:
    """Return the executors that this machine has."""
    return tuple(name for name in EXECUTORS if name != CUDA or not why_no_cuda())


def load_rival(path: Path) -> LiveModel | None:
    """Return the model as a CUDA device plays it, warmed up; None where it cannot.

    None too where RTVAE_EXECUTOR has chosen already. Raises ModelError as `load_model` does.
    """
    if (os.environ.get(VARIABLE) or "auto") != "auto" or why_no_cuda():
        return None
    return on_cuda(admit(path))[0]


def load_admitted(admitted: Admitted, executor: str = "auto") -> LiveModel:
    """Return a model that `admit` has let in, warmed up. Raises as `load_model` does."""
    executor = os.environ.get(VARIABLE) or executor
    if executor not in EXECUTORS:
        raise UsageError(
            f"There is no executor {executor!r}; set {VARIABLE} to one of {', '.join(EXECUTORS)}."
        )
    if executor == CUDA:
        there, reason = on_cuda(admitted)
        if there is None:
            raise SetupError(
                f"CUDA was asked for and cannot play {admitted.card.name} ({reason}); "
                f"set {VARIABLE} to auto."
            )
        return there
    card, folder = admitted.card, admitted.folder
    if card.kind == "stateless":
        graph = next(name for name in card.files if name.endswith(".onnx"))
        window = OrtWindow(folder / graph)
        window.warm_up()
        return OverlapAddModel(window, card)
    native, note = _native(admitted) if executor != "onnxruntime" else (None, "")
    if native is not None:
        return native
    model = OrtModel(folder, card)
    model.executor_note = note
    model.warm_up()
    return model


def on_cuda(admitted: Admitted, device: str = CUDA) -> tuple[LiveModel | None, str]:
    """Return a model on a CUDA device, warmed up, or None and the reason why it cannot be there."""
    reason = why_no_cuda() if device == CUDA else ""
    if reason:
        return None, reason
    if admitted.card.kind == "stateless":
        return None, "a model without states is played by the processor"
    try:
        from rtvae.model.native import disagreement

        golden = read_golden(admitted.folder / GOLDEN_FILE, admitted.card)
        model = DeviceModel(admitted.folder, admitted.card, device)
        reason = disagreement(model, OrtModel(admitted.folder, admitted.card), golden["audio"])
        if reason:
            return None, reason
        model.warm_up()
    except Exception as error:  # what a device can raise has no common base
        return None, str(error).strip().partition("\n")[0][:200]
    return model, ""


def _native(admitted: Admitted) -> tuple[LiveModel | None, str]:
    if admitted.why_not_native:
        return None, admitted.why_not_native
    reference = OrtModel if admitted.why_not_native is None else None
    try:
        return natively(admitted.folder, admitted.card, reference)
    except NOT_HERE as error:
        return None, f"it cannot be compiled or run here ({error})"
