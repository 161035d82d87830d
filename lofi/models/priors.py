"""What a network knows of the sky before it is trained: its spectrum, the Wiener filter, units.

A prior has

* `fit(truth)`: what is measured on truths (N, H, W);
* `__call__(observed)`: the Wiener-filtered first channel (B, H, W) of observed images (B, C, H, W);
* `unit(observed)`: what images are a multiple of when a network sees them, 1 or (B, 1, 1, 1);
* `seen(observed)`: the channels (B, C, H, W) as a network sees them;
* `sampling(observed)`: the unit of length (B,) in pixels in which a field lays out its patches, and what it reads
  besides (B, `conditions`); None where that is a pixel, and nothing.
"""

from collections.abc import Sequence

import torch
from torch import nn

from lofi.models.channels import CURL, NOISE, SIGHT
from lofi.solvers.sky_spectrum import SkySpectrum
from lofi.solvers.smoothing import averaged
from lofi.solvers.wiener import WienerFilter, wiener_filter


class MeasuredPrior(WienerFilter):
    """The spectrum per pixel of the truths, all of the same pixels and sources."""

    conditions = 0

    def __init__(self, available: Sequence[str]) -> None:
        super().__init__()
        self.noise = available.index(NOISE) if NOISE in available else None
        self.curl = available.index(CURL) if CURL in available else None

    def forward(self, observed: torch.Tensor) -> torch.Tensor:
        curl = None if self.curl is None else observed[:, self.curl]
        return super().forward(observed[:, 0], observed[:, self.noise], curl)

    def unit(self, observed: torch.Tensor) -> torch.Tensor:
        return torch.ones((), device=observed.device)

    def seen(self, observed: torch.Tensor) -> torch.Tensor:
        return observed

    def sampling(self, observed: torch.Tensor) -> tuple[None, None]:
        return None, None


class SkyPrior(nn.Module):
    """The spectrum of a sky at each image's own pixel size and source redshift.

    `seen`: the first channel and its noise, averaged over `length_arcmin` where pixels are smaller, in units of the
    sky's standard deviation over such a length. Conditions: ln of the pixel over the length; the redshift, less 1.

    Attributes
    ----------
    sky : `SkySpectrum`, whose table comes with the training data.
    """

    conditions = len(SIGHT)

    def __init__(self, available: Sequence[str], length_arcmin: float = 1.0) -> None:
        super().__init__()
        for name in (CURL, NOISE):
            if name not in available:
                raise ValueError(f"inputs: a sky of any pixel size needs a channel {name}")
        if not length_arcmin > 0:
            raise ValueError(f"inputs: length_arcmin is {length_arcmin}; expected a positive number")
        self.length_arcmin = float(length_arcmin)
        self.noise, self.curl = available.index(NOISE), available.index(CURL)
        self.sight = [available.index(name) for name in SIGHT]
        self.sky = SkySpectrum()

    def fit(self, truth: torch.Tensor) -> None:
        """Nothing is measured: the sky's table is theory."""

    def _sight(self, observed):
        return (observed[:, index, 0, 0] for index in self.sight)

    def forward(self, observed: torch.Tensor) -> torch.Tensor:
        signal = self.sky.pixelised(observed.shape[-2:], *self._sight(observed))
        return wiener_filter(observed[:, 0], observed[:, self.noise], signal, observed[:, self.curl])

    def _spacing(self, observed):
        pixel, _ = self._sight(observed)
        return (self.length_arcmin / pixel).clamp(min=1.0)

    def sampling(self, observed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        pixel, redshift = self._sight(observed)
        return self._spacing(observed), torch.stack([(pixel / self.length_arcmin).log(), redshift - 1.0], dim=1)

    def unit(self, observed: torch.Tensor) -> torch.Tensor:
        pixel, redshift = self._sight(observed)
        return self.sky.rms(pixel.clamp(min=self.length_arcmin), redshift)[:, None, None, None]

    def seen(self, observed: torch.Tensor) -> torch.Tensor:
        image, noise = averaged(observed[:, 0], observed[:, self.noise], self._spacing(observed))
        seen, unit = observed.clone(), self.unit(observed)[:, 0]
        seen[:, 0], seen[:, self.noise] = image / unit, noise / unit
        return seen
