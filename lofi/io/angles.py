"""Units of angles in the spellings of files."""

import re
import warnings

from astropy import units

HOURS = ("h", "hr", "hrs", "hour", "hours", "hourangle", "hour angle")
SPELLINGS = {"degrees": "deg", "degree": "deg", "radians": "rad", "radian": "rad", "percent": "%", "per cent": "%"}
NAMED = re.compile(r"(?<![a-z])(deg|rad|hour|arcmin|arcsec)")


def degrees_in(word: str) -> float | None:
    """Degrees in a unit, whatever its spelling; None for what is no angle."""
    word = " ".join(word.split())
    if word.lower() in HOURS:
        return 15.0
    parsed = parsed_unit(word)
    if parsed is None:  # such as "Angle[deg]" or "degrees (J2000)"
        named = NAMED.findall(word.lower())
        return degrees_in(named[0]) if len(named) == 1 else None
    return float(parsed.to(units.deg)) if parsed.is_equivalent(units.deg) else None


def parsed_unit(word: str) -> units.UnitBase | None:
    """The unit that a word names, in capitals or not; None for what is none."""
    for spelling in (word, word.lower()):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", units.UnitsWarning)
                return units.Unit(SPELLINGS.get(spelling.lower(), spelling))
        except ValueError:
            continue
    return None
