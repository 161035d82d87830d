"""Batches in parts that fit the memory."""


def microbatches(batch, size):
    """The tensors of a batch cut into parts of `size` rows (0: one part), a list of tuples."""
    return list(zip(*(whole.split(size or len(whole)) for whole in batch), strict=True))
