"""Where networks run; the one place that knows about devices and their speed settings."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch

Part = TypeVar("Part")
CPU = torch.device("cpu")


def choose(name: str = "auto", threads: int = 1) -> torch.device:
    """The torch device of `name` (auto: a GPU if there is one), `threads` CPU threads, TF32 products on a GPU.

    Of the processes that `torchrun` starts on a machine, each takes the GPU of its own number.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device is {name!r}; expected auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device is cuda, but torch sees no GPU here; use auto or cpu")
    torch.set_num_threads(threads)
    if name == "cpu" or not torch.cuda.is_available():
        return CPU
    torch.set_float32_matmul_precision("high")
    torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
    return torch.device("cuda", torch.cuda.current_device())


def gpus() -> int:
    """Number of GPUs that this process may use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def to_device(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A CPU tensor on `device`; to a GPU by pinned memory, while Python goes on."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


@cache
def bfloat16_products() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32: with matrix units (AMX) or AVX-512 BF16 (Linux).

    Not where PyTorch was told to use less of it (`ATEN_CPU_CAPABILITY`).
    """
    flags = []
    with suppress(OSError):
        flags = Path("/proc/cpuinfo").read_text().split()
    return torch.backends.cpu.get_cpu_capability() == "AVX512" and ("amx_bf16" in flags or "avx512_bf16" in flags)


def rough(device: torch.device, fast: bool = False) -> torch.autocast:
    """Context of a training forward in bfloat16, for networks whose inputs are as noisy as they are large: on a GPU,
    and on a processor where it is `fast`.

    Not for denoisers, which resolve noise of 1e-4 of the image, nor for anything that is not trained.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" or fast)


@contextmanager
def exact(device: torch.device) -> Iterator[None]:
    """Context of products in full float32, where values matter whose differences are small: pixels of a patch."""
    if device.type == "cpu":
        with torch.autocast("cpu", enabled=False):
            yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        torch.set_float32_matmul_precision(before)


def share(work: Callable[[Part], None], parts: Iterable[Part], device: torch.device = CPU) -> None:
    """Do `work` for each of the parts, without gradients; on a processor each of its threads takes a part at a time.

    That is faster than to share the products of one part, and no result depends on the number of threads.
    """
    threads = torch.get_num_threads() if device.type == "cpu" else 1
    if threads == 1:
        for part in parts:
            work(part)
        return
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for _ in pool.map(torch.no_grad()(work), parts):
                pass
    finally:
        torch.set_num_threads(threads)  # the number is the process's, in part


def tile_of(device: torch.device) -> int:
    """Pixels a field evaluates at a time: few enough for a processor's caches, many enough to fill a GPU."""
    return 512 if device.type == "cpu" else 16384
