"""Is a structure of a radio image real, or does the region only continue its surroundings?

The sky without the structure is a plane or a surface of second order that continues the surroundings into the region;
the structure is a cone over the region. Least squares of both to the restored image, which is linear in the
visibilities and holds what the prior left out, give the height `a` of the cone, and

    u = a / √(N² (1 + MISFIT² max(m² − ALLOWED, 0))),    p = 2 (1 − Φ(|u|)),

with N the standard deviation that the noise gives `a`, and m the rms of the surroundings about the surface in units of
the noise. Where the surface describes the surroundings, m is about 1 and the law is that of Gauss; where it does not,
the region may depart from the surface as its surroundings do. Of the two surfaces that one counts whose p is larger: a
structure must stand out from both.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.ndimage import distance_transform_edt
from scipy.signal import fftconvolve
from scipy.stats import norm

from lofi.io.radio_image import read_radio_image
from lofi.radio.flux import component_pixels, region_pixels

LEVEL = 0.01  # of the decision
WIDE = 1.25  # beams: the surroundings
MISFIT = 4.0  # ASSUME: chosen on 117 regions of eleven simulated skies, none of them in a benchmark
ALLOWED = 1.3  # of m², which a rim of few beams has by chance
ORDERS = (1, 2)  # of the surface
NOISE = re.compile(r"noise ([0-9.e+-]+) Jy/beam")  # of HISTORY


@dataclass(frozen=True)
class Structure:
    """Height of a structure above what continues its surroundings, its standard error, and that of the noise alone,
    Jy/beam; p: how often a region without structure departs as much; pixels of the region."""

    height: float
    error: float
    noise: float
    p: float
    pixels: int

    @property
    def real(self) -> bool:
        """Whether p is below LEVEL."""
        return self.p < LEVEL


def region_structure(observation: str, region: str | Path) -> Structure:
    """The `Structure` of a region.

    Parameters
    ----------
    observation : beginning of the names of an image's files, the `--output` of `lofi image`.
    region : file, as of `lofi.radio.mask.read_pixels`.

    Raises ValueError or OSError, one sentence, where one of them cannot be used, or the region holds an unresolved
    source that was measured with the visibilities.
    """
    paths = {name: Path(f"{observation}-{name}.fits") for name in ("image", "residual", "psf")}
    for path in paths.values():
        if not path.is_file():
            raise ValueError(f"{path} does not exist; OBS is the --output of `lofi image`, such as results/m31")
    image, residual, psf = (read_radio_image(path, "Jy/beam") for path in paths.values())
    for path, other in zip(paths.values(), (image, residual, psf), strict=True):
        if other.image.shape != image.image.shape:
            raise ValueError(f"{path} has other pixels than {paths['image']}; they are not of one image")
    inside = region_pixels(region, image)
    rows, columns, _ = component_pixels(observation, image)
    if count := int(inside[rows, columns].sum()):
        raise ValueError(
            f"'{region}' holds {count} of the unresolved sources of {observation}-components.csv, whose fluxes and "
            "errors tell whether they are real; take a region without them, or image with --points none"
        )
    if missing := [card for card in ("BMAJ", "BMIN") if card not in image.header]:
        raise ValueError(f"{paths['image']} lacks {missing[0]}, the beam; image the visibilities again")
    beam = np.sqrt(image.header["BMAJ"] * image.header["BMIN"]) * 3600 / image.cell_arcsec
    try:
        return structure(image.image, psf.image, noise_of(image.header, residual.image), inside, beam)
    except ValueError as error:
        raise ValueError(f"'{region}': {error}") from None


def structure(image: np.ndarray, psf: np.ndarray, noise: float, inside: np.ndarray, beam: float) -> Structure:
    """The `Structure` of pixels of a restored image.

    Parameters
    ----------
    image, psf : (H, W), Jy/beam; the psf, peak 1 at (H // 2, W // 2), is the correlation of the noise.
    noise : Jy/beam. inside : (H, W) bool, the region. beam : full width at half maximum, pixels.

    Raises ValueError where too few pixels surround the region, or without noise.
    """
    if not noise > 0:
        raise ValueError("the image has no noise: its residual is 0 and its HISTORY states none")
    fitted = distance_transform_edt(~inside) <= max(WIDE * beam, 2)
    if not np.isfinite(image[fitted]).all():
        raise ValueError("the image is blank in it or around it; expected another region")
    cone = distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    y, x = (place - place.mean() for place in np.nonzero(fitted))
    y, x = y / max(np.ptp(y), 1), x / max(np.ptp(x), 1)
    around, found = ~inside[fitted], []
    for order in ORDERS:
        surface = np.stack([x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)], 1)
        if np.linalg.matrix_rank(surface[around]) < surface.shape[1]:
            raise ValueError("too few pixels of the image surround the region; expected a smaller one")
        inverse = np.linalg.pinv(np.append(cone[fitted][:, None] / cone.max(), surface, 1))
        height, *continuation = inverse @ image[fitted]
        of_noise = noise * _root_of_power(inverse[0], fitted, psf)
        misfit = np.mean((image[fitted] - surface @ continuation)[around] ** 2) / noise**2
        error = of_noise * np.sqrt(1 + MISFIT**2 * max(misfit - ALLOWED, 0))
        found.append((2 * norm.sf(abs(height) / error), error, of_noise, height))
    p, error, of_noise, height = max(found)
    return Structure(float(height), float(error), float(of_noise), float(p), int(inside.sum()))


def _root_of_power(weights, fitted, psf):
    """Standard deviation of the weighted sum of the pixels `fitted`, of noise of 1 whose correlation is the psf."""
    rows, columns = (slice(places.min(), places.max() + 1) for places in np.nonzero(fitted))
    kernel = np.zeros(fitted.shape)
    kernel[fitted] = weights
    kernel = kernel[rows, columns]
    reach = [min(size // 2, side - 1) for size, side in zip(psf.shape, kernel.shape, strict=True)]
    lags = tuple(slice(size // 2 - lag, size // 2 + lag + 1) for size, lag in zip(psf.shape, reach, strict=True))
    correlated = fftconvolve(kernel, psf[lags])
    inner = tuple(slice(lag, lag + side) for lag, side in zip(reach, kernel.shape, strict=True))
    return np.sqrt((kernel * correlated[inner]).sum().clip(min=0))


def noise_of(header: fits.Header, residual: np.ndarray) -> float:
    """Noise, Jy/beam: that of the weights, which HISTORY holds, or the scatter of the residual where that is larger."""
    stated = NOISE.search("".join(map(str, header.get("HISTORY", []))))
    scatter = 1.4826 * np.median(np.abs(residual - np.median(residual)))
    return max(float(stated[1]) if stated else 0.0, float(scatter))
