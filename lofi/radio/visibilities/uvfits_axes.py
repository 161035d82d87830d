"""Axes and random parameters of UVFITS files (Greisen, AIPS Memo 117)."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.io.angles import degrees_in, parsed_unit
from lofi.radio.visibilities.hands import hands_notes, intensity_hands, total_intensity

HERTZ = {"HZ": "Hz", "KHZ": "kHz", "MHZ": "MHz", "GHZ": "GHz"}  # in the capitals of AIPS
OTHER_SYSTEMS = {"GLON": "galactic", "GLAT": "galactic", "ELON": "ecliptic", "ELAT": "ecliptic"}


def samples(path: str | Path, header: fits.Header, data: fits.GroupData) -> np.ndarray:
    """Visibilities (groups, IF, channel, Stokes, 3) of the random groups, whatever the order of their axes.

    The last axis holds real and imaginary part and weight. Other axes (RA, DEC, ...) must have one pixel.
    """
    names = [str(header.get(f"CTYPE{axis}", "")).strip().upper() for axis in range(2, header["NAXIS"] + 1)]
    for name in ("COMPLEX", "STOKES", "FREQ"):
        if name not in names:
            raise ValueError(f"{path} has no {name} axis; its axes are {', '.join(filter(None, names)) or 'unnamed'}")
    array = np.asarray(data["DATA"])  # (groups, last axis of the header, ..., COMPLEX)
    kept = {name: array.ndim - 1 - names.index(name) for name in ("IF", "FREQ", "STOKES", "COMPLEX") if name in names}
    for position, name in enumerate(names):
        if name not in kept and array.shape[array.ndim - 1 - position] > 1:
            raise ValueError(f"{path}: axis {name or 'without a name'} has more than one pixel")
    rest = tuple(axis for axis in range(1, array.ndim) if axis not in kept.values())
    array = array.transpose(0, *kept.values(), *rest).reshape(
        len(array), *[array.shape[axis] for axis in kept.values()]
    )
    if array.shape[-1] != 3:
        raise ValueError(f"{path}: the COMPLEX axis has {array.shape[-1]} pixels; expected real, imaginary and weight")
    return array if "IF" in kept else array[:, None]


def standard_axes(path: str | Path, header: fits.Header) -> list[str]:
    """Bring the axes FREQ, RA and DEC of a header to Hz and degrees where CUNIT says otherwise; notes on what changed.

    RA---SIN and DEC--SIN become RA and DEC. Raises ValueError for galactic and ecliptic axes and for other units.
    """
    notes = []
    for i in range(2, header["NAXIS"] + 1):
        written, unit = (str(header.get(f"{key}{i}", "")).strip() for key in ("CTYPE", "CUNIT"))
        name = written.upper().partition("-")[0]
        if name in OTHER_SYSTEMS:
            raise ValueError(f"{path}: axis {written} is {OTHER_SYSTEMS[name]}; expected RA and DEC, as u and v")
        if name in ("RA", "DEC"):
            header[f"CTYPE{i}"] = name
            scale = degrees_in(unit or "deg")
        elif name == "FREQ":
            parsed = parsed_unit(HERTZ.get(unit.upper(), unit or "Hz"))
            scale = float(parsed.to("Hz")) if parsed is not None and parsed.is_equivalent("Hz") else None
        else:
            continue
        if scale is None:
            raise ValueError(f"{path}: the {name} axis has CUNIT {unit}; expected {'Hz' if name == 'FREQ' else 'deg'}")
        if scale != 1:
            for key in (f"CRVAL{i}", f"CDELT{i}"):
                header[key] = scale * header.get(key, 1.0 if key.startswith("CDELT") else 0.0)
            notes.append(f"Axis {name}: {unit} converted to {'Hz' if name == 'FREQ' else 'degrees'}.")
    return notes


def axis_cards(header: fits.Header, name: str, reference: float | None = 0) -> tuple | None:
    """CRVAL (`reference` if missing), CDELT, CRPIX and CROTA of the axis called `name`; None without such an axis."""
    for i in range(2, header["NAXIS"] + 1):
        if str(header.get(f"CTYPE{i}", "")).strip().upper() == name:
            return tuple(
                header.get(f"{key}{i}", default)
                for key, default in (("CRVAL", reference), ("CDELT", 1), ("CRPIX", 1), ("CROTA", 0))
            )
    return None


def axis_values(header: fits.Header, name: str, count: int) -> np.ndarray:
    """Coordinates of the `count` pixels of the axis called `name`."""
    value, step, pixel, _ = axis_cards(header, name)
    return value + (np.arange(1, count + 1) - pixel) * step


def intensity(
    path: str | Path, header: fits.Header, array: np.ndarray, flags: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Stokes I, its weight and notes (`lofi.radio.visibilities.hands`) of the samples (..., Stokes, 3).

    flags : bool (..., Stokes), true where bad beside samples whose weight is not positive.
    """
    codes = [round(value) for value in axis_values(header, "STOKES", array.shape[-2])]
    values = array[..., 0] + 1j * array[..., 1].astype(np.float64)
    hands = intensity_hands(path, codes)
    weights = array[..., 2].astype(np.float64)
    value, weight, single = total_intensity(values, np.where(flags, 0.0, weights), hands)
    return value, weight, hands_notes(hands, single)


def baselines(path: str | Path, data: fits.GroupData) -> tuple[list[np.ndarray], bool]:
    """u, v, w (groups,) each as the file has them, and whether they are in wavelengths (else in seconds).

    Parameters are called UU, VV, WW, with a suffix for unit (`-L`: wavelengths) and projection (`-SIN`).
    """
    found = []
    for letters in ("UU", "VV", "WW"):
        name = next((name for name in data.parnames if name.upper().startswith(letters)), None)
        if name is None:
            raise ValueError(f"{path} has no random parameter {letters}; it has {', '.join(data.parnames)}")
        if name.upper().endswith("NCP"):
            raise ValueError(f"{path}: {name} is of the projection NCP; expected SIN")
        found.append(name)
    units = {name[2:].lstrip("-").upper().startswith("L") for name in found}
    if len(units) > 1:
        raise ValueError(f"{path}: {', '.join(found)} have different units")
    return [np.asarray(data.par(name), np.float64) for name in found], units == {True}


def antennas(path: str | Path, data: fits.GroupData) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the two antennas, (groups,) each, of BASELINE (256 a + b, or 2048 a + b + 65536) or ANTENNA1, 2."""
    if "BASELINE" in data.parnames:
        baseline = np.floor(data.par("BASELINE")).astype(int)  # the fraction is the subarray
        many = baseline > 65536
        return (
            np.where(many, (baseline - 65536) // 2048, baseline // 256),
            np.where(many, (baseline - 65536) % 2048, baseline % 256),
        )
    if "ANTENNA1" in data.parnames and "ANTENNA2" in data.parnames:
        return tuple(np.asarray(data.par(name)).astype(int) for name in ("ANTENNA1", "ANTENNA2"))
    raise ValueError(
        f"{path} has no random parameter BASELINE or ANTENNA1, ANTENNA2; it has {', '.join(data.parnames)}"
    )


def check_columns(path: str | Path, name: str, table: fits.FITS_rec, columns: Iterable[str]) -> None:
    """ValueError, which names the first that is missing, unless a table has all these columns."""
    missing = [column for column in columns if column not in table.names]
    if missing:
        raise ValueError(f"{path}: table {name} has no column {missing[0]}; it has {', '.join(table.names)}")
