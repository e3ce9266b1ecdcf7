"""Checkpoints: one safetensors file with weights, their running mean and the optimiser's state.

A file written for a model folder holds only the running mean; training continues from either.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from rtvae.errors import ModelError
from rtvae.training.shape import VaeConfig
from rtvae.training.vae import Vae

FORMAT = 1


@dataclass
class Checkpoint:
    """What a training run needs to go on."""

    config: VaeConfig
    weights: dict[str, Tensor]
    optimiser: dict[str, Tensor] = field(default_factory=dict)
    progress: dict[str, Any] = field(default_factory=dict)

    def model(self) -> Vae:
        """Return a model with these weights, on the CPU."""
        model = Vae(self.config)
        model.load_state_dict(self.weights)
        return model


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write atomically: a crash leaves the old file or the new one, never half of one.

    Raises ModelError if it cannot be written; then the old file is still there.
    """
    tensors = {f"weights.{k}": v for k, v in checkpoint.weights.items()}
    tensors |= {f"optimiser.{k}": v for k, v in checkpoint.optimiser.items()}
    facts = {
        "format": FORMAT,
        "config": checkpoint.config.as_dict(),
        "progress": checkpoint.progress,
    }
    draft = path.with_name(path.name + ".part")
    plain = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
    try:
        save_file(plain, draft, {"rtvae": json.dumps(facts)})
        # Without this a power cut could leave the new name over data that was never written.
        with open(draft, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(draft, path)
    except (OSError, SafetensorError) as error:
        draft.unlink(missing_ok=True)
        raise ModelError(
            f"The checkpoint {path} cannot be written ({error}); free some space there and give "
            "the same command again: it goes on from the last one."
        ) from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint. Raises ModelError with a sentence if it is none of ours."""
    try:
        with safe_open(path, "pt") as file:
            facts = json.loads((file.metadata() or {})["rtvae"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelError(
            f"{path} is not a checkpoint of rtvae ({error}); give a run folder or a model folder "
            f"that holds checkpoint.safetensors."
        ) from error
    if facts.get("format") != FORMAT:
        raise ModelError(
            f"{path} was written by another version of rtvae (checkpoint format "
            f"{facts.get('format')}, this one reads {FORMAT}); update rtvae."
        )
    return Checkpoint(
        VaeConfig.from_dict(facts["config"]),
        tensors_under("weights.", tensors),
        tensors_under("optimiser.", tensors),
        facts["progress"],
    )


def find_checkpoint(place: Path) -> Path:
    """Return the checkpoint of a run folder, a model folder, or the file itself."""
    return place / "checkpoint.safetensors" if place.is_dir() else place


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Flatten an optimiser's per-parameter tensors to `INDEX.NAME`."""
    state = optimiser.state_dict()["state"]
    return {f"{i}.{k}": v for i, row in state.items() for k, v in row.items()}


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Undo `optimiser_tensors`."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    whole = optimiser.state_dict()
    whole["state"] = state
    optimiser.load_state_dict(whole)


def tensors_under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names begin with `prefix`, without it."""
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
