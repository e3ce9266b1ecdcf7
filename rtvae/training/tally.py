"""Sums of losses between two reports, kept on the device that computes them.

Asking a device for a number makes it wait for all that is under way; so it is asked once per
report.
"""

import torch
from lightning_fabric import Fabric
from torch import Tensor


class Tally:
    """Means over steps and processes; steps that were not taken count apart.

    Steps may differ in what losses they have: each is divided by the steps that had it.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._sums: dict[tuple[str, ...], Tensor] = {}

    def add(self, losses: dict[str, Tensor], lost: Tensor) -> None:
        """Count one step with its scalar losses; `lost` is 1 where it was not taken, else 0."""
        self.steps += 1
        values = torch.stack([*(value.float() for value in losses.values()), torch.ones_like(lost)])
        values = torch.where(lost > 0, 0.0, values)
        kind = tuple(losses)
        self._sums[kind] = self._sums[kind] + values if kind in self._sums else values

    def close(self, fabric: Fabric) -> tuple[dict[str, float], int]:
        """Return the means over all processes and how many steps were lost; begin anew.

        Every process has to call it.
        """
        sums: dict[str, float] = {}
        steps: dict[str, float] = {}
        taken = 0.0
        for kind, values in self._sums.items():
            whole = fabric.all_reduce(values, reduce_op="mean")
            *parts, count = whole.tolist()  # type: ignore[union-attr]
            taken += count
            for name, value in zip(kind, parts, strict=True):
                sums[name] = sums.get(name, 0.0) + value
                steps[name] = steps.get(name, 0.0) + count
        lost = self.steps - round(taken)
        self.steps, self._sums = 0, {}
        return {name: value / max(steps[name], 1.0) for name, value in sums.items()}, lost
