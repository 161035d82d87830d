"""Whether a sky is as skewed as those that error bars were calibrated on: a Gaussian one is not."""

from dataclasses import dataclass

import torch

from lofi.lensing.error_features import FEATURES

SMALLEST, SHARE = 9.0, 0.55  # square degrees; standard deviation of the Wiener map over the sky's, where a field tells
LEAST = 0.12  # skewness; docs/survey.md has the rates of alarms


@dataclass(frozen=True)
class SkyCheck:
    """What the Wiener map of a field says of its sky.

    Attributes
    ----------
    skewness : of the Wiener map in units of its expected standard deviation.
    share : that deviation over the sky's, 0 to 1. area : of the data [square degrees].
    """

    skewness: float
    share: float
    area: float

    @property
    def warnings(self) -> list[str]:
        """A sentence where the map is too symmetric, and large and deep enough to tell, else none."""
        if self.area < SMALLEST or self.share < SHARE or self.skewness >= LEAST:
            return []
        return [
            f"the Wiener map has a skewness of {self.skewness:.2f}, 0.2 to 0.8 on the skies that the error bars were "
            "calibrated on: a Gaussian sky has fewer truths inside them, 83 % instead of 90 %"
        ]


def check_sky(features: torch.Tensor, area: float) -> SkyCheck:
    """The check of pixels (P, FEATURES) of `lofi.lensing.error_features` that cover `area` square degrees."""
    missed = (2 * features[:, FEATURES.index("noise")].double()).exp()  # variance of the error over that of the sky
    found = (1 - missed).clamp(min=1e-9)
    wiener = features[:, FEATURES.index("wiener")].double() * (missed / found).sqrt()
    skewness = wiener.pow(3).mean() / wiener.square().mean().clamp(min=1e-12) ** 1.5
    return SkyCheck(float(skewness), float(found.mean().sqrt()), area)
