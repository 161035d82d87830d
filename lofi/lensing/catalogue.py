"""Shear catalogues: positions, ellipticities and weights of galaxies, checked and in our frame."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from astropy.coordinates import ICRS

from lofi.io.sky_frame import is_modern, stated_frame, transform
from lofi.io.sky_frame import name as frame_name
from lofi.io.user_file import guarded
from lofi.lensing.calibration_options import Values, calibration
from lofi.lensing.estimators import DEFAULT_ESTIMATOR, KEYS, REQUIRED
from lofi.lensing.psf_columns import psf_columns, psf_of
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.shear_frames import check_signs
from lofi.lensing.tables.columns import Column, read_columns
from lofi.lensing.tables.implausible import far_away, marks
from lofi.lensing.tangent_plane import unit_vectors

COLUMNS = {name: name for name in REQUIRED}  # the default names
WAY_OUT = "drop_invalid, or --drop-invalid, leaves these rows out"


@dataclass(frozen=True)
class ShearCatalogue:
    """Galaxies with an estimate of their shear.

    Attributes
    ----------
    ra, dec : arrays (n,), degrees, ICRS.
    e1, e2 : arrays (n,), shear estimates against each galaxy's own (West, North): e1 > 0 lies along East–West, e2 > 0
        along the diagonal from South-East to North-West.
    weight : array (n,), > 0.
    source : name of the file, for messages. notes : sentences on what was used, converted and left out.
    psf, psf_size : complex ellipticity (n,) of the point-spread function, in that frame, and its size (n,); None where
        the file was not asked for them.
    """

    ra: np.ndarray
    dec: np.ndarray
    e1: np.ndarray
    e2: np.ndarray
    weight: np.ndarray
    source: str = "catalogue"
    notes: tuple[str, ...] = ()
    psf: np.ndarray | None = None
    psf_size: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ra)


@guarded
def read_catalogue(
    file: ShearFile,
    columns: Mapping[str, Column | None] = COLUMNS,
    e1_sign: int = 1,
    e2_sign: int = 1,
    estimator: str = DEFAULT_ESTIMATOR,
    responsivity: float | None = None,
    m: Values | None = None,
    c1: Values | None = None,
    c2: Values | None = None,
    bins: str | None = None,
    max_ellipticity: float = 1.0,
    drop_invalid: bool = False,
    hdu: str | None = None,
    select: str | None = None,
    psf: bool = False,
) -> ShearCatalogue:
    """Read a shear catalogue from a table (`lofi.lensing.tables`); ValueError, one sentence, where it cannot be used.

    Parameters
    ----------
    columns : mapping with the keys `ra`, `dec`, `e1`, `e2` and others of `lofi.lensing.estimators.KEYS`; each a
        column's name, or `{name, scale, offset}` (see `lofi.lensing.tables.columns`). Rows of weight 0 are ignored.
    e1_sign, e2_sign : ±1, bring the columns to the (West, North) frame (docs/conventions.md).
    estimator, responsivity : what the columns are divided by to give shear (`lofi.lensing.estimators`); without R it is
        that of the columns or of the sheared variants.
    m, c1, c2 : biases, `e / R = (1 + m) gamma + c` in the frame of the columns: a number, or one for each bin.
    bins : `COLUMN` or `COLUMN=EDGE,EDGE,…`: galaxies whose response and biases are one; those outside are left out.
    max_ellipticity : largest modulus of the columns that is believed.
    drop_invalid : leave rows with missing or impossible values out, with a warning, instead of refusing the file.
    hdu, select : tables and rows (`lofi.lensing.tables.columns.read_columns`).
    psf : read the columns of the point-spread function, too.
    """
    path = file.path
    _check_options(path, columns, e1_sign, e2_sign)
    calibrated = calibration(
        file,
        columns,
        estimator=estimator,
        responsivity=responsivity,
        m=m,
        c1=c1,
        c2=c2,
        bins=bins,
        hdu=hdu,
        select=select,
        drop_invalid=drop_invalid,
    )
    chosen = {key: columns[key] for key in (*REQUIRED, "weight") if columns.get(key) is not None} | calibrated.wanted
    chosen |= psf_columns(path, columns) if psf else {}
    read = read_columns(file, chosen, hdu=calibrated.hdu, select=select)
    table, labels = read.values, read.labels | {"weight": read.labels.get("weight", "weight")}
    if len(table["ra"]) == 0:
        raise ValueError(f"'{path}' has no rows" + (f" where {select}" if select else ""))
    table.setdefault("weight", np.ones(len(table["ra"])))
    notes = list(read.notes)
    table, names = _binned_rows(path, table, calibrated.bins, notes)
    table = _weighted_rows(path, labels, table, drop_invalid)
    table = _valid_rows(path, labels, table, drop_invalid, notes)
    _check_positions(path, labels, table)
    table = _near_rows(path, table, drop_invalid, notes)
    _check_ellipticities(path, table, max_ellipticity)
    shear, calibration_notes = calibrated.shear(table, table.pop("bin").astype(int), names)
    notes += calibration_notes
    ellipticity = e1_sign * shear.real + 1j * e2_sign * shear.imag
    ra, dec, turn = _icrs(path, read.header, table["ra"], table["dec"], notes)
    ellipticity = ellipticity * np.exp(2j * turn)
    psf_ellipticity, psf_size = psf_of(table, e1_sign, e2_sign)
    return ShearCatalogue(
        ra=ra,
        dec=dec,
        e1=ellipticity.real,
        e2=ellipticity.imag,
        weight=table["weight"],
        source=str(path),
        notes=tuple(notes),
        psf=None if psf_ellipticity is None else psf_ellipticity * np.exp(2j * turn),
        psf_size=psf_size,
    )


def _check_options(path, columns, e1_sign, e2_sign):
    missing = [key for key in REQUIRED if columns.get(key) is None]
    unknown = sorted(set(columns) - set(KEYS))
    if missing or unknown:
        problem = f"lack {missing}" if missing else f"name the unknown {unknown}"
        raise ValueError(f"the columns given for '{path}' {problem}; expected ra, dec, e1, e2 and perhaps weight")
    check_signs(path, e1_sign, e2_sign)


def _binned_rows(path, table, bins, notes):
    """The rows in bins, with the number of theirs, and the bins' names."""
    if bins is None:
        return table | {"bin": np.zeros(len(table["ra"]))}, [""]
    index, names = bins.assign(path, table["bin"], table["weight"])
    outside = np.count_nonzero(index < 0)
    if outside:
        notes.append(f"bins {bins.text}: {outside} of {len(index)} rows outside left out")
    return {key: values[index >= 0] for key, values in (table | {"bin": index.astype(float)}).items()}, names


