"""The unit of visibilities (BUNIT) and the way to jansky."""

import re
import warnings
from pathlib import Path

import numpy as np
from astropy import units
from scipy.constants import Boltzmann, speed_of_light

JANSKY = 1e-26  # W m^-2 Hz^-1
KELVIN_STERADIAN = ("KSTR", "KSR")  # what AIPS and pyuvdata write, without spaces, dots and stars


def to_jansky(path: str | Path, bunit: str, frequency: np.ndarray) -> tuple[np.ndarray | float, list[str], list[str]]:
    """The factor that brings visibilities to Jy, notes and warnings.

    Parameters
    ----------
    bunit : of the header; empty, JY and Jy are jansky.
    frequency : Hz, of the samples; the factor of K sr, the Rayleigh–Jeans law 2 k ν² / c², has its shape.

    Raises ValueError for a unit that is no flux density, and for MJY, which may be milli or mega.
    """
    word = " ".join(str(bunit).split())
    if word.upper() in ("", "JY", "JANSKY"):
        return 1.0, [], []
    if word.upper().translate(str.maketrans("", "", " .*")) in KELVIN_STERADIAN:
        factor = 2 * Boltzmann * (np.asarray(frequency) / speed_of_light) ** 2 / JANSKY
        return factor, [f"BUNIT {word}: converted to Jy with 2 k nu^2 / c^2."], []
    if word == "MJY":
        raise ValueError(f"{path} has BUNIT MJY, which may be milli- or megajansky; write mJy or MJy")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", units.UnitsWarning)
            unit = units.Unit(re.sub("jy", "Jy", word, flags=re.IGNORECASE).replace("BEAM", "beam"))
    except ValueError:
        unknown = f"BUNIT {word} is no unit: the flux scale is unknown, and Jy holds only if the data are calibrated."
        return 1.0, [], [unknown]
    if not unit.is_equivalent(units.Jy):
        raise ValueError(
            f"{path} has BUNIT {word}, which is no flux density; expected Jy, a multiple of it, or K sr: calibrate the "
            "visibilities or correct the card"
        )
    factor = float(unit.to(units.Jy))
    return factor, [f"BUNIT {word}: multiplied by {factor:g} to Jy."], []
