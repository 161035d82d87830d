"""Is a structure of a radio image real, or does the region only continue its surroundings?

The image is a plane, a texture, noise, and over the region a bump of unknown height. Textures are Gaussian random
fields whose power falls as k^-β, seen with the beam; the noise is correlated as the psf. Given a texture, generalised
least squares give the height h and its standard deviation s, which holds the noise and what the surroundings leave
open of the texture within the region. How much texture there is the surroundings tell, through their restricted
likelihood, which no plane changes. With weights w of that likelihood, the sum over textures being 1,

    p = Σ w 2 (1 − Φ(|h| / s)).

Of two widths of the surroundings that one counts whose p is larger: a structure must stand out from both.

Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, eqs. 2.42 and 2.45.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.linalg import cholesky, solve_triangular
from scipy.ndimage import distance_transform_edt
from scipy.special import softmax
from scipy.stats import norm

from lofi.io.radio_image import read_radio_image
from lofi.radio.beam import Beam, check_psf, convolve
from lofi.radio.flux import component_pixels, region_pixels
from lofi.radio.texture import covariances, width

LEVEL = 0.01  # of the decision
# ASSUME: beams that surround a region. In a wider rim the peak of a source of 3 beams seems to stand on empty sky, in a
# narrower one a bump among bumps of one wavelength seems to stand alone.
RIMS = (1.0, 1.25)
PIXELS = 1500  # about; where more are to be fitted, every second in rows and columns, or fewer, serve
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
    beam = _beam_of(paths["image"], image)
    check_psf(psf.image, f"{paths['psf']} is no point spread function; it")
    try:
        return structure(image.image, psf.image, noise_of(image.header, residual.image), inside, beam)
    except ValueError as error:
        raise ValueError(f"'{region}': {error}") from None


def _beam_of(path, image):
    """The beam that the header of an image tells, in pixels."""
    if missing := [card for card in ("BMAJ", "BMIN", "BPA") if card not in image.header]:
        raise ValueError(f"{path} lacks {missing[0]}, the beam; image the visibilities again")
    try:
        bmaj, bmin, bpa = (float(image.header[card]) for card in ("BMAJ", "BMIN", "BPA"))
    except (TypeError, ValueError):
        raise ValueError(f"{path}: BMAJ, BMIN and BPA, the beam, must be numbers of degrees") from None
    bmaj, bmin = (side * 3600 / image.cell_arcsec for side in (bmaj, bmin))
    if not (0 < bmin <= bmaj < max(image.image.shape) and np.isfinite(bpa)):
        raise ValueError(f"{path}: the beam, BMAJ {bmaj:.3g} and BMIN {bmin:.3g} pixels, does not fit into the image")
    return Beam(bmaj, bmin, bpa)


def structure(image: np.ndarray, psf: np.ndarray, noise: float, inside: np.ndarray, beam: Beam) -> Structure:
    """The `Structure` of pixels of a restored image.

    Parameters
    ----------
    image, psf : (H, W), Jy/beam; the psf, peak 1 at (H // 2, W // 2), is the correlation of the noise.
    noise : Jy/beam. inside : (H, W) bool, the region. beam : in pixels.

    Raises ValueError where too few pixels surround the region, or without noise.
    """
    if not noise > 0:
        raise ValueError("the image has no noise: its residual is 0 and its HISTORY states none")
    found = [_beside(image, psf, noise, inside, beam, max(rim * width(beam), 2)) for rim in RIMS]
    return max(found, key=lambda each: each.p)


def _beside(image, psf, noise, inside, beam, reach):
    """The `Structure` that the pixels within `reach` of the region speak for."""
    near = _near(inside, int(np.ceil(reach)))
    image, inside = image[near], inside[near]
    fitted = distance_transform_edt(~inside) <= reach
    if not np.isfinite(image[fitted]).all():
        raise ValueError("the image is blank in it or around it; expected another region")
    y, x, around = _pixels(fitted, inside)
    plane = np.stack([np.ones(len(y)), (x - x.mean()) / max(np.ptp(x), 1), (y - y.mean()) / max(np.ptp(y), 1)], 1)
    if around <= plane.shape[1] or np.linalg.matrix_rank(plane[:around]) < plane.shape[1]:
        raise ValueError("too few pixels of the image surround the region; expected a smaller one")
    data = image[y, x] / noise
    continued, *_ = np.linalg.lstsq(plane[:around], data[:around])
    misfit = np.mean((data - plane @ continued)[:around] ** 2)
    columns = np.column_stack([plane, _bump(inside, beam)[y, x], data])
    found = [_height(covariance, columns, around) for covariance in covariances(y, x, psf, beam, misfit)]
    likelihoods, heights, errors = np.array(found).T
    weights = softmax(likelihoods)
    height = weights @ heights
    return Structure(
        height=float(noise * height),
        error=float(noise * np.sqrt(weights @ (errors**2 + (heights - height) ** 2))),
        noise=float(noise * errors[0]),
        p=float(weights @ (2 * norm.sf(np.abs(heights) / errors))),
        pixels=int(inside.sum()),
    )


def _near(inside, margin):
    """Slices of an image: a region and so many pixels about it."""
    return tuple(slice(max(0, places.min() - margin), places.max() + margin + 1) for places in np.nonzero(inside))


def _pixels(fitted, inside):
    """Rows and columns of the pixels to fit, those around the region first, and how many these are."""
    step = int(np.ceil((np.count_nonzero(fitted) / PIXELS) ** 0.5))
    grid = np.zeros_like(fitted)
    grid[::step, ::step] = True
    around, within = (np.nonzero(part & grid) for part in (fitted & ~inside, inside))
    return *np.concatenate([around, within], 1), len(around[0])


def _bump(inside, beam):
    """Of peak 1 in the region, falling towards its rim, as smooth as the beam."""
    cone = distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    bump = convolve(cone**2, beam)
    return bump / bump.max()


def _height(covariance, columns, around):
    """Restricted log-likelihood of the surroundings, height of the bump and its standard deviation.

    columns : plane, bump and data (N, 5) of pixels. The Cholesky factor of the covariance begins with that of the
    surroundings, the first `around` of them.
    """
    factor = cholesky(covariance, lower=True, check_finite=False)
    white = solve_triangular(factor, columns, lower=True, check_finite=False)
    *volume, residual = np.abs(np.linalg.qr(np.delete(white[:around], -2, 1), "r").diagonal())
    likelihood = -(residual**2) / 2 - np.log(volume).sum() - np.log(factor.diagonal()[:around]).sum()
    *_, bump, _ = np.linalg.qr(white, "r")
    return likelihood, bump[-1] / bump[-2], 1 / abs(bump[-2])


def noise_of(header: fits.Header, residual: np.ndarray) -> float:
    """Noise, Jy/beam: that of the weights, which HISTORY holds, or the scatter of the residual where that is larger."""
    stated = NOISE.search("".join(map(str, header.get("HISTORY", []))))
    seen = residual[np.isfinite(residual)]
    if not len(seen):
        raise ValueError("the residual is blank everywhere")
    scatter = 1.4826 * np.median(np.abs(seen - np.median(seen)))
    return max(float(stated[1]) if stated else 0.0, float(scatter))
