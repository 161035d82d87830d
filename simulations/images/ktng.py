"""The κTNG convergence maps of Osato, Liu & Haiman (2021): planes, files, pixels.

Each map covers 5° × 5° with 1024² pixels of 0.293′. All maps of one lens-plane set (LPxxx) share structures: training
and test maps must come from different sets, see `find_maps(..., lens_planes=...)`. All sets come from one TNG300 box.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from lofi.data.convergence_files import checked, map_format, read_array
from lofi.data.ktng_planes import FIELD_DEGREES, MAP_PIXELS, lens_plane_set, plane_in_name


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
    candidates = [p for p in candidates if map_format(p) != "dat" or plane_in_name(p)]
    paths = [p for p in candidates if map_format(p) == "hdf5" or plane_in_name(p) in (None, plane)]
    if not paths:
        planes = sorted({plane_in_name(p) for p in candidates})
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
    kappa = checked(read_array(path, plane), path)
    if kappa.shape[0] != kappa.shape[1]:
        raise ValueError(f"'{path}' has the shape {kappa.shape}; expected a square map")
    if size is not None and len(kappa) != size:
        raise ValueError(f"'{path}' has {len(kappa)} × {len(kappa)} pixels; expected {size} × {size}")
    return kappa


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
