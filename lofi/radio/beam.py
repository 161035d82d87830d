"""The clean beam: a Gaussian fitted to the main lobe of the point spread function."""

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage
from scipy.optimize import least_squares

EXPONENT = 4 * np.log(2)
PEAK_TOLERANCE = 1e-3  # of a psf's, which files hold in float32
SMALLEST = 1e-16  # where the kernel of `convolve` ends


@dataclass(frozen=True)
class Beam:
    """An elliptical Gaussian of unit peak.

    Attributes
    ----------
    bmaj, bmin : full widths at half maximum in pixels, bmaj >= bmin > 0.
    bpa : position angle of the major axis in degrees from North (+y) through East (−x), above −90 to 90.
    """

    bmaj: float
    bmin: float
    bpa: float

    def __post_init__(self):
        if not np.inf > self.bmaj >= self.bmin > 0 or not np.isfinite(self.bpa):
            raise ValueError(f"beam: {self.bmaj} × {self.bmin} pixels, {self.bpa} degrees; expected bmaj >= bmin > 0")

    @property
    def area(self) -> float:
        """The integral in pixels: Jy/beam for 1 Jy/pixel of a smooth source."""
        return np.pi / EXPONENT * self.bmaj * self.bmin

    @property
    def covariance(self) -> np.ndarray:
        """(2, 2), pixels², of x towards West and y towards North."""
        angle = np.deg2rad(self.bpa)
        along, across = np.array([-np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), np.sin(angle)])
        return (self.bmaj**2 * np.outer(along, along) + self.bmin**2 * np.outer(across, across)) / (2 * EXPONENT)

    def arcsec(self, cell_arcsec: float) -> tuple[float, float]:
        """(bmaj, bmin) in arcsec."""
        return self.bmaj * cell_arcsec, self.bmin * cell_arcsec

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The Gaussian at offsets in pixels, x towards West and y towards North."""
        angle = np.deg2rad(self.bpa)
        along, across = y * np.cos(angle) - x * np.sin(angle), x * np.cos(angle) + y * np.sin(angle)
        return np.exp(-EXPONENT * ((along / self.bmaj) ** 2 + (across / self.bmin) ** 2))


def check_psf(psf: np.ndarray, name: str = "the point spread function") -> None:
    """ValueError, beginning with `name`, of a psf (H, W) that is not finite, or not 1 at (H // 2, W // 2)."""
    peak = psf[tuple(side // 2 for side in psf.shape)]
    if min(psf.shape) < 4 or not np.isfinite(psf).all() or not abs(peak - 1) < PEAK_TOLERANCE:
        raise ValueError(f"{name} must be finite, at least 4 pixels wide and 1 in its central pixel")


def axes(covariance: np.ndarray) -> tuple[float, float, float]:
    """Full widths at half maximum of a Gaussian's axes, in pixels, and the major one's position angle, as of `Beam`.

    covariance : (2, 2), pixels², positive semi-definite, of x and y; where it is 0, so are all three.
    """
    variances, directions = np.linalg.eigh(covariance)
    minor, major = np.sqrt(2 * EXPONENT * variances.clip(0))
    return float(major), float(minor), _position_angle(*directions[:, 1]) if major else 0.0


def _position_angle(x, y):
    return float(-np.rad2deg(np.arctan(x / y))) if y else 90.0


def fit_beam(psf: np.ndarray, level: float = 0.5) -> Beam:
    """The Gaussian of unit peak nearest to the main lobe, in least squares.

    Parameters
    ----------
    psf : (2H, 2W) with peak 1 at (H, W).
    level : the fit takes the pixels above it that are joined to the peak, and the peak's eight neighbours.
        # ASSUME: 0.5, so that the beam has the width of the half-power contour. Natural weights of an array with a
        dense core have a plateau only little lower, which a Gaussian cannot follow.

    Raises a ValueError where these pixels reach the border: no beam is resolved in the field.
    """
    check_psf(psf)
    centre = tuple(size // 2 for size in psf.shape)
    labels, _ = ndimage.label(psf > level, structure=np.ones((3, 3)))
    lobe = labels == labels[centre]
    if lobe[:2].any() or lobe[-1].any() or lobe[:, :2].any() or lobe[:, -1].any():
        raise ValueError(f"the point spread function stays above {level:g} up to the border; no beam can be fitted")
    lobe[centre[0] - 1 : centre[0] + 2, centre[1] - 1 : centre[1] + 2] = True
    y, x = np.nonzero(lobe) - np.array(centre)[:, None]
    values = psf[lobe]

    def residual(factor):  # the exponent (p x + q y)² + (r y)² is never negative
        p, q, r = factor
        return np.exp(-((p * x + q * y) ** 2) - (r * y) ** 2) - values

    width = np.sqrt(4 / np.pi * np.count_nonzero(values > level))
    start = np.sqrt(EXPONENT) / width
    p, q, r = least_squares(residual, [start, 0.0, start], method="lm", xtol=1e-12, ftol=1e-12).x
    form = np.array([[p * p, p * q], [p * q, q * q + r * r]])
    steepness, directions = np.linalg.eigh(form)  # rising: the major axis first
    if not steepness[0] * max(psf.shape) ** 2 > EXPONENT:
        raise ValueError("the main lobe of the point spread function is wider than the field; no beam can be fitted")
    bmaj, bmin = np.sqrt(EXPONENT / steepness)
    return Beam(float(bmaj), float(bmin), _position_angle(*directions[:, 0]))


def convolve(image: np.ndarray, beam: Beam) -> np.ndarray:
    """Images (..., H, W) in Jy/pixel convolved with the beam of unit peak: Jy/beam. Zero outside the image."""
    image = np.asarray(image)
    height, width = image.shape[-2:]
    radius = int(np.ceil(beam.bmaj * np.sqrt(-np.log(SMALLEST) / EXPONENT)))
    rows, columns = min(radius, height - 1), min(radius, width - 1)
    y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    kernel = beam.at(x, y).astype(np.result_type(image.dtype, np.float32))
    whole = [fft.next_fast_len(size + 2 * reach, real=True) for size, reach in ((height, rows), (width, columns))]
    product = fft.rfft2(image, whole) * fft.rfft2(kernel, whole)
    return fft.irfft2(product, whole)[..., rows : rows + height, columns : columns + width]
