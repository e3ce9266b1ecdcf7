"""Which peers can be measured here: they need the model's checkpoint and the train extra."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rtvae.errors import ModelError
from rtvae.model.admit import Admitted
from rtvae.model.live import LiveModel

TITLES = {
    "plain_conv1d": "plain Conv1d, session.run",
    "torchscript": "TorchScript, frozen",
}
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Peers:
    """The peers' models by name, or none and a sentence that says why."""

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
        from rtvae.training.peers import one_thread, plain_conv_model, scripted_model
    except ModuleNotFoundError as error:
        yield Peers(
            missing=f"Peers are left out: they need {error.name}, which comes with "
            "`pip install -e '.[train]'`."
        )
        return
    make: dict[str, Callable[..., LiveModel]] = {
        "plain_conv1d": plain_conv_model,
        "torchscript": scripted_model,
    }
    with one_thread():
        try:
            weights = load_checkpoint(admitted.folder / CHECKPOINT).model().eval()
        except ModelError as error:
            yield Peers(missing=f"Peers are left out: {error}")
            return
        if weights.config.attributes != ("loudness",):
            yield Peers(
                missing="Peers are left out: a model that measures brightness or pitch has no "
                "plain form; bench `transform` for the comparison."
            )
            return
        yield Peers({name: make[name](weights, admitted.card) for name in TITLES})
