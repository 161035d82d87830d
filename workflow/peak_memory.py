"""The most memory that this process has held."""

import resource
import sys
from pathlib import Path

import torch


def peak_bytes(device):
    """Most bytes held so far: of tensors on a GPU, resident in this process on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated()
    if sys.platform == "linux":  # ru_maxrss would begin with what the parent process held
        return 1024 * status_kb("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def status_kb(key):
    """An entry of /proc/self/status (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))
