"""The device of `gpu.py`: its clock, its memory, and the precision of its products."""

import time
from contextlib import contextmanager, nullcontext

import torch

from lofi.models import reconstructor

DEADLINE = 420  # seconds of everything
STARTED = time.monotonic()


def late():
    """Whether no further cell should begin."""
    return time.monotonic() - STARTED > DEADLINE


def wait(device):
    """Until the device has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_on(device, call, repeats=1):
    """Least elapsed time of a call, after a first one."""
    times = []
    for _ in range(repeats + 1):
        wait(device)
        start = time.perf_counter()
        call()
        wait(device)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def measured(device, call):
    """The row that `call()` returns, and the peak of its tensors in GB (None on a processor); or why there is none."""
    if late():
        return {"outcome": "time"}
    if device.type != "cuda":
        return call() | {"peak_gb": None}
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    try:
        return call() | {"peak_gb": torch.cuda.max_memory_allocated(device) / 1e9}
    except torch.OutOfMemoryError:
        return {"outcome": "memory"}


@contextmanager
def products(tf32):
    """Products of float32 numbers on a GPU in TF32 or not."""
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    torch.backends.cudnn.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before[0])
        torch.backends.cudnn.allow_tf32 = before[1]


@contextmanager
def without_bfloat16():
    """Training without `lofi.device.rough`."""
    rough, reconstructor.rough = reconstructor.rough, lambda *_: nullcontext()
    try:
        yield
    finally:
        reconstructor.rough = rough


def difference(value, expected):
    """The largest of two outputs, relative to the largest expected one."""
    return float((value.cpu() - expected).abs().max() / expected.abs().max())
