"""Columns of positions and ellipticities as numbers in degrees and without a unit."""

import re
from pathlib import Path

import numpy as np
from astropy import units
from astropy.coordinates import Angle

from lofi.io.angles import degrees_in, parsed_unit
from lofi.lensing.tables.stored import MISSING_WORDS, StoredColumn, is_number

WITH_UNIT = ("ra", "dec", "e1", "e2")
SEXAGESIMAL = "sexagesimal text converted to degrees"  # ends a note
IN_NAME = re.compile(r"[\[( _](deg|degrees?|rad|radians?|hours?|hourangle|arcmin|arcsec)[\])]?$", re.IGNORECASE)
OTHER_SYSTEMS = {  # names of columns that are no right ascension or declination
    "galactic": ("glon", "glat", "gal_lon", "gal_lat", "l", "b", "gall", "galb"),
    "ecliptic": ("elon", "elat", "ecl_lon", "ecl_lat", "lambda", "beta"),
}


def numbers(path: Path, key: str, name: str, stored: StoredColumn) -> tuple[np.ndarray, list[str]]:
    """Values (n,) float64 of a column, NaN where missing, and notes on what was converted.

    Parameters
    ----------
    key : of `lofi.lensing.estimators.KEYS`. ra and dec become degrees, by the unit, which may
        be the end of the column's name, or from sexagesimal text; e1 and e2
        have no unit, or percent; the units of others do not matter. name : of the column, for messages.

    Raises ValueError for another unit, text that is no angle, and names of galactic or ecliptic coordinates.
    """
    if key in ("ra", "dec"):
        for system, names in OTHER_SYSTEMS.items():
            if name.lower() in names:
                raise ValueError(
                    f"'{path}': column '{name}' is {system} by its name; expected {key}, equatorial, in degrees"
                )
    values = np.asarray(stored.values)
    if values.ndim != 1:
        raise ValueError(f"column '{name}' of '{path}' has the shape {values.shape}; expected one number per row")
    missing = np.zeros(len(values), bool) if stored.missing is None else stored.missing
    named = IN_NAME.search(name) if key in ("ra", "dec") else None  # ra_rad, ra [rad], ra (hours)
    unit = named[1] if named and not stored.unit else stored.unit
    if values.dtype.kind in "OSUT":
        return _of_text(path, key, name, values.astype(str), missing, unit)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"column '{name}' of '{path}' holds values of type {values.dtype}; expected numbers")
    converted, notes = _without_unit(path, key, name, values.astype(np.float64), unit)
    return np.where(missing, np.nan, converted), notes


def _of_text(path, key, name, values, missing, unit):
    missing = missing | np.isin(np.char.strip(values), MISSING_WORDS)
    try:
        plain = np.where(missing, "nan", values).astype(np.float64)
    except ValueError:
        pass
    else:
        converted, notes = _without_unit(path, key, name, plain, unit)
        return np.where(missing, np.nan, converted), notes
    plain = np.array([is_number(value) for value in values]) & ~missing
    if key not in ("ra", "dec"):
        example = str(values[~missing & ~plain][0])
        raise ValueError(
            f"column '{name}' of '{path}' holds text such as {example!r}; expected numbers, with decimal points"
        )
    if plain.any():
        example = str(values[~missing & ~plain][0])
        raise ValueError(
            f"column '{name}' of '{path}' holds numbers and text such as {example!r}; expected one of them"
        )
    # ASSUME: right ascension as text counts hours, as in all catalogues, unless its unit says degrees.
    hours = key == "ra" and not unit.strip('"').lower().startswith("d")
    try:
        angles = Angle(np.where(missing, "0:0:0", values), unit=units.hourangle if hours else units.deg)
    except (ValueError, units.UnitsError) as error:
        raise ValueError(f"column '{name}' of '{path}' holds text that is no angle: {error}") from error
    return np.where(missing, np.nan, angles.deg), [f"column {name}: {SEXAGESIMAL}"]


def _without_unit(path, key, name, values, unit):
    """Values in degrees or without a unit, and notes."""
    word = " ".join(unit.split())
    if key not in WITH_UNIT or not word:
        return values, []
    if key in ("ra", "dec"):
        scale = degrees_in(word)
        if scale is None:
            raise ValueError(f"column '{name}' of '{path}' has the unit {word!r}; expected an angle for {key}")
        return values * scale, [] if scale == 1 else [f"column {name}: {word} converted to degrees"]
    scale, notes = shear_scale(f"column '{name}' of '{path}'", word)
    return values * scale, notes


def shear_scale(what: str, unit: str) -> tuple[float, list[str]]:
    """The factor that takes the unit of an ellipticity away, 0.01 of percent, and a note; words that are no unit are 1.

    Raises ValueError, which names `what`, for a unit of something else.
    """
    word = " ".join(str(unit).split())
    parsed = parsed_unit(word) if word else None
    if parsed is None or parsed == units.dimensionless_unscaled:
        return 1.0, []
    if not parsed.is_equivalent(units.dimensionless_unscaled):
        raise ValueError(f"{what} has the unit {word!r}; expected an ellipticity or shear, without a unit")
    scale = float(parsed.to(units.dimensionless_unscaled))
    return scale, [f"{what.partition(' of ')[0]}: {word} multiplied by {scale:g}"]
