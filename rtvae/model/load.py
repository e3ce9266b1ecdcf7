"""Load: from a path to a model that plays. Admission first, then the runtime, then a warm-up."""

from pathlib import Path

from rtvae.model.admit import Admitted, admit
from rtvae.model.live import LiveModel
from rtvae.model.ort import OrtModel, OrtWindow
from rtvae.model.overlap_add_model import OverlapAddModel


def load_model(path: Path) -> LiveModel:
    """Return the model in a folder, a zipped folder or a bare stateless ONNX file, warmed up.

    Call `prepare_process` (rtvae.model.ort) once on the process's main thread before this.
    Raises ModelError with one sentence if the model is missing, damaged or refused.
    """
    return load_admitted(admit(path))


def load_admitted(admitted: Admitted) -> LiveModel:
    """Return a model that `admit` has let in, warmed up. Raises ModelError."""
    card, folder = admitted.card, admitted.folder
    if card.kind == "stateless":
        graph = next(name for name in card.files if name.endswith(".onnx"))
        window = OrtWindow(folder / graph)
        window.warm_up()
        return OverlapAddModel(window, card)
    model = OrtModel(folder, card)
    model.warm_up()
    return model
