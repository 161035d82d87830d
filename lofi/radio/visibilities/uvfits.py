"""Visibilities in UVFITS files: FITS random groups as AIPS and CASA write them (Greisen, AIPS Memo 117).

Sign. The files' baseline is antenna 1 minus antenna 2 and their visibilities are `sum I exp(+2 pi i (u l + v m))`,
l towards East and m towards North. u, v and w are negated here, so that `V = sum I exp(-2 pi i (u l + v m))`.
"""

import re
from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.io.fits_files import strictly
from lofi.radio.visibilities.flux_units import to_jansky
from lofi.radio.visibilities.uvfits_axes import (
    antennas,
    axis_cards,
    axis_values,
    baselines,
    check_columns,
    intensity,
    samples,
    standard_axes,
)
from lofi.radio.visibilities.uvfits_flags import calibration_warnings, flagged
from lofi.radio.visibilities.uvfits_source import read_source
from lofi.radio.visibilities.visibilities import DAY, Visibilities, good_samples

MJD = 2400000.5  # Julian date of its zero point
FIRST_YEAR = 1960  # of interferometers with digital correlators; a two-digit year before it is a mistake


def read_uvfits(path: str | Path) -> Visibilities:
    """`Visibilities` of one source; Stokes I from I or from the parallel hands, all IFs and channels.

    Weights that are not positive (0, negative or NaN) mean flagged. Times are seconds from the file's first midnight.

    Raises ValueError where the file cannot be read, is not of random groups, lacks an axis or a parameter, holds
    several sources, or has no good visibility.
    """
    with strictly(path) as hdus:
        groups = hdus[0]
        if not isinstance(groups, fits.GroupsHDU):
            _refuse_other_formats(path, {hdu.name for hdu in hdus})
            kind = f"NAXIS1 = {groups.header.get('NAXIS1', 0)}, GROUPS = {groups.header.get('GROUPS', False)}"
            raise ValueError(f"{path} holds no visibilities in random groups ({kind}), as UVFITS does")
        header, data = groups.header.copy(), groups.data
        tables, table_notes = _tables(hdus[1:])
    if data is None or len(data) == 0:
        raise ValueError(f"{path} has no visibilities: its number of groups is 0")
    axis_notes = standard_axes(path, header)
    time, midnight = _time(path, data)
    array, antenna_pair = samples(path, header, data), antennas(path, data)
    flags, notes = flagged(path, header, data, tables, array.shape[:-1], antenna_pair)
    flags = flags | _blank(header, array)
    values, weights, intensity_notes = intensity(path, header, array, flags)
    number, windows, channels = values.shape
    frequency, width = _frequencies(path, header, data, tables, windows, channels)
    uvw, in_wavelengths = baselines(path, data)
    scale = -frequency / (axis_cards(header, "FREQ")[0] if in_wavelengths else 1.0)
    factor, unit_notes, unit_warnings = to_jansky(path, header.get("BUNIT", ""), frequency)
    source = read_source(path, header, data, tables)
    u, v, w = *source.turned(*uvw[:2]), uvw[2]
    notes = [*table_notes, *axis_notes, *notes, *intensity_notes, *unit_notes, *source.notes]
    flat = (number, windows * channels)
    written = str(header.get("DATE-OBS", "")).strip()
    date = _date(written)
    if written and not date:
        notes = [*notes, f"DATE-OBS {written} is left out: it is no date YYYY-MM-DD."]
    return good_samples(
        path,
        **{key: (x[:, None, None] * scale).reshape(flat) for key, x in {"u": u, "v": v, "w": w}.items()},
        values=(values * factor).reshape(flat),
        weights=(weights / factor**2).reshape(flat),
        flags=np.zeros(flat, bool),
        frequency=np.broadcast_to(frequency, values.shape).reshape(flat),
        width=np.broadcast_to(np.abs(width), values.shape).reshape(flat),
        time=time,
        time_zero=midnight,
        antenna1=antenna_pair[0],
        antenna2=antenna_pair[1],
        centre=source.centre,
        object=source.name,
        telescope=str(header.get("TELESCOP", "")).strip(),
        date=date,
        notes=notes,
        warnings=(*unit_warnings, *calibration_warnings(tables)),
    )


def _tables(hdus):
    """Tables by name with their data, and notes: of several versions the highest, as AIPS chooses.

    Of AN, whose versions are subarrays, the first, whose day counts.
    """
    tables, notes = {}, []
    for hdu in sorted((hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU)), key=lambda hdu: hdu.ver):
        if hdu.name != "AIPS AN" or hdu.name not in tables:
            tables[hdu.name] = hdu
    for table in tables.values():
        table.data  # noqa: B018  read while the file is open
    versions = [hdu.ver for hdu in hdus if hdu.name == "AIPS FG"]
    if len(versions) > 1:
        notes.append(f"AIPS FG: of {len(versions)} versions the highest, {max(versions)}, is applied, as AIPS does.")
    return tables, notes


