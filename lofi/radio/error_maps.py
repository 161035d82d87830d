"""Error bars of a radio image as it is published: standard deviations, and bounds of the model."""

from dataclasses import dataclass

import numpy as np

from lofi.radio.replicas import Replicas, spread

BOUNDS = {"lo90": 0.05, "lo68": 0.16, "hi68": 0.84, "hi90": 0.95}  # product: how much of the truth lies below
UNITS = {"error": "Jy/pixel", **dict.fromkeys(BOUNDS, "Jy/pixel"), "image-error": "Jy/beam"}
AROUND = 1  # pixels; errors of the eight neighbours help replicas, which are few, to quantiles


@dataclass(frozen=True, eq=False)
class ErrorMaps:
    """Error bars of one sky.

    Attributes
    ----------
    error : standard deviation (H, W) of the model, Jy/pixel. bounds : (H, W) of each of `BOUNDS`, Jy/pixel, at least 0.
    image_error : standard deviation of the restored image, Jy/beam. source : words on where they come from.
    replicas : errors (N, H, W) of the model, Jy/pixel, that they come from, or None.
    """

    error: np.ndarray
    bounds: dict[str, np.ndarray]
    image_error: np.ndarray
    source: str
    replicas: np.ndarray | None = None

    @property
    def images(self) -> dict[str, tuple[np.ndarray, str]]:
        """Products with their units."""
        images = {"error": self.error, **self.bounds, "image-error": self.image_error}
        return {name: (image, UNITS[name]) for name, image in images.items()}


def of_replicas(model: np.ndarray, replicas: Replicas) -> ErrorMaps:
    """Error bars of a model (H, W), Jy/pixel, from its replicas.

    The bounds are basic bootstrap intervals (Davison & Hinkley 1997, 5.2.1): the model less quantiles of the errors.
    """
    levels = [1 - level for level in BOUNDS.values()]
    quantiles = np.stack([np.quantile(_around(replicas.model, row), levels, axis=0) for row in range(len(model))], 1)
    bounds = {name: np.maximum(model - wrong, 0) for name, wrong in zip(BOUNDS, quantiles, strict=True)}
    source = f"{len(replicas.model)} replicas: noise and coverage, not what the prior gets wrong everywhere alike"
    return ErrorMaps(spread(replicas.model), bounds, spread(replicas.image), source, replicas.model)


def _around(errors, row):
    """Errors (N, H, W) in the neighbourhood of each pixel of a row: (9 N, W)."""
    rows = errors[:, np.arange(row - AROUND, row + AROUND + 1) % errors.shape[1]]
    columns = [np.roll(rows, step, -1) for step in range(-AROUND, AROUND + 1)]
    return np.concatenate(columns, 1).reshape(-1, errors.shape[2])
