"""Visibilities of one sky over a band and a wide field: a spectrum for each pixel, and the w-term."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from lofi.radio.coverage import ARCSEC, Coverage, synthesis
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.wide_field import WideFieldOperator
from lofi.seeds import stream
from simulations.receiver_noise import add_noise, sigma_from_snr
from simulations.skies import skies

SMOOTHING, STRETCH = 2.0, 100.0  # pixels; of brightness before spectral indices are read off it


@dataclass(frozen=True, eq=False)
class WideBandSky:
    """A sky whose pixels follow `reference · (frequency / reference_hz)^alpha`.

    Attributes
    ----------
    reference : (H, W), Jy/pixel, at least 0. alpha : (H, W). reference_hz : mean frequency of the channels.
    frequencies_hz : of the channels.
    """

    reference: np.ndarray
    alpha: np.ndarray
    reference_hz: float
    frequencies_hz: tuple[float, ...]

    def at(self, frequency_hz: float) -> np.ndarray:
        """The sky at one frequency."""
        return self.reference * (frequency_hz / self.reference_hz) ** self.alpha


def simulate_wide_band(
    options: Mapping, number: int, name: Sequence[str], seed: str
) -> tuple[WideBandSky, Coverage, np.ndarray, float]:
    """Sky `number`, coverage, noisy visibilities (M,) and their noise, as an entry of `comparisons` describes them.

    `name` is that of the random stream of the noise; `seed` is that of the skies.
    """
    image = skies(options["sky"], options["pixels"], seed)[0][number]
    tracked = {key: value for key, value in options["coverage"].items() if key not in ("telescope", "bandwidth_hz")}
    coverage = synthesis(telescope(options["coverage"]["telescope"]), **tracked)
    faint, bright = options.get("spectral_index", (0.0, 0.0))
    frequencies = coverage.frequencies_hz
    sky = WideBandSky(image, spectral_index(image, faint, bright), float(np.mean(frequencies)), frequencies)
    noiseless = visibilities_of(sky, coverage, options["cell_arcsec"])
    sigma = sigma_from_snr(noiseless, options["snr_db"])
    return sky, coverage, add_noise(noiseless, sigma, stream(*name, "noise", number)), sigma


def spectral_index(image: np.ndarray, faint: float, bright: float) -> np.ndarray:
    """Spectral indices (H, W) from `faint` to `bright`, linear in the logarithm of the smoothed brightness."""
    smooth = gaussian_filter(image, SMOOTHING)
    return faint + (bright - faint) * np.log1p(STRETCH * smooth / smooth.max()) / np.log1p(STRETCH)


def visibilities_of(sky: WideBandSky, coverage: Coverage, cell_arcsec: float) -> np.ndarray:
    """`V = Σ I exp(−2πi (u l + v m + w (n − 1)))` (M,), in the order of a synthesis: channels slowest."""
    shape, cell = sky.reference.shape, cell_arcsec * ARCSEC
    uvw = np.stack([coverage.u, coverage.v, coverage.w]).reshape(3, len(sky.frequencies_hz), -1)
    parts = []
    for channel, frequency in enumerate(sky.frequencies_hz):
        baselines = uvw[:, channel]
        operator = WideFieldOperator(*baselines, np.full(baselines.shape[1], frequency), shape, cell)
        parts.append(operator.forward(sky.at(frequency)))
    return np.concatenate(parts)
