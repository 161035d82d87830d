"""The processes that train one model together, as `torchrun` starts them; one process is a group of one."""

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

PATIENCE = timedelta(hours=1)  # that the others wait for the first process, which validates and writes
# Warnings of DistributedDataParallel: an option whose new name older PyTorch does not know, strides of axes of length 1
HARMLESS = ("`broadcast_buffers` is deprecated", "Grad strides do not match bucket view strides")


@contextmanager
def group(device: torch.device) -> Iterator[None]:
    """Join the other processes, named by the environment variables of `torchrun`: NCCL on GPUs, gloo on CPUs."""
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        with warnings.catch_warnings():
            for harmless in HARMLESS:
                warnings.filterwarnings("ignore", message=harmless)
            yield
    finally:
        distributed.destroy_process_group()


def size() -> int:
    """Number of processes."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def first() -> bool:
    """Whether this is the process that validates and writes."""
    return not distributed.is_initialized() or distributed.get_rank() == 0


def share(objects: int) -> slice:
    """Which of the `objects` of a batch are this process's, a slice; ValueError if there are none for some."""
    if objects < size():
        raise ValueError(f"training: objects is {objects}; {size()} processes need at least one each")
    return slice(0 if first() else distributed.get_rank(), None, size())


def total(*values: float) -> list[float]:
    """Sums over the processes of one number each, in float64; all must call it, so that it is a barrier, too."""
    if size() == 1:
        return [float(value) for value in values]
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    sums = torch.tensor(values, dtype=torch.float64, device=device)
    distributed.all_reduce(sums)
    return sums.tolist()


def from_first(value: Any) -> Any:
    """The first process's `value`, anything that can be pickled, in all of them."""
    if size() == 1:
        return value
    box = [value]
    distributed.broadcast_object_list(box)
    return box[0]


class _Step(nn.Module):
    """`training_step` as a forward, where DistributedDataParallel listens."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, observed, truth, places):
        return self.model.training_step(observed, truth, places)


def stepper(model: nn.Module) -> nn.Module:
    """The loss of (observed, truth, places); its backward leaves the mean over processes of the gradients.

    Buffers are not sent around: only batch normalisation changes its own, and those are measured where they are needed
    (`lofi.training.statistics`).
    """
    step = _Step(model)
    return DistributedDataParallel(step, broadcast_buffers=False) if size() > 1 else step


def exchange(step: nn.Module, now: bool) -> AbstractContextManager:
    """Context of a part's forward and backward: gradients are exchanged only where `now`, else accumulated."""
    return nullcontext() if now or size() == 1 else step.no_sync()
