"""The total flux as one more visibility, at u = v = 0: its PSF is 1 everywhere."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lofi.radio.measurement import Measurement
from lofi.radio.short_spacings import ShortSpacings
from lofi.solvers.convolution import Convolution

HELD, STIFFEST = 3e-3, 0.1  # ASSUME: least and greatest weight where it holds against positivity, of the best mode's


@dataclass(frozen=True)
class ZeroSpacing:
    """The visibility `flux`, Jy, and its `weight`, where those of the others sum to 1; 0, 0 for none."""

    weight: float = 0.0
    flux: float = 0.0

    def normal(self, normal: NDArray, images: NDArray) -> NDArray:
        """`A* W A I` (P, H, W), Jy/beam, of images in Jy/pixel, with it."""
        return normal + self.weight * images.sum((-2, -1), keepdims=True)

    def dirty(self, dirty: NDArray) -> NDArray:
        """Dirty images (P, H, W), Jy/beam, with it."""
        return dirty + self.weight * self.flux

    def power(self, power: NDArray) -> NDArray:
        """`Σ W |V|²` (P,), Jy², with it."""
        return power + self.weight * self.flux**2


def normal_operator(measurement: Measurement, zero: ZeroSpacing) -> Callable[[torch.Tensor, float], torch.Tensor]:
    """The exact normal operator with the zero spacing, of images (P, H, W) on any device, in single precision.

    Its second argument is `tolerance` of `Measurement.normal`.
    """

    def normal(images, tolerance):
        janskys = images.cpu().numpy()
        image = zero.normal(measurement.normal(janskys, tolerance), janskys)
        return torch.from_numpy(image.astype(np.float32, copy=False)).to(images.device)

    return normal


def data_image(dirty: NDArray, unit: NDArray, device: torch.device | str) -> torch.Tensor:
    """Dirty images (P, H, W), Jy/beam, in units of `unit` (P,) Jy, in single precision."""
    return torch.from_numpy((dirty / unit[:, None, None]).astype(np.float32)).to(device)


def zero_spacing(measurement: Measurement, spacings: ShortSpacings | None, convolution: Convolution) -> ZeroSpacing:
    """The `ZeroSpacing` of a measurement of one sky, of the weight `noise² / error²`; `convolution` with its PSF.

    Beyond a hole of the coverage that is too weak: positivity lets the flux grow with the noise that it fits. There the
    weight is raised to the fraction HELD of the best measured mode's. STIFFEST keeps the largest eigenvalue as it is.
    """
    if spacings is None or spacings.flux is None:
        return ZeroSpacing()
    weight = (measurement.noise[0] / spacings.flux.error) ** 2
    mode = convolution.norm / np.prod(measurement.shape)
    least = 0.0 if spacings.hole is None else HELD * mode
    return ZeroSpacing(float(np.clip(weight, least, STIFFEST * mode)), spacings.flux.jansky)
