"""One convergence map from one file, in each format in which κTNG maps are kept (Osato, Liu & Haiman 2021).

=========  ==========================================================================================
`.hdf5`    the release of 2024: one file per lens-plane set and run, dataset `zNN/kappa` for plane NN
`.dat`     the earlier binary: int32 size | float64 size², C order | int32 size, one plane per file
`.npy`     one two-dimensional array per file
`.fits`    the image HDU `KAPPA`, or else the first two-dimensional image
=========  ==========================================================================================
"""

import re
import warnings
from pathlib import Path

import h5py
import numpy as np
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales

from lofi.data.ktng_planes import FIELD_DEGREES, MAP_PIXELS
from lofi.io.fits_files import strictly
from lofi.io.npy_file import read_npy

SUFFIXES = {
    ".hdf5": "hdf5",
    ".h5": "hdf5",
    ".dat": "dat",
    ".npy": "npy",
    ".fits": "fits",
    ".fit": "fits",
    ".fits.gz": "fits",
    ".fits.fz": "fits",
}
SHEAR = ("GAMMA1", "GAMMA2", "G1", "G2")  # images that are no convergence


def map_format(path: str | Path) -> str | None:
    """`"hdf5"`, `"dat"`, `"npy"`, `"fits"` by the name of a file, or None."""
    name = Path(path).name.lower()
    return next((kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix)), None)


def read_array(path: str | Path, plane: int) -> np.ndarray:
    """The array of source plane `plane` in `path`, unchecked but for the format's own structure.

    Parameters
    ----------
    path : file in one of the formats above.
    plane : 1-based number of the source plane; only HDF5 files hold more than one.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no convergence map '{path}'")
    kind = map_format(path)
    if kind is None:
        raise ValueError(f"'{path}' is in none of the known formats; expected a name ending in {', '.join(SUFFIXES)}")
    if path.stat().st_size == 0:
        raise ValueError(f"'{path}' is empty; copy or download it again")
    if kind == "hdf5":
        return _read_hdf5(path, plane)
    return {"dat": _read_dat, "npy": read_npy, "fits": _read_fits}[kind](path)


def _read_hdf5(path, plane):
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"'{path}' cannot be opened as HDF5 (truncated, or not an HDF5 file): {error}") from error
    with file:
        # The release holds at least one further top-level entry, so the planes are chosen by name.
        planes = sorted(key for key in file if re.fullmatch(r"z\d\d", key))
        wanted = f"z{plane:02d}"
        if wanted not in planes:
            found = ", ".join(planes) or f"none among {sorted(file)}"
            raise ValueError(f"'{path}' has no source plane '{wanted}'; available planes: {found}")
        group = file[wanted]
        if not isinstance(group, h5py.Group) or not isinstance(group.get("kappa"), h5py.Dataset):
            found = sorted(group) if isinstance(group, h5py.Group) else "a data set"
            raise ValueError(f"'{path}' has no dataset '{wanted}/kappa'; '{wanted}' holds {found}")
        try:
            return group["kappa"][()]
        except OSError as error:
            raise ValueError(f"'{path}', dataset '{wanted}/kappa', cannot be read: {error}") from error


def _read_dat(path):
    # ASSUME: little-endian, as written on the machines of the release; the format carries no mark.
    size_in_file = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        size = int(np.frombuffer(head, "<i4")[0]) if len(head) == 4 else 0
        expected = 8 + 8 * size**2
        if size <= 0 or size_in_file != expected:
            raise ValueError(
                f"'{path}' is not a whole κTNG binary map: it has {size_in_file} bytes and announces {size} × {size} "
                f"pixels, which take {expected} bytes"
            )
        values = np.frombuffer(file.read(8 * size**2), "<f8")
        tail = int(np.frombuffer(file.read(4), "<i4")[0])
    if tail != size:
        raise ValueError(f"'{path}' is damaged: its first number gives the size {size}, its last one {tail}")
    return values.reshape(size, size)


def _read_fits(path):
    try:
        with strictly(path) as hdus:
            images = [hdu for hdu in hdus if hdu.is_image and hdu.data is not None and hdu.data.ndim >= 2]
            named = [hdu for hdu in images if hdu.name.upper() == "KAPPA"]
            shear = [hdu.name for hdu in images if hdu.name.upper() in SHEAR]
            data = (named or images)[0].data.copy() if images else None
    except (OSError, EOFError, ValueError, TypeError, IndexError, KeyError, Warning) as error:
        raise ValueError(f"'{path}' cannot be read as FITS (truncated, or not FITS): {error}") from error
    if data is None or (shear and not named):
        found = f"holds shear ({', '.join(shear)})" if data is not None else "has no image HDU with two axes"
        raise ValueError(f"'{path}' {found}; expected an HDU named KAPPA")
    return data.reshape(data.shape[-2:]) if data.size == data.shape[-1] * data.shape[-2] else data


def checked(kappa: np.ndarray, path: str | Path) -> np.ndarray:
    """`kappa` (H, W) as it is in `path`, in the byte order of this machine, if it can be a convergence map."""
    kappa = np.asarray(kappa)
    if kappa.dtype.kind != "f":
        raise ValueError(f"'{path}' holds values of type {kappa.dtype}; a convergence map has floating-point numbers")
    if kappa.ndim != 2:
        raise ValueError(f"'{path}' has the shape {kappa.shape}; expected a map with two axes")
    bad = kappa.size - np.count_nonzero(np.isfinite(kappa))
    if bad:
        raise ValueError(f"'{path}' has {bad} pixels that are NaN or inf; expected finite convergence")
    return kappa.astype(kappa.dtype.newbyteorder("="), copy=False)


def stated_pixel(path: str | Path) -> float | None:
    """The side of a pixel [arcmin] that a file states: κTNG's by its formats, FITS by the WCS; None where it does not.

    ValueError where pixels are not square to 1 %.
    """
    kind = map_format(path)
    if kind in ("hdf5", "dat"):
        return FIELD_DEGREES * 60 / MAP_PIXELS
    if kind != "fits":
        return None
    with strictly(path) as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy repairs dates and units aloud
        planes = [WCS(hdu.header) for hdu in hdus if hdu.is_image and hdu.data is not None and hdu.data.ndim >= 2]
    sides = [proj_plane_pixel_scales(wcs.celestial) * 60 for wcs in planes if wcs.has_celestial]
    if not sides:
        return None
    if abs(sides[0][0] / sides[0][1] - 1) > 0.01:
        raise ValueError(f"'{path}' has pixels of {sides[0][0]:.4g}′ × {sides[0][1]:.4g}′; expected square pixels")
    return float(np.sqrt(np.prod(sides[0])))
