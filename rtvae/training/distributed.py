"""One process or several: who computes on what, who leads, and how a failure ends them all.

Alone, a training runs on one device. Under `torchrun` each process takes one device and an equal
share of every batch; process 0 leads: it prepares, reports and saves while the others wait.
"""

import inspect
import logging
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning_fabric.plugins.precision.amp import MixedPrecision
from lightning_fabric.strategies.ddp import DDPStrategy
from torch.nn.parallel import DistributedDataParallel

from rtvae.errors import UsageError
from rtvae.training.heap import keep_freed_memory

_SYNC_BUFFERS = next(
    name
    for name in ("forward_sync_buffers", "broadcast_buffers")  # torch 2.13 renamed it
    if name in inspect.signature(DistributedDataParallel).parameters
)
LONGEST_WAIT = timedelta(hours=6)
"""Others wait while process 0 reads a large folder of recordings for the first time."""
FOLLOWER_STATUS = 1

T = TypeVar("T")


class HalfInside(MixedPrecision):
    """Half precision for what is computed, not for what is given: audio in 8 bits is noise."""

    def __init__(self, accelerator: str) -> None:
        super().__init__("bf16-mixed", accelerator)

    def convert_input(self, data: Any) -> Any:
        """Return it as it is."""
        return data

    def convert_output(self, data: Any) -> Any:
        """Return it as it is."""
        return data


def make_fabric(device: str, environment: Mapping[str, str] = os.environ) -> Fabric:
    """Return what runs the training: one process, or this one's share of several.

    `device` is auto, cpu or cuda. Raises UsageError for a device that is not there.
    """
    accelerator = _accelerator(device)
    precision = _precision(accelerator)
    if accelerator == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    else:
        # Decaying tails end in numbers so small that a CPU takes a hundred times as long.
        torch.set_flush_denormal(True)
        keep_freed_memory()
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    processes = int(environment.get("WORLD_SIZE", "1"))
    if processes == 1:
        plugins: list[Any] = [LightningEnvironment(), *precision]
        fabric = Fabric(accelerator=accelerator, devices=1, plugins=plugins)
    else:
        fabric = _one_of_many(accelerator, precision, processes, environment)
    fabric.launch()
    return fabric


def _one_of_many(
    accelerator: str,
    precision: list[HalfInside],
    processes: int,
    environment: Mapping[str, str],
) -> Fabric:
    here = int(environment.get("LOCAL_WORLD_SIZE", str(processes)))
    if accelerator == "cuda" and here > torch.cuda.device_count():
        raise UsageError(
            f"{here} processes were started and there are {torch.cuda.device_count()} GPUs here; "
            f"give torchrun --nproc-per-node {torch.cuda.device_count()}, or use --device cpu."
        )
    # Buffers are tables that every process makes for itself.
    options: dict[str, Any] = {_SYNC_BUFFERS: False}
    strategy = DDPStrategy(
        process_group_backend="nccl" if accelerator == "cuda" else "gloo",
        timeout=LONGEST_WAIT,
        gradient_as_bucket_view=True,
        **options,
    )
    return Fabric(
        accelerator=accelerator,
        devices=here,
        num_nodes=processes // here,
        strategy=strategy,
        plugins=[TorchElasticEnvironment(), *precision],
    )


def _accelerator(device: str) -> str:
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("There is no CUDA device here; use --device cpu or leave it out.")
    if device not in ("cpu", "cuda"):
        raise UsageError(f"The device {device} is unknown; use auto, cpu or cuda.")
    return device


def _precision(accelerator: str) -> list[HalfInside]:
    """Half precision where the hardware is made for it."""
    if accelerator == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return [HalfInside(accelerator)]
    return []


def lead(fabric: Fabric, work: Callable[[], T]) -> T:
    """Have process 0 do `work` while the others wait; all return its result.

    If it fails there, it raises there and the others end without a word: one sentence is enough.
    Every process has to call it, with a result that can be pickled.
    """
    result: T | None = None
    failure: BaseException | None = None
    if fabric.is_global_zero:
        try:
            result = work()
        except BaseException as error:
            failure = error
    result, failed = fabric.broadcast((result, failure is not None))
    if failure is not None:
        raise failure
    if failed:
        raise SystemExit(FOLLOWER_STATUS)
    return result  # type: ignore[return-value]


def share_out(fabric: Fabric, groups: int) -> range:
    """Return the groups of each batch that this process computes."""
    each = groups // fabric.world_size
    return range(fabric.global_rank * each, (fabric.global_rank + 1) * each)


def leave(fabric: Fabric) -> None:
    """End the connection to the other processes."""
    if fabric.world_size > 1 and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
