"""Shape noise of binned galaxies (Price et al. 2020, §5.2.1; docs/conventions.md)."""

import numpy as np


def ellipticity_dispersion_per_component(value: float, of: str) -> float:
    """Dispersion of one ellipticity component, from that `of` `per_component` or of the `total` modulus.

    # ASSUME: the paper's 0.37 is per component (its formula has no factor 2); Price's own code divides a total by √2.
    """
    if of not in ("per_component", "total"):
        raise ValueError(f"ellipticity_dispersion.of is '{of}'; expected 'per_component' or 'total'")
    return value if of == "per_component" else value / np.sqrt(2.0)


def shear_noise_std(
    pixel_arcmin: float, galaxy_density: float | np.ndarray, ellipticity_dispersion: float
) -> float | np.ndarray:
    """Noise standard deviation per shear component and pixel.

    Parameters
    ----------
    pixel_arcmin : pixel side in arcmin, > 0.
    galaxy_density : galaxies per square arcmin, > 0 (scalar or map).
    ellipticity_dispersion : per component, see `ellipticity_dispersion_per_component`.
    """
    return ellipticity_dispersion / np.sqrt(pixel_arcmin**2 * np.asarray(galaxy_density, dtype=float))
