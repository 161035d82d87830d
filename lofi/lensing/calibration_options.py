"""Options on the estimator of a catalogue, checked before the catalogue is read."""

import math
from collections.abc import Sequence

from lofi.lensing.bins import parse_bins
from lofi.lensing.calibration import LIMITS, Calibration
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.estimators import BIASES, ESTIMATORS, SHEARED
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.variants import VARIANTS, places, unsheared_table


def calibration(file: ShearFile, options: CatalogueOptions) -> Calibration:
    """The calibration that options ask for.

    Raises ValueError, one sentence, for an unknown estimator, a response that is missing or not believable, metacal and
    metadetect without sheared variants, lensfit without weights, biases that are not believable or said twice.
    """
    path, estimator, columns = file.path, options.estimator, options.named
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator is {estimator!r} for '{path}'; expected one of {', '.join(ESTIMATORS)}")
    if estimator == "lensfit" and "weight" not in columns:
        raise ValueError(f"the estimator lensfit of '{path}' needs its weights; name their column, weight=NAME")
    bins = None if options.bins is None else parse_bins(path, options.bins)
    hdu = unsheared_table(file, options.hdu) if estimator in SHEARED else options.hdu
    given = {key: getattr(options, key) for key in BIASES if getattr(options, key) is not None}
    biases = {key: _values(path, key, value, columns, bins) for key, value in given.items()}
    if estimator == "lensfit" and options.responsivity is not None and ("m" in biases or "m" in columns):
        raise ValueError(f"'{path}': --responsivity of lensfit is 1 + m, and m is given, too; give one of them")
    found = Calibration(file, options, biases, bins, hdu)
    _check_response(found)
    return found


def _values(path, key, value, columns, bins):
    values = tuple(value) if isinstance(value, Sequence) else (value,)
    if key in columns:
        raise ValueError(f"'{path}': {key} is given as a number and as a column; give one of them")
    if len(values) > 1 and bins is None:
        raise ValueError(
            f"'{path}': {len(values)} values of {key} are given, but no bins; say them, --bins COLUMN=EDGES"
        )
    if len(values) > 1 and bins.ranges is not None and len(values) != len(bins.ranges):
        raise ValueError(f"'{path}': {len(values)} values of {key} for {len(bins.ranges)} bins; expected one for each")
    if not all(math.isfinite(number) and abs(number) < LIMITS[key] for number in values):
        raise ValueError(f"{key} is {value} for '{path}'; expected numbers between ±{LIMITS[key]:g}")
    return values


def _check_response(found):
    path, estimator, responsivity = found.file.path, found.options.estimator, found.options.responsivity
    factor, low, high, _ = ESTIMATORS[estimator]
    if responsivity is not None:
        if not (math.isfinite(responsivity) and low < responsivity <= high):
            expected = "a number > 0" if high == math.inf else f"R of {estimator}, from {low:g} to {high:g}"
            hint = "; the command doubles R itself" if factor == 2 and high < responsivity <= 2 * high else ""
            raise ValueError(f"responsivity is {responsivity} for '{path}'; expected {expected}{hint}")
    elif estimator == "hsc-regauss" and "rms_e" not in found.options.columns:
        raise ValueError(f"the estimator {estimator} of '{path}' needs --responsivity, its R, or the column rms_e=NAME")
    elif estimator in SHEARED:
        _check_variants(found)


def _check_variants(found):
    """The response is in columns, or in all four sheared variants of the ellipticities."""
    path, columns, estimator = found.file.path, found.options.named, found.options.estimator
    missing = [key for key in ("r11", "r22") if key not in columns]
    if estimator == "metacal" and not missing:
        return
    if estimator == "metacal" and len(missing) == 1:
        raise ValueError(f"the columns of '{path}' name r11 or r22 alone; the response needs both")
    whole = places(found.file, found.hdu)
    name = columns["e1"] if isinstance(columns["e1"], str) else columns["e1"]["name"]
    complete = whole is not None and all(place.has(name) for place in whole)
    if estimator == "metadetect" and not (complete and whole[0].own_table):
        raise ValueError(
            f"'{path}' lacks the tables of metadetect's variants {', '.join(VARIANTS)} beside the unsheared one; its "
            "response needs them, or --responsivity (--hdu names the unsheared table)"
        )
    if not complete:
        raise ValueError(
            f"'{path}' has no sheared variants {', '.join(VARIANTS)} of '{name}'; the response of metacal needs them, "
            "or the columns r11=NAME,r22=NAME, or --responsivity, its R"
        )
