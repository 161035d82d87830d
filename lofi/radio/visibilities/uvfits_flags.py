"""Flags of the table AIPS FG (AIPS Memo 117, section 6.7), and other tables that change what visibilities mean."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.time import Time

from lofi.radio.visibilities.uvfits_axes import check_columns

CALIBRATION = ("CL", "SN", "BP", "BL", "PD")  # gains, solutions, bandpass, baseline factors, polarisation
COLUMNS = ("SOURCE", "SUBARRAY", "ANTS", "TIME RANGE", "IFS", "CHANS", "PFLAGS")


def calibration_warnings(tables: Mapping) -> list[str]:
    """A sentence where tables of calibration are in the file; they are not applied."""
    found = [f"AIPS {kind}" for kind in CALIBRATION if f"AIPS {kind}" in tables]
    if not found:
        return []
    return [
        f"The file has the tables {', '.join(found)}: their calibration is not applied; if it is needed, apply it "
        "with AIPS SPLIT."
    ]


def flagged(
    path: str | Path,
    header: fits.Header,
    data: fits.GroupData,
    tables: Mapping,
    shape: tuple[int, int, int, int],
    antennas: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, list[str]]:
    """What the table AIPS FG flags, bool of `shape` (groups, IF, channel, Stokes), and a note; nothing without it.

    A row flags the samples that fit all its columns. 0 (of FREQ ID also −1, of times 0, 0) stands for all; ANTS (a, 0)
    for all baselines with a; an upper IF or channel of 0 for the last. PFLAGS has one bit for each Stokes of the data,
    in their order. TIME RANGE is in days from 0 h of RDATE of the table AN.

    antennas : numbers of both antennas, (groups,) each.
    """
    flags = np.zeros(shape, bool)
    if "AIPS FG" not in tables:
        return flags, []
    table = tables["AIPS FG"].data
    check_columns(path, "AIPS FG", table, COLUMNS)
    parameters = _parameters(data, antennas)
    days = np.asarray(data.par("DATE"), np.float64) - _reference_day(header, data, tables)
    order = np.argsort(days, kind="stable")
    days = days[order]
    for row in table:
        start, end = (float(value) for value in row["TIME RANGE"])
        if start == end == 0:
            start, end = -np.inf, np.inf
        first, last = np.searchsorted(days, start, "left"), np.searchsorted(days, end, "right")
        groups = order[first:last]
        groups = groups[_fits(row, parameters, groups)]
        windows, channels = (_range(row[name], count) for name, count in zip(("IFS", "CHANS"), shape[1:3], strict=True))
        stokes = np.flatnonzero(np.ravel(row["PFLAGS"])[: shape[3]])
        flags[np.ix_(groups, windows, channels, stokes)] = True
    count = np.count_nonzero(flags)
    return flags, [f"AIPS FG: its {len(table)} rows flag {count} of {flags.size} correlations."]


def _parameters(data, antennas):
    groups = len(antennas[0])
    zero = np.zeros(groups, int)
    if "SUBARRAY" in data.parnames:
        subarray = data.par("SUBARRAY").astype(int)
    elif "BASELINE" in data.parnames:
        subarray = np.rint(100 * (data.par("BASELINE") % 1)).astype(int) + 1
    else:
        subarray = zero + 1
    return {
        "first": antennas[0],
        "second": antennas[1],
        "SUBARRAY": subarray,
        "SOURCE": data.par("SOURCE").astype(int) if "SOURCE" in data.parnames else zero,
        "FREQ ID": data.par("FREQSEL").astype(int) if "FREQSEL" in data.parnames else zero,
    }


def _fits(row, parameters, groups):
    """Which of the numbered groups a row means; columns that stand for all are not looked at."""
    good = np.ones(len(groups), bool)
    for name in ("SOURCE", "SUBARRAY", "FREQ ID"):
        wanted = int(row[name]) if name in row.array.names else 0
        if wanted > 0:
            values = parameters[name][groups]
            good &= (values == wanted) | (values == 0)
    wanted = [int(number) for number in np.ravel(row["ANTS"]) if number > 0]
    if wanted:
        first, second = parameters["first"][groups], parameters["second"][groups]
        other = wanted[-1]
        if len(wanted) == 2:
            good &= ((first == wanted[0]) & (second == other)) | ((first == other) & (second == wanted[0]))
        else:
            good &= (first == other) | (second == other)
    return good


def _range(limits, count):
    first, last = (int(limit) for limit in np.ravel(limits)[:2])
    return np.arange(max(first, 1) - 1, count if last <= 0 else min(last, count))


def _reference_day(header, data, tables):
    """Julian date of 0 h of the reference day."""
    written = tables["AIPS AN"].header.get("RDATE") if "AIPS AN" in tables else None
    for date in (written, header.get("DATE-OBS")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # dates in the future of the tables of leap seconds
                return Time(str(date).strip()[:10], format="iso", scale="utc").jd
        except ValueError:
            continue
    return np.floor(data.par("DATE").min() - 0.5) + 0.5
