"""Natively: a model as machine code of this processor, or the reason why it is not played so.

Nothing is trusted: the machine code is held against ONNX Runtime with this model on this machine.
That is done once for each content, where models are examined (`rtvae.model.admission`); after
that the golden sample is enough, and a process that plays need not run ONNX Runtime beside it.
"""

from collections.abc import Callable
from pathlib import Path

from rtvae.errors import ModelError
from rtvae.model.card import GOLDEN_FILE
from rtvae.model.live import LiveModel
from rtvae.model.trial import check_golden, read_golden
from rtvae.spec import ModelCard

NOT_HERE = (RuntimeError, OSError, MemoryError, ValueError)
"""What a machine raises that cannot compile, or not at this moment; it says nothing of a model."""

Reference = Callable[[Path, ModelCard], LiveModel]


def natively(
    folder: Path, card: ModelCard, reference: Reference | None = None
) -> tuple[LiveModel | None, str]:
    """Return a vae in machine code, warmed up, or None and why ONNX Runtime has to play it.

    It is compared with what `reference` makes of the same folder; without one, with the model's
    golden sample. Raises ModelError if that cannot be read, and NOT_HERE.
    """
    try:
        from rtvae.model.native import NativeModel, Unsupported, disagreement
    except (ImportError, OSError) as error:
        return None, f"llvmlite cannot be loaded ({error})"
    golden = read_golden(folder / GOLDEN_FILE, card)
    try:
        model = NativeModel(folder, card)
        if reference is None:
            check_golden(model, golden)
            reason = ""
        else:
            reason = disagreement(model, reference(folder, card), golden["audio"])
    except (Unsupported, ModelError) as error:
        return None, str(error)
    if reason:
        return None, reason
    model.warm_up()
    return model, ""
