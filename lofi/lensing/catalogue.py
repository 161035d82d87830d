"""Shear catalogues: positions, ellipticities and weights of galaxies, checked and in our frame."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lofi.io.user_file import guarded
from lofi.lensing.catalogue_formats import Column, read_columns
from lofi.lensing.shear_file import ShearFile

REQUIRED = ("ra", "dec", "e1", "e2")
COLUMNS = {name: name for name in REQUIRED}  # the default names


@dataclass(frozen=True)
class ShearCatalogue:
    """Galaxies with an estimate of their shear.

    Attributes
    ----------
    ra, dec : arrays (n,), degrees.
    e1, e2 : arrays (n,), shear estimates against each galaxy's own (West, North): e1 > 0 lies along East–West, e2 > 0
        along the diagonal from South-East to North-West.
    weight : array (n,), > 0.
    source : name of the file, for messages.
    """

    ra: np.ndarray
    dec: np.ndarray
    e1: np.ndarray
    e2: np.ndarray
    weight: np.ndarray
    source: str = "catalogue"

    def __len__(self) -> int:
        return len(self.ra)


@guarded
def read_catalogue(
    file: ShearFile,
    columns: Mapping[str, Column | None] = COLUMNS,
    e1_sign: int = 1,
    e2_sign: int = 1,
    responsivity: float = 1.0,
    max_ellipticity: float = 1.0,
    drop_invalid: bool = False,
) -> ShearCatalogue:
    """Read a shear catalogue from FITS, CSV or npz; ValueError, one sentence, where it cannot be used.

    Parameters
    ----------
    columns : mapping with the keys `ra`, `dec` (degrees), `e1`, `e2` and, if there are weights, `weight`; each a
        column's name, or `{name, scale, offset}` (see `lofi.lensing.catalogue_formats`). Rows of weight 0 are ignored.
    e1_sign, e2_sign : ±1, bring the columns to the (West, North) frame (docs/conventions.md).
    responsivity : the ellipticities are divided by it to give shear; for example 2R for distortions.
    max_ellipticity : largest modulus of the columns that is believed.
    drop_invalid : leave rows with NaN or inf out, with a warning, instead of refusing the file.
    """
    # ASSUME: responsivity 1, the columns are shear estimates (as in lensfit, KSB and metacalibrated catalogues).
    path = file.path
    _check_options(path, columns, e1_sign, e2_sign, responsivity)
    table = read_columns(file, {key: column for key, column in columns.items() if column is not None})
    if len(table["ra"]) == 0:
        raise ValueError(f"'{path}' has no rows")
    table.setdefault("weight", np.ones(len(table["ra"])))
    table = _weighted_rows(path, columns, table, drop_invalid)
    table = _finite_rows(path, columns, table, drop_invalid)
    _check_positions(path, columns, table)
    _check_ellipticities(path, table, max_ellipticity)
    return ShearCatalogue(
        ra=table["ra"],
        dec=table["dec"],
        e1=e1_sign * table["e1"] / responsivity,
        e2=e2_sign * table["e2"] / responsivity,
        weight=table["weight"],
        source=str(path),
    )


def _check_options(path, columns, e1_sign, e2_sign, responsivity):
    missing = [key for key in REQUIRED if columns.get(key) is None]
    unknown = sorted(set(columns) - {*REQUIRED, "weight"})
    if missing or unknown:
        problem = f"lack {missing}" if missing else f"name the unknown {unknown}"
        raise ValueError(f"the columns given for '{path}' {problem}; expected ra, dec, e1, e2 and perhaps weight")
    for name, sign in (("e1_sign", e1_sign), ("e2_sign", e2_sign)):
        if sign not in (1, -1):
            raise ValueError(f"{name} is {sign} for '{path}'; expected 1 or -1")
    if not (np.isfinite(responsivity) and responsivity > 0):
        raise ValueError(f"responsivity is {responsivity} for '{path}'; expected a number > 0")


def _label(columns, key):
    column = columns[key]
    return column if isinstance(column, str) else column["name"]


def _weighted_rows(path, columns, table, drop_invalid):
    """The rows of positive weight: the others are no part of the catalogue, whatever they hold."""
    weight = table["weight"]
    bad = ~np.isfinite(weight)
    if bad.any() and not drop_invalid:
        raise ValueError(
            f"column '{_label(columns, 'weight')}' of '{path}' is NaN or inf in {bad.sum()} of {len(bad)} rows; "
            "expected finite weights (drop_invalid, or --drop-invalid, leaves these rows out)"
        )
    if (weight[~bad] < 0).any():
        raise ValueError(
            f"column '{_label(columns, 'weight')}' of '{path}' is negative in {(weight < 0).sum()} of {len(weight)} "
            f"rows (least {np.nanmin(weight):g}); expected weights ≥ 0"
        )
    keep = bad | (weight > 0)
    if not (weight[~bad] > 0).any():
        raise ValueError(f"all {len(weight)} weights (column '{_label(columns, 'weight')}') of '{path}' are zero")
    return {key: values[keep] for key, values in table.items()}


def _finite_rows(path, columns, table, drop_invalid):
    bad = {key: np.count_nonzero(~np.isfinite(values)) for key, values in table.items()}
    if not any(bad.values()):
        return table
    rows = np.all([np.isfinite(values) for values in table.values()], axis=0)
    counts = ", ".join(f"'{_label(columns, key)}': {count}" for key, count in bad.items() if count)
    found = f"'{path}' has {(~rows).sum()} of {len(rows)} rows with NaN or inf ({counts})"
    if not drop_invalid:
        raise ValueError(f"{found}; expected finite numbers (drop_invalid, or --drop-invalid, leaves these rows out)")
    if not rows.any():
        raise ValueError(f"{found}: no row is left")
    warnings.warn(f"{found}; these rows are left out", stacklevel=3)
    return {key: values[rows] for key, values in table.items()}


def _check_positions(path, columns, table):
    for key, low, high in (("dec", -90.0, 90.0), ("ra", -180.0, 360.0)):
        values = table[key]
        outside = np.count_nonzero((values < low) | (values > high))
        if outside:
            raise ValueError(
                f"column '{_label(columns, key)}' of '{path}' goes from {values.min():g} to {values.max():g}, outside "
                f"{low:g}° to {high:g}° in {outside} of {len(values)} rows; expected {key} in degrees"
            )


def _check_ellipticities(path, table, max_ellipticity):
    modulus = np.hypot(table["e1"], table["e2"])
    above = np.count_nonzero(modulus > max_ellipticity)
    if above:
        raise ValueError(
            f"'{path}' has {above} of {len(modulus)} galaxies with |e| > {max_ellipticity:g} (largest "
            f"{modulus.max():.4g}); give them weight 0, or raise max_ellipticity if the estimator allows such values "
            "(KSB, metacalibration)"
        )
