"""Random streams by name (docs/conventions.md, Randomness)."""

import hashlib

import numpy as np


def seed(*name: str | int) -> int:
    """The 64-bit seed of the stream called `name`, a sequence of words and whole numbers."""
    if not name:
        raise ValueError("a random stream needs a name")
    digest = hashlib.sha256("/".join(str(part) for part in name).encode()).digest()
    return int.from_bytes(digest[:8], "little")


def stream(*name: str | int) -> np.random.Generator:
    """A `numpy.random.Generator` of its own for `name`."""
    return np.random.default_rng(seed(*name))
