"""The κTNG convergence maps of Osato, Liu & Haiman (2021): planes, files, pixels.

Each map covers 5° × 5° with 1024² pixels of 0.293′. All maps of one lens-plane set (LPxxx) share structures: training
and test maps must come from different sets, see `find_maps(..., lens_planes=...)`. All sets come from one TNG300 box.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from astropy import units
from astropy.cosmology import FlatLambdaCDM, z_at_value

from lofi.data.convergence_files import map_format, read_array

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


def _plane_in_name(path):
    found = re.search(r"kappa_?(\d\d)(?!\d)", path.name)
    return int(found.group(1)) if found else None


def find_maps(folder: str | Path, plane: int, lens_planes: tuple[int, int] | None = None) -> list[Path]:
    """Files below `folder` that hold source plane `plane`, sorted by path.

    HDF5 files hold all planes. In the other formats a number in the name (`kappaNN`) must agree with `plane`; `.npy`
    and FITS files without such a number are taken as they are.

    Parameters
    ----------
    lens_planes : None for all files, or `(first, last)`, both included: only files of LP`first` to LP`last`.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder '{folder}' with κTNG maps")
    candidates = sorted(path for path in folder.rglob("*") if path.is_file() and map_format(path))
    candidates = [p for p in candidates if map_format(p) != "dat" or _plane_in_name(p)]
    paths = [p for p in candidates if map_format(p) == "hdf5" or _plane_in_name(p) in (None, plane)]
    if not paths:
        planes = sorted({_plane_in_name(p) for p in candidates})
        found = f"only the planes {planes}" if planes else "none"
        raise FileNotFoundError(
            f"no κTNG map of plane {plane} below '{folder}': looked for LPxxx/LPxxx_runyyy_maps.hdf5 (*.hdf5, *.h5), "
            f"LPxxx/runyyy/kappa{plane:02d}.dat, *.npy and *.fits, found {found}"
        )
    formats = sorted({map_format(p) for p in paths})
    if len(formats) > 1:
        raise ValueError(f"'{folder}' holds maps in several formats ({', '.join(formats)}); point to a folder with one")
    _refuse_repeats(paths)
    return paths if lens_planes is None else _select_lens_planes(paths, folder, lens_planes)


def _refuse_repeats(paths):
    seen = {}
    for path in paths:
        if map_format(path) not in ("hdf5", "dat"):
            continue
        name = re.findall(r"LP\d{3}|run\d{3}", path.as_posix())
        key = tuple(name[-2:]) if len(name) >= 2 else path
        if key in seen:
            raise ValueError(
                f"'{seen[key]}' and '{path}' are both {' '.join(key)}; point to one suite (fullphys or dmonly) only"
            )
        seen[key] = path


def _select_lens_planes(paths, folder, lens_planes):
    first, last = lens_planes
    if not 1 <= first <= last:
        raise ValueError(f"lens_planes is {lens_planes}; expected (first, last) with 1 ≤ first ≤ last")
    nameless = [p for p in paths if lens_plane_set(p) is None]
    if nameless:
        raise ValueError(f"'{nameless[0]}' cannot be assigned to a lens-plane set: its path has no 'LPxxx'")
    chosen = [p for p in paths if first <= lens_plane_set(p) <= last]
    if not chosen:
        found = sorted({lens_plane_set(p) for p in paths})
        raise FileNotFoundError(f"no map of LP{first:03d} to LP{last:03d} below '{folder}'; the sets there are {found}")
    return chosen


def read_map(path: str | Path, plane: int, size: int = MAP_PIXELS) -> np.ndarray:
    """Convergence (size, size) of one file, float32 or float64 as stored, as it is (its mean not removed).

    Parameters
    ----------
    size : pixels per side that the map must have; None accepts any square map.
    """
    kappa = np.asarray(read_array(path, plane))
    if kappa.dtype.kind != "f":
        raise ValueError(f"'{path}' holds values of type {kappa.dtype}; a convergence map has floating-point numbers")
    if kappa.ndim != 2 or kappa.shape[0] != kappa.shape[1]:
        raise ValueError(f"'{path}' has the shape {kappa.shape}; expected a square map")
    if size is not None and len(kappa) != size:
        raise ValueError(f"'{path}' has {len(kappa)} × {len(kappa)} pixels; expected {size} × {size}")
    bad = kappa.size - np.count_nonzero(np.isfinite(kappa))
    if bad:
        raise ValueError(f"'{path}' has {bad} pixels that are NaN or inf; expected finite convergence")
    return kappa.astype(kappa.dtype.newbyteorder("="), copy=False)


def pixelise(kappa: np.ndarray, pixels: int, method: str = "area_average", mean: str = "zero") -> np.ndarray:
    """A κTNG map with `pixels`² pixels, float64.

    Parameters
    ----------
    kappa : (N, N) convergence.
    method : `area_average` averages blocks of (N/pixels)² pixels: the field stays 5°. `authors_crop` cuts the centre
        out, as the code published with the paper does: the field shrinks to 0.625° for 128 pixels.
    mean : `zero` subtracts the mean (the mass sheet is unobservable), `keep` does not.
    """
    if mean not in ("zero", "keep"):
        raise ValueError(f"mean is '{mean}'; expected 'zero' or 'keep'")
    size = len(kappa)
    if not 1 <= pixels <= size:
        raise ValueError(f"a map of {size} × {size} pixels cannot be turned into {pixels} × {pixels} pixels")
    if method == "area_average":
        if size % pixels:
            raise ValueError(f"area_average needs a divisor of {size}, the size of the map; pixels is {pixels}")
        factor = size // pixels
        image = np.asarray(kappa, dtype=np.float64).reshape(pixels, factor, pixels, factor).mean(axis=(1, 3))
    elif method == "authors_crop":
        start = (size - pixels) // 2
        image = np.array(kappa[start : start + pixels, start : start + pixels], dtype=np.float64)
        arcmin = FIELD_DEGREES * 60.0 / size
        warnings.warn(
            f"authors_crop keeps pixels of {arcmin:.2f}′ instead of {FIELD_DEGREES * 60.0 / pixels:.2f}′; shape noise "
            f"computed for {FIELD_DEGREES:g}° is then {size / pixels:.3g} times too small",
            stacklevel=2,
        )
    else:
        raise ValueError(f"pixelisation is '{method}'; expected 'area_average' or 'authors_crop'")
    return image - image.mean() if mean == "zero" else image


def read_maps(
    paths: Iterable[Path],
    plane: int,
    pixels: int,
    method: str = "area_average",
    mean: str = "zero",
    size: int = MAP_PIXELS,
) -> Iterator[np.ndarray]:
    """Yield `pixelise(read_map(path, plane))` of each path; all files must have the same shape."""
    shape = None
    for path in paths:
        kappa = read_map(path, plane, size)
        shape = shape or kappa.shape
        if kappa.shape != shape:
            raise ValueError(f"'{path}' has the shape {kappa.shape}, '{paths[0]}' has {shape}; expected one shape")
        yield pixelise(kappa, pixels, method, mean)
