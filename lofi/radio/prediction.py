"""The visibilities of a model image, for baselines and channels as they come."""

from collections.abc import Callable

import numpy as np
from scipy.constants import speed_of_light

from lofi.radio.point_sources import PointSources
from lofi.radio.wide_field import WideFieldOperator


def predictor(
    model: np.ndarray, sources: PointSources, cell_radians: float, threads: int = 1
) -> Callable[..., np.ndarray]:
    """A function of baselines (u, v, w) (n, 3) in metres and frequencies (C,) in Hz: visibilities (n, C), Jy.

    model : (H, W), Jy/pixel, of one spectrum. sources : unresolved ones beside it. cell_radians : side of a pixel.
    threads : of the transforms.
    """

    def visibilities(uvw: np.ndarray, frequency: np.ndarray) -> np.ndarray:
        wavelengths = (uvw.T[..., None] * (frequency / speed_of_light)).reshape(3, -1)
        frequencies = np.tile(frequency, len(uvw))
        operator = WideFieldOperator(*wavelengths, frequencies, model.shape, cell_radians, threads)
        values = operator.forward(model) + sources.visibilities(operator)
        return values.reshape(len(uvw), len(frequency))

    return visibilities
