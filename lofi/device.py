"""Where networks run; the one place that knows about devices and their speed settings."""

import torch


def choose(name="auto", threads=1):
    """The torch device of `name` (auto: a GPU if there is one), `threads` CPU threads, TF32 products on a GPU."""
    if name not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device is {name!r}; expected auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device is cuda, but torch sees no GPU here; use auto or cpu")
    torch.set_num_threads(threads)
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    torch.set_float32_matmul_precision("high")
    return torch.device("cuda")


def tile_of(device):
    """Pixels a field evaluates at a time: few enough for a processor's caches, many enough to fill a GPU."""
    return 512 if device.type == "cpu" else 16384
