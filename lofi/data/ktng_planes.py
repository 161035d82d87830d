"""The source planes and lens-plane sets of the κTNG convergence maps (Osato, Liu & Haiman 2021)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from astropy import units
from astropy.cosmology import FlatLambdaCDM, z_at_value

FIELD_DEGREES = 5.0
MAP_PIXELS = 1024
PLANE_COUNT = 40
PLANE_SPACING = 102.5  # comoving Mpc/h between source planes: half a TNG300 box
COSMOLOGY = FlatLambdaCDM(H0=100.0, Om0=0.3089)  # with h = 1, Mpc are Mpc/h; Planck 2015, as IllustrisTNG


@lru_cache(maxsize=8)
def plane_redshifts(cosmology: Mapping = COSMOLOGY, count: int = PLANE_COUNT) -> np.ndarray:
    """Redshifts (count,) of the source planes: plane `i` (from 1) lies at `chi = 102.5 i` Mpc/h (table zs.dat)."""
    distances = PLANE_SPACING * np.arange(1, count + 1) / cosmology.h * units.Mpc
    redshifts = np.asarray(z_at_value(cosmology.comoving_distance, distances, zmax=20.0))
    redshifts.flags.writeable = False
    return redshifts


def plane_number(number: int | None = None, redshift: float | None = None) -> int:
    """The 1-based source plane given by its `number` or by its `redshift`, which must agree with a plane to 0.005."""
    if (number is None) == (redshift is None):
        raise ValueError("a κTNG source plane is given by its number or by its redshift: give exactly one of the two")
    redshifts = plane_redshifts()
    if number is not None:
        if number != int(number) or not 1 <= number <= len(redshifts):
            raise ValueError(f"there is no κTNG source plane {number}; the planes are 1 to {len(redshifts)}")
        return int(number)
    order = np.argsort(np.abs(redshifts - redshift))
    if not abs(redshifts[order[0]] - redshift) <= 0.005:
        nearest = " and ".join(f"{i + 1} (z = {redshifts[i]:.4f})" for i in sorted(order[:2]))
        raise ValueError(f"no κTNG source plane is at redshift {redshift}; the nearest planes are {nearest}")
    return int(order[0]) + 1


def lens_plane_set(path: str | Path) -> int | None:
    """The number xxx of the last `LPxxx` in a path, or None."""
    found = re.findall(r"LP(\d{3})(?!\d)", str(path))
    return int(found[-1]) if found else None


def plane_in_name(path: Path) -> int | None:
    """The source plane NN of a file `kappaNN…`, or None."""
    found = re.search(r"kappa_?(\d\d)(?!\d)", path.name)
    return int(found.group(1)) if found else None
