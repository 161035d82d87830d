"""E and B modes of a shear map of the sphere for both signs of its second component."""

import numpy as np

from lofi.lensing.eb_diagnostics import EBCheck, skewness
from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.lensing import kaiser_squires
from lofi.sphere.pixels import pixel_arcmin
from lofi.sphere.shear_map import SphereShear

SMOOTHING = 2.0  # pixels


def eb_check(harmonics: Harmonics, e_mode: np.ndarray, b_mode: np.ndarray, shear: SphereShear) -> EBCheck:
    """Variances of the smoothed E and B modes, coefficients (n,), of a shear map inside its mask."""
    beam = gaussian_beam(harmonics.lmax, SMOOTHING * pixel_arcmin(harmonics.nside))
    flipped = kaiser_squires(harmonics, shear.gamma.conj())

    def smoothed(alm):
        return harmonics.synthesis(harmonics.filtered(alm, beam))[0][shear.seen]

    modes = [(smoothed(e_mode), smoothed(b_mode)), tuple(smoothed(alm) for alm in flipped)]
    ratios = [float(e.var() / b.var()) for e, b in modes]
    areas = max(shear.seen.sum() / (2.0 * np.pi * SMOOTHING**2), 1.0)
    return EBCheck(*ratios, float(np.sqrt(4.0 / areas)), *(skewness(e) for e, _ in modes))
