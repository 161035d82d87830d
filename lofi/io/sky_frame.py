"""The celestial frame that a FITS header states (Calabretta & Greisen 2002, section 3.1), and the way to ICRS."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy import units
from astropy.coordinates import FK4, FK5, ICRS, BaseCoordinateFrame, FK4NoETerms, SkyCoord
from astropy.time import Time

BESSELIAN_BEFORE = 1984.0  # a year without the name of a system means FK4 before it, FK5 from then on
EQUINOX_RANGE = (1800.0, 2100.0)
EPOCHS = (1950.0, 2000.0)  # of EPOCH that are equinoxes; others date positions, as in catalogues with proper motions


def stated_frame(path: str | Path, header: Mapping, *, epoch_is_equinox: bool = False) -> BaseCoordinateFrame | None:
    """The frame of RADESYS (or RADECSYS) and EQUINOX (or EPOCH) of a header; None where neither is there.

    EPOCH counts where it is 1950 or 2000; another year is the date of the positions, with a warning, unless
    `epoch_is_equinox`, as in the files of AIPS.

    Raises ValueError for an unknown system and for an equinox that is no year.
    """
    system = str(header.get("RADESYS") or header.get("RADECSYS") or "").strip().upper()
    if system == "ICRS":
        return ICRS()
    year = _year(path, header, epoch_is_equinox)
    if not system and year is None:
        return None
    system = system or ("FK4" if year < BESSELIAN_BEFORE else "FK5")
    if system == "FK5":
        return FK5(equinox=Time(2000.0 if year is None else year, format="jyear"))
    if system in ("FK4", "FK4-NO-E"):
        equinox = Time(1950.0 if year is None else year, format="byear")
        return FK4(equinox=equinox) if system == "FK4" else FK4NoETerms(equinox=equinox)
    raise ValueError(f"'{path}' has RADESYS {system}; expected ICRS, FK5, FK4 or FK4-NO-E")


def _year(path, header, epoch_is_equinox):
    key = next((key for key in ("EQUINOX", "EPOCH") if header.get(key) not in (None, "")), None)
    if key is None:
        return None
    try:
        year = float(str(header[key]).strip().upper().lstrip("BJ"))  # B1950.0 and J2000 are written as well
    except ValueError:
        raise ValueError(f"'{path}' has {key} {header[key]!r}; expected a year such as 2000") from None
    if year == 0:  # as AIPS writes where it does not know
        return None
    if key == "EPOCH" and year not in EPOCHS and not epoch_is_equinox:
        warnings.warn(
            f"'{path}' has EPOCH {year:g}; it is taken for the date of the positions, not an equinox", stacklevel=3
        )
        return None
    if not EQUINOX_RANGE[0] <= year <= EQUINOX_RANGE[1]:
        raise ValueError(f"'{path}' has {key} {year:g}; expected a year such as 2000")
    return year


def is_modern(frame: BaseCoordinateFrame | None) -> bool:
    """Whether a frame is ICRS or FK5 J2000, equal to .03 arcsec, or not stated."""
    return frame is None or isinstance(frame, ICRS) or frame.is_equivalent_frame(FK5(equinox="J2000"))


def name(frame: BaseCoordinateFrame) -> str:
    """A frame in words: ICRS, FK5 J2000, FK4 B1950."""
    if isinstance(frame, ICRS):
        return "ICRS"
    if isinstance(frame, FK5):
        return f"FK5 J{frame.equinox.jyear:g}"
    return f"{frame.name.upper()} B{frame.equinox.byear:g}"


def transform(
    longitude: np.ndarray, latitude: np.ndarray, frame: BaseCoordinateFrame, to: BaseCoordinateFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions in degrees, brought from one frame to another, and how far North has turned.

    Returns
    -------
    longitude, latitude in degrees in the frame `to`; angle in radians: the position angle, from North through East of
    the frame `to`, of the direction that was North in `frame`. An angle φ against the old North is φ + angle against
    the new one.
    """
    old = SkyCoord(longitude * units.deg, latitude * units.deg, frame=frame)
    new = old.transform_to(to)
    # North of the old frame, sampled where the declination stays on the sphere.
    step = np.where(np.asarray(latitude) > 0, -1.0, 1.0) * units.arcsec
    moved = SkyCoord(old.data.lon, old.data.lat + step, frame=frame).transform_to(to)
    angle = new.position_angle(moved).rad + np.where(step < 0, np.pi, 0.0)
    return new.data.lon.deg, new.data.lat.deg, (angle + np.pi) % (2 * np.pi) - np.pi
