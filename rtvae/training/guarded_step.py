"""One step of an optimiser that neither a steep place nor a broken number can spoil."""

from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Optimizer

GRADIENT_LIMIT = 1.0


def guarded_step(fabric: Fabric, module: nn.Module, optimiser: Optimizer) -> Tensor:
    """Clip the gradients and step, unless they are not finite; return 1 if so, else 0.

    A gradient that is not finite would poison the weights for good. Fused optimisers look at
    `found_inf` on their device, so that nobody waits for the number.
    """
    norm = fabric.clip_gradients(
        module, optimiser, max_norm=GRADIENT_LIMIT, error_if_nonfinite=False
    )
    assert norm is not None
    lost = torch.logical_not(torch.isfinite(norm)).float()
    inner: Any = getattr(optimiser, "optimizer", optimiser)
    inner.grad_scale, inner.found_inf = None, lost
    optimiser.step()
    return lost
