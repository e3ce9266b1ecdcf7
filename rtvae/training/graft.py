"""Let a model go on in a larger shape: the weights of the smaller one, in place, function kept.

More latents, filters that the smaller model lacked: what is new starts without a say and learns.
"""

import torch
from torch import Tensor

from rtvae.errors import UsageError
from rtvae.training.checkpoint import Checkpoint
from rtvae.training.vae import Vae

HEAD = ("encoder.head.weight", "encoder.head.bias")
LISTENING = ("decoder.first.weight", "decoder.wave.first.weight", "decoder.listen.weight")


@torch.no_grad()
def graft(saved: Checkpoint, model: Vae) -> dict[str, Tensor]:
    """Return weights for `model` that make it play like the model that was saved.

    Raises UsageError where `model` measures other latents, makes its sound in another way, or has
    a smaller layer.
    """
    there, here = saved.config, model.config
    if (there.attributes, there.source) != (here.attributes, here.source):
        raise UsageError(
            f"The model to start from is of another kind (it measures "
            f"{', '.join(there.attributes)}, its source is {there.source}; asked for are "
            f"{', '.join(here.attributes)}, {here.source}); leave out --preset, or start from a "
            f"model of that kind."
        )
    weights = saved.weights
    grown = {name: value.clone() for name, value in model.state_dict().items()}
    for name, value in weights.items():
        place = grown.get(name)
        if place is None:
            continue
        if place.shape == value.shape:
            place.copy_(value)
        elif place.dim() == value.dim() and all(
            new >= old for new, old in zip(place.shape, value.shape, strict=True)
        ):
            _put(name, place, value)
        else:
            raise UsageError(
                f"The model to start from does not fit ({name} is {tuple(value.shape)} there, "
                f"{tuple(place.shape)} here); start from another one, or from nothing."
            )
    return grown


def _put(name: str, place: Tensor, value: Tensor) -> None:
    if name in HEAD:
        # Means first, then log deviations: each half keeps its own beginning.
        for new, old in zip(place.chunk(2), value.chunk(2), strict=True):
            new[: old.shape[0]] = old
        return
    if name in LISTENING:
        place.zero_()
    place[tuple(slice(size) for size in value.shape)] = value
