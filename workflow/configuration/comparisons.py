"""`comparisons`: Measurement Sets that `lofi image` and WSClean both image."""

from typing import Annotated

from pydantic import Field

from workflow.configuration.inversions import AnySky, TelescopeCoverage
from workflow.configuration.observations import Checkpoint
from workflow.configuration.setting import Distinct, Mistake, Pair, Positive, Setting, Whole, setting


class Comparison(Setting):
    """Skies, the Measurement Set of each, and how they are imaged."""

    sky: AnySky = setting("The true skies; their peaks are 1 Jy/pixel.")
    pixels: int = setting("Side of the sky.", unit="pixels", ge=32)
    cell_arcsec: Positive = setting("Side of a pixel.", unit="arcsec")
    coverage: TelescopeCoverage = setting("Antennas, hour angles and channels; `bandwidth_hz` is needed.")
    snr_db: float = setting("Signal-to-noise ratio of the visibilities.", unit="dB", ge=-20, le=100)
    spectral_index: Pair = setting("Of the faintest and of the brightest parts. Default: 0.", default=None)
    prior: Checkpoint = setting("The denoiser of `lofi image`, of a denoising experiment.")
    lofi: str = setting("Further arguments of `lofi image`.", default="")
    wsclean: str = setting("Arguments of WSClean: how it cleans and weighs.", example="-multiscale -mgain 0.8")
    thresholds: Annotated[list[Positive], Field(min_length=1), Distinct] = setting(
        "WSClean's `-auto-threshold`, in sigma; of their images, the one nearest to the truth is compared.",
        example=[0.5, 1.0, 2.0],
    )

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the model does not exist or channels have no width."""
        self.prior.check(whole, f"{key}.prior", "denoising")
        if self.coverage.bandwidth_hz is None:
            raise Mistake(f"{key}.coverage.bandwidth_hz", "is missing; a Measurement Set states the width of channels")
