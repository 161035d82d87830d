"""The noise that a shear map promises, against the B mode of its small scales: gravity makes none."""

import numpy as np
import scipy.fft
from scipy.ndimage import binary_erosion, gaussian_filter

from lofi.lensing.kaiser_squires import kaiser_squires
from lofi.lensing.shear_map import BinnedShear
from lofi.noise_ratio import NoiseRatio

SMALL_SCALES = 1.5  # pixels: structure smoother than this is taken off, and with it what masks leak from E
FROM_EDGE = 2  # pixels between what is judged and the edge of the mask
FEWEST = 200  # pixels
SHARED = 1.2  # factor on the error of n pixels, for what neighbours share (a test measures it)


class ShearNoiseCheck(NoiseRatio):
    """The small-scale B mode over what the noise map promises."""

    @property
    def warnings(self) -> list[str]:
        """A sentence where the ratio is beyond chance, else none."""
        if not (self.above or self.below):
            return []
        measured = (
            f"the B mode of small scales is {self.ratio:.2f} +- {self.error:.2f} times what the noise map promises"
        )
        if self.above:
            return [
                f"{measured}: the noise is larger than weights or counts say; are galaxies in the catalogue twice, or "
                "weights no inverse variances?"
            ]
        return [f"{measured}: the noise map is too large, the shear was smoothed, or weights are no inverse variances"]


def check_shear_noise(binned: BinnedShear) -> ShearNoiseCheck | None:
    """Compare the small-scale B mode of a shear map with its noise map; None where too few pixels are far from edges.

    The B mode of white noise is its convolution with a kernel h, of the Kaiser–Squires inversion and of the high-pass
    filter: its variance is |h|² ⊗ n², with the variance n² per component.
    """
    margin = max(binned.shape) // 2
    inside = binary_erosion(np.pad(binned.mask, 1), iterations=FROM_EDGE)[1:-1, 1:-1]
    if inside.sum() < FEWEST:
        return None
    impulse = np.zeros(tuple(2 * margin + size for size in binned.shape), complex)
    impulse[0, 0] = 1.0
    kernel = _small_scales(kaiser_squires(impulse))
    middle = tuple(slice(margin, margin + size) for size in binned.shape)
    gamma = np.pad(np.where(binned.mask, binned.gamma, 0.0), margin)
    b_mode = _small_scales(kaiser_squires(gamma)).imag[middle]
    variance = np.pad(np.where(binned.mask, binned.noise_std, 0.0) ** 2, margin)
    spectrum = scipy.fft.rfft2(np.abs(kernel) ** 2) * scipy.fft.rfft2(variance)
    expected = scipy.fft.irfft2(spectrum, variance.shape)[middle]
    return from_scatter(b_mode[inside] ** 2, expected[inside])


def from_scatter(squared: np.ndarray, expected: np.ndarray) -> ShearNoiseCheck:
    """The check of squares (n,) of B modes and their expected means (n,)."""
    # Sums, not the mean of ratios: with few galaxies in a pixel its own promise scatters.
    ratio = float(np.sqrt(squared.sum() / expected.sum()))
    independent = expected.sum() ** 2 / np.square(expected).sum()
    return ShearNoiseCheck(ratio, ratio * SHARED / float(np.sqrt(2.0 * independent)))


def _small_scales(field):
    """A complex periodic map without its smooth part."""
    smooth = [gaussian_filter(part, SMALL_SCALES, mode="wrap") for part in (field.real, field.imag)]
    return field - smooth[0] - 1j * smooth[1]