def _blank(header, array):
    """Samples of packed integers that BLANK marks, which astropy scales like others."""
    if "BLANK" not in header or header["BITPIX"] < 0:
        return np.zeros(array.shape[:-1], bool)
    blank = header["BLANK"] * header.get("BSCALE", 1.0) + header.get("BZERO", 0.0)
    return np.isclose(array, blank, rtol=1e-6, atol=0).any(axis=-1)


def _refuse_other_formats(path, names):
    if names & {"UV_DATA", "ARRAY_GEOMETRY"}:
        raise ValueError(
            f"{path} is FITS-IDI; convert it to a Measurement Set (CASA importfitsidi) or UVFITS (AIPS FITLD, FITTP)"
        )
    if "AIPS UV" in names:
        raise ValueError(
            f"{path} holds visibilities in a table AIPS UV; convert it with AIPS UVLOD and FITTP to UVFITS"
        )


def _date(written):
    """YYYY-MM-DD of DATE-OBS, also of its form before 1999, DD/MM/YY; empty where it is neither.

    Years of two digits are of the 20th century (FITS); 00 to 59, before any such data, are not guessed at.
    """
    if re.fullmatch(r"\d\d/\d\d/\d\d", written):
        day, month, year = written.split("/")
        written = f"19{year}-{month}-{day}" if 1900 + int(year) >= FIRST_YEAR else ""
    return written[:10] if re.match(r"\d{4}-\d\d-\d\d", written) else ""


def _time(path, data):
    """Seconds of the groups from the first midnight, and its MJD."""
    if "DATE" not in data.parnames:
        raise ValueError(f"{path} has no random parameter DATE; it has {', '.join(data.parnames)}")
    days = np.asarray(data.par("DATE"), np.float64)  # both DATE parameters, summed
    if not np.isfinite(days).all():
        raise ValueError(f"{path}: DATE contains NaN or inf")
    midnight = np.floor(days.min() - 0.5) + 0.5
    return (days - midnight) * DAY, float(midnight - MJD)


def _frequencies(path, header, data, tables, windows, channels):
    """Frequency and width of channels, Hz, (1 or groups, IF, channel): the FREQ axis and the offsets of AIPS FQ."""
    axis = axis_values(header, "FREQ", channels)
    reference, step, *_ = axis_cards(header, "FREQ")
    if not (reference > 0 and step != 0):
        raise ValueError(f"{path}: the FREQ axis has CRVAL {reference} and CDELT {step}; expected Hz, and not 0")
    table = tables["AIPS FQ"].data if "AIPS FQ" in tables else None
    if table is None:
        if windows > 1:
            raise ValueError(f"{path} has {windows} IFs but no table AIPS FQ of their frequencies")
        return np.broadcast_to(axis, (1, 1, channels)), np.full((1, 1, channels), step)
    check_columns(path, "AIPS FQ", table, ("FRQSEL", "IF FREQ", "CH WIDTH"))
    setups = {}
    for row in table:
        offset = np.atleast_1d(row["IF FREQ"]).astype(np.float64)
        width = np.atleast_1d(row["CH WIDTH"]).astype(np.float64)
        if offset.size != windows:
            raise ValueError(f"{path}: table AIPS FQ has {offset.size} IFs; expected the {windows} of the visibilities")
        # ASSUME: CH WIDTH rules where it differs from the axis; in a lower sideband frequencies decrease.
        side = np.atleast_1d(row["SIDEBAND"]) if "SIDEBAND" in table.names else np.ones(windows)
        width = np.where(np.abs(np.abs(width) - abs(step)) <= 1e-6 * abs(step), step, width)
        width = np.where((side < 0) & (width > 0), -width, width)
        width = np.where(width == 0, step, width)
        setups[int(row["FRQSEL"])] = np.stack([offset, width])
    chosen = data.par("FREQSEL").astype(int) if "FREQSEL" in data.parnames else np.array([min(setups)])
    unknown = sorted(set(chosen.tolist()) - set(setups))
    if unknown:
        raise ValueError(f"{path}: FREQSEL {unknown[0]} is not in the table AIPS FQ, which has {sorted(setups)}")
    offset, width = np.stack([setups[key] for key in chosen.tolist()], axis=1)[..., None]  # (1 or groups, IF, 1)
    pixels = (axis - reference) / step
    return reference + offset + pixels * width, np.broadcast_to(width, (*width.shape[:2], channels))
