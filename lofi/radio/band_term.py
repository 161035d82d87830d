"""The data term of a band: the image at the reference frequency, the spectral index found on the way."""

from typing import Any

import numpy as np
import torch

from lofi.radio.measurement import Measurement
from lofi.radio.spectral_index import SpectralIndex
from lofi.radio.tilted import tilted
from lofi.radio.zero_spacing import ZeroSpacing, data_image, normal_operator
from lofi.solvers.major_cycles import MajorCycles

# Steps of an algorithm before which the index is found anew; an image that does not yet fit would mislead it.
UPDATES = (6, 8, 11, 14, 17, 20)


class BandTerm(MajorCycles):
    """`MajorCycles` of one sky whose spectral index follows the image, in `prox` number `UPDATES`.

    Parameters
    ----------
    spectrum : the index, which is changed. unit : Jy, of images and data. zero : of the total flux.
    others : as of `MajorCycles`.
    """

    def __init__(
        self, *arguments: Any, spectrum: SpectralIndex, unit: float, zero: ZeroSpacing, **keywords: Any
    ) -> None:
        super().__init__(*arguments, normal=normal_operator(spectrum.measurement, zero), **keywords)
        self._spectrum, self._unit, self._zero, self._calls = spectrum, unit, zero, 0

    def prox(
        self, z: torch.Tensor, alpha: torch.Tensor, start: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        self._calls += 1
        near = z if start is None else start
        if self._calls in UPDATES:
            self.update(near)
        elif self._calls == 1:
            self._follow(near)
        x, solved = super().prox(z, alpha, start)
        return x, solved | {"spectral_index": torch.tensor([self._spectrum.mean])}

    def update(self, x: torch.Tensor) -> Measurement:
        """Find the index with the images x, and return the measurement of such a sky."""
        self._spectrum.update(x[0].cpu().numpy().astype(np.float64) * self._unit)
        return self._follow(x)

    def _follow(self, x):
        """The measurement of a sky with the index as it is, whose operator and data the term takes."""
        spectrum = self._spectrum
        measurement = tilted(spectrum.measurement, spectrum.reference_hz, spectrum.alpha)
        dirty = data_image(self._zero.dirty(measurement.dirty), np.array([self._unit]), x.device)
        self.change(x, dirty, normal_operator(measurement, self._zero))
        return measurement
