"""The opponent in training: listens to a part of each clip, learns and objects in turns.

It costs several times what the model costs where it hears everything at every step. A quarter of
each clip is enough to tell, and learning at one step and objecting at the next halves the rest.
"""

import torch
from lightning_fabric import Fabric
from torch import Tensor

from rtvae.training.checkpoint import optimiser_tensors, restore_optimiser, tensors_under
from rtvae.training.discriminator import Discriminator, loss_of_opponent, losses_of_player
from rtvae.training.guarded_step import guarded_step

RATE = 3e-4
RISE_STEPS = 500
HEARD_SHARE = 0.25
CAUGHT_WEIGHT = 0.1
APART_WEIGHT = 0.2


class Adversary:
    """A discriminator, its optimiser, and the losses it adds to the model's."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self.network = Discriminator().to(fabric.device)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), RATE, betas=(0.8, 0.99), fused=True
        )
        self._judging, self._stepping = fabric.setup(self.network, self.optimiser)

    def tensors(self) -> dict[str, Tensor]:
        """Return everything it has learned, for a checkpoint."""
        network = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        return network | optimiser_tensors(self.optimiser)

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Undo `tensors`."""
        self.network.load_state_dict(tensors_under("network.", tensors))
        own = {k: v for k, v in tensors.items() if k[0].isdigit()}
        restore_optimiser(self.optimiser, own)

    def take_turn(
        self, wanted: Tensor, played: Tensor, step: int, start: float
    ) -> tuple[Tensor | None, dict[str, Tensor]]:
        """Learn at even steps, object at odd ones; return a loss for the model and what to report.

        `wanted` and `played` are `[B, frames]`; `step` counts from when it joined, `start` (0 to
        1) says where in the clips it listens.
        """
        frames = wanted.shape[1]
        heard = int(frames * HEARD_SHARE)
        at = int(start * (frames - heard))
        wanted, played = (x[:, at : at + heard].float() for x in (wanted, played))
        if step % 2 == 0:
            return None, self._learn(wanted, played.detach())
        return self._object(wanted, played, min(1.0, step / RISE_STEPS))

    def _learn(self, wanted: Tensor, played: Tensor) -> dict[str, Tensor]:
        loss = loss_of_opponent(self._judging(wanted, played))
        self.optimiser.zero_grad(set_to_none=True)
        self._fabric.backward(loss)
        guarded_step(self._fabric, self._judging, self._stepping)
        return {"opponent": loss.detach()}

    def _object(
        self, wanted: Tensor, played: Tensor, warm: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        self.network.requires_grad_(False)
        with self._fabric.autocast():
            caught, apart = losses_of_player(self.network(wanted, played))
        self.network.requires_grad_(True)
        loss = warm * (CAUGHT_WEIGHT * caught + APART_WEIGHT * apart)
        return loss, {"caught": caught.detach(), "features": apart.detach()}
