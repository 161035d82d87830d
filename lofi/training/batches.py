"""Batches in parts that fit the memory."""

from collections.abc import Iterable

import torch


def microbatches(batch: Iterable[torch.Tensor], size: int) -> list[tuple[torch.Tensor, ...]]:
    """The tensors of a batch cut into parts of `size` rows (0: one part), a list of tuples."""
    return list(zip(*(whole.split(size or len(whole)) for whole in batch), strict=True))
