"""Which peers can be measured here: they need the model's checkpoint and the train extra."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rtvae.errors import ModelError
from rtvae.model.admit import Admitted
from rtvae.model.live import LiveModel

TITLES = {
    "plain_conv1d": "onnxruntime, plain Conv1d, session.run",
    "torchscript": "TorchScript, plain Conv1d, frozen",
    "torchscript_rows": "TorchScript, our products, frozen",
    "eager": "PyTorch eager, our products",
}
PLAIN = ("plain_conv1d", "torchscript")
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Peers:
    """The peers' models by name, and a sentence that says what is missing and why."""

    models: dict[str, LiveModel] = field(default_factory=dict)
    missing: str = ""


@contextmanager
def peers(admitted: Admitted, wanted: bool) -> Iterator[Peers]:
    """Provide the peers of a model, torch held to one thread meanwhile."""
    if not wanted:
        yield Peers(missing="Peers were left out as asked.")
        return
    if not (admitted.folder / CHECKPOINT).is_file():
        yield Peers(missing=f"Peers are left out: the model comes without its {CHECKPOINT}.")
        return
    try:
        from rtvae.training.checkpoint import load_checkpoint
        from rtvae.training.peers import (
            eager_model,
            one_thread,
            plain_conv_model,
            scripted_model,
            scripted_rows_model,
        )
    except ModuleNotFoundError as error:
        yield Peers(
            missing=f"Peers are left out: they need {error.name}, which comes with "
            "`pip install -e '.[train]'`."
        )
        return
    make: dict[str, Callable[..., LiveModel]] = {
        "plain_conv1d": plain_conv_model,
        "torchscript": scripted_model,
        "torchscript_rows": scripted_rows_model,
        "eager": eager_model,
    }
    with one_thread():
        try:
            weights = load_checkpoint(admitted.folder / CHECKPOINT).model().eval()
        except ModelError as error:
            yield Peers(missing=f"Peers are left out: {error}")
            return
        has_plain_form = weights.config.attributes == ("loudness",)
        names = [name for name in TITLES if has_plain_form or name not in PLAIN]
        missing = (
            ""
            if has_plain_form
            else "A model that measures brightness or pitch has no form of plain Conv1d layers; "
            "`transform` has one."
        )
        yield Peers({name: make[name](weights, admitted.card) for name in names}, missing)
