"""A galaxy shear catalogue of a simulated field."""

import numpy as np
from astropy.table import Table

from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.tangent_plane import meridian_angle, tangent_wcs

CENTRE = (210.0, 30.0)  # invented


def mock_catalogue(
    kappa: np.ndarray,
    pixel_arcmin: float,
    galaxy_density: float,
    ellipticity_dispersion: float,
    holes: int,
    rng: np.random.Generator,
) -> Table:
    """Galaxies at random positions with the shear of their pixel and random intrinsic ellipticities.

    Parameters
    ----------
    kappa : (H, W) convergence. pixel_arcmin : pixel side. galaxy_density : per square arcmin.
    ellipticity_dispersion : per component. holes : number of empty circles (bright stars), 2′ to 8′ in radius.

    Returns
    -------
    astropy Table of RA, DEC [deg], E1, E2 against (East, North) as many surveys publish them, and WEIGHT (all 1).
    """
    height, width = kappa.shape
    wcs = tangent_wcs(CENTRE, pixel_arcmin, kappa.shape)
    count = rng.poisson(galaxy_density * height * width * pixel_arcmin**2)
    x, y = rng.uniform(-0.5, width - 0.5, count), rng.uniform(-0.5, height - 0.5, count)
    keep = np.ones(count, dtype=bool)
    for _ in range(holes):
        centre, radius = rng.uniform(0, (width, height)), rng.uniform(2, 8) / pixel_arcmin
        keep &= np.hypot(x - centre[0], y - centre[1]) > radius
    x, y = x[keep], y[keep]
    # ASSUME: the reduced shear is taken as the shear.
    shear = shear_from_convergence(kappa)[np.rint(y).astype(int), np.rint(x).astype(int)]
    intrinsic = intrinsic_ellipticities(len(x), ellipticity_dispersion, rng)
    ellipticity = (intrinsic + shear) / (1 + shear.conj() * intrinsic)  # its mean is the shear: Seitz & Schneider 1997
    ra, dec = wcs.all_pix2world(x, y, 0)
    ellipticity *= np.exp(-2j * meridian_angle(wcs, ra, dec))
    columns = {"RA": ra, "DEC": dec, "E1": ellipticity.real, "E2": -ellipticity.imag, "WEIGHT": np.ones(len(x))}
    return Table(
        {name: column.astype(np.float64 if name in ("RA", "DEC") else np.float32) for name, column in columns.items()}
    )


def intrinsic_ellipticities(count: int, dispersion: float, rng: np.random.Generator) -> np.ndarray:
    """Complex ellipticities inside the unit circle with `dispersion` per component; Gaussian where that is small.

    # ASSUME: the squared modulus follows Beta(1, 1/(2 dispersion²) − 1).
    """
    if not 0 < dispersion < 0.7:
        raise ValueError(f"the ellipticity dispersion per component is {dispersion}; expected above 0 and below 0.7")
    modulus = np.sqrt(rng.beta(1.0, 1.0 / (2.0 * dispersion**2) - 1.0, count))
    return modulus * np.exp(2j * np.pi * rng.random(count))