def _weighted_rows(path, labels, table, drop_invalid):
    """The rows of positive weight: the others are no part of the catalogue, whatever they hold."""
    weight = np.where(marks("weight", table["weight"]), np.nan, table["weight"])
    bad = ~np.isfinite(weight)
    if bad.any() and not drop_invalid:
        raise ValueError(
            f"column {labels['weight']} of '{path}' is NaN, inf or missing in {bad.sum()} of {len(bad)} rows; expected "
            f"finite weights ({WAY_OUT})"
        )
    if (weight[~bad] < 0).any():
        raise ValueError(
            f"column {labels['weight']} of '{path}' is negative in {(weight < 0).sum()} of {len(weight)} "
            f"rows (least {np.nanmin(weight):g}); expected weights ≥ 0"
        )
    keep = bad | (weight > 0)
    if not (weight[~bad] > 0).any():
        raise ValueError(f"all {len(weight)} weights (column {labels['weight']}) of '{path}' are zero")
    return {key: values[keep] for key, values in (table | {"weight": weight}).items()}


def _valid_rows(path, labels, table, drop_invalid, notes):
    """The rows without missing values: NaN, inf, and numbers such as −99 that mark them."""
    marked = {key: marks(key, values) for key, values in table.items()}
    good = np.all([np.isfinite(values) & ~marked[key] for key, values in table.items()], axis=0)
    if good.all():
        return table
    counts = {}
    for key, values in table.items():
        missing = np.count_nonzero(~np.isfinite(values))
        numbers = np.unique(values[marked[key] & np.isfinite(values)])
        if missing:
            counts[labels[key]] = missing
        for number in numbers[:3]:
            counts[f"{labels[key]} = {number:g}"] = np.count_nonzero(values == number)
    listed = ", ".join(f"{label}: {count}" for label, count in counts.items())
    found = f"'{path}' has {(~good).sum()} of {len(good)} rows with NaN or inf or missing values ({listed})"
    if not drop_invalid:
        raise ValueError(f"{found}; expected finite numbers ({WAY_OUT})")
    if not good.any():
        raise ValueError(f"{found}: no row is left")
    _leave_out(found, notes)
    return {key: values[good] for key, values in table.items()}


def _check_positions(path, labels, table):
    for key, low, high in (("dec", -90.0, 90.0), ("ra", -180.0, 360.0)):
        values = table[key]
        outside = np.count_nonzero((values < low) | (values > high))
        if outside:
            raise ValueError(
                f"column {labels[key]} of '{path}' goes from {values.min():g} to {values.max():g}, outside "
                f"{low:g}° to {high:g}° in {outside} of {len(values)} rows; expected {key} in degrees"
            )


def _near_rows(path, table, drop_invalid, notes):
    """The rows without positions that stretch the field tenfold."""
    far = far_away(unit_vectors(table["ra"], table["dec"]))
    if not far.any():
        return table
    ra, dec = table["ra"][far][0], table["dec"][far][0]
    found = (
        f"'{path}' has {far.sum()} of {len(far)} galaxies more than ten times farther out than nearly all others (the "
        f"first at ra {ra:g}, dec {dec:g})"
    )
    if not drop_invalid:
        raise ValueError(f"{found}; repair or remove them ({WAY_OUT})")
    _leave_out(found, notes)
    return {key: values[~far] for key, values in table.items()}


def _leave_out(found, notes):
    notes.append(f"{found.partition(' has ')[2]}: left out")
    warnings.warn(f"{found}; these rows are left out", stacklevel=4)


def _check_ellipticities(path, table, max_ellipticity):
    modulus = np.hypot(table["e1"], table["e2"])
    above = np.count_nonzero(modulus > max_ellipticity)
    if above:
        raise ValueError(
            f"'{path}' has {above} of {len(modulus)} galaxies with |e| > {max_ellipticity:g} (largest "
            f"{modulus.max():.4g}); give them weight 0, or raise max_ellipticity if the estimator allows such values "
            "(KSB, metacalibration)"
        )


def _icrs(path, header, ra, dec, notes):
    """Positions in ICRS, degrees, and how far North turns, radians, where the header states FK4 or another equinox."""
    frame = stated_frame(path, header)
    if is_modern(frame):
        return ra, dec, 0.0
    notes.append(f"positions and ellipticities brought from {frame_name(frame)} to ICRS")
    return transform(ra, dec, frame, ICRS())
