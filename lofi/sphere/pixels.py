"""Pixels of the sphere, and the channels that a network reads there."""

import numpy as np

CHANNELS = ("kappa_wiener", "kappa_e", "precision")  # lofi.sphere.channels


def pixel_arcmin(nside: int) -> float:
    """Side [arcmin] of a square as large as a HEALPix pixel, `√(π/3) / Nside`: 3.44′ at Nside 1024."""
    return float(np.degrees(np.sqrt(np.pi / 3) / nside) * 60.0)


def nside_of(arcmin: float) -> int:
    """The Nside whose `pixel_arcmin` this is."""
    return round(np.sqrt(np.pi / 3) / np.radians(arcmin / 60.0))
