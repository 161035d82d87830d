"""Arrays in `.npy` files of a user."""

from pathlib import Path

import numpy as np


def read_npy(path: Path) -> np.ndarray:
    """The array of a file as it is, pickles never opened; ValueError, one sentence, where it cannot be read."""
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"'{path}' cannot be read as a numpy array (truncated, or not .npy): {error}") from error
