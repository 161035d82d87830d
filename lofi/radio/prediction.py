"""The visibilities of a model, for samples as they come."""

from collections.abc import Callable

import numpy as np

from lofi.radio.point_sources import PointSources
from lofi.radio.spectral_index import SpectralIndex
from lofi.radio.wide_field import WideFieldOperator


def predictor(
    model: np.ndarray,
    sources: PointSources,
    cell_radians: float,
    threads: int = 1,
    spectrum: SpectralIndex | None = None,
) -> Callable[..., np.ndarray]:
    """A function of u, v, w and frequency (M,), as of `WideFieldOperator`: visibilities (M,), Jy.

    model : (H, W), Jy/pixel, of one spectrum, or at the reference frequency of the `spectrum`.
    sources : points and small Gaussians beside it. cell_radians : side of a pixel.
    threads : of the transforms.
    """

    def visibilities(*samples: np.ndarray) -> np.ndarray:
        operator = WideFieldOperator(*samples, model.shape, cell_radians, threads)
        if spectrum is not None:
            _, _, _, frequency = samples
            operator = spectrum.operator(operator, frequency)
        return operator.forward(model.astype(np.float64)) + sources.visibilities(operator)

    return visibilities
