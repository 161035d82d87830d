"""A Measurement Set as tables: opened, its kind decided, and the rows and channels of a selection found.

Tables and columns are those of version 2 (Kemball & Wieringa 2000, AIPS++ note 229), read with python-casacore.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from astropy.time import Time

from lofi.radio.visibilities.ms_selection import Selection, numbers_of
from lofi.radio.visibilities.visibilities import DAY

COLUMNS = ("UVW", "ANTENNA1", "ANTENNA2", "TIME", "FIELD_ID", "DATA_DESC_ID", "SCAN_NUMBER", "FLAG", "FLAG_ROW")
FITS_CODES = {1: 1, 2: 2, 3: 3, 4: 4, 5: -1, 6: -3, 7: -4, 8: -2, 9: -5, 10: -7, 11: -8, 12: -6}  # of CORR_TYPE
J2000 = ("J2000", "ICRS")  # equal to 0.03 arcsec
EVERYTHING = (0.0, np.inf)  # Hz
MJD_UNIX = 40587  # MJD of the zero point of POSIX time; both leave leap seconds out


@dataclass(frozen=True, eq=False)
class Window:
    """Rows of one spectral window and one set of correlations.

    Attributes
    ----------
    label : number and name of the window. description : its DATA_DESC_ID.
    frequency, width : (C,) Hz, of the channels that are read. first, last : numbers of these.
    codes : FITS codes of the correlations. rows : (n,) row numbers of the main table.
    """

    label: str
    description: int
    frequency: np.ndarray
    width: np.ndarray
    first: int
    last: int
    codes: tuple[int, ...]
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class Observation:
    """One field of a Measurement Set.

    Attributes
    ----------
    main : the main table. column : of the visibilities. field : number and name.
    centre, pointing : right ascension and declination of the phase centre and of what the dishes pointed to, degrees,
        J2000; the latter is None where it is not stated. antennas : their number.
    telescope, name, date : words for headers. windows : with rows in the selection.
    """

    main: Any
    column: str
    field: str
    centre: tuple[float, float]
    pointing: tuple[float, float] | None
    antennas: int
    telescope: str
    name: str
    date: str
    windows: tuple[Window, ...]


@contextmanager
def opened(
    path: Path, selection: Selection, *, autocorrelations: bool = False, band: tuple[float, float] = EVERYTHING
) -> Iterator[Observation]:
    """The `Observation` that a selection chooses, with or without autocorrelations, while its tables are open.

    band : lowest and highest frequency of the channels, Hz.
    """
    tables = casacore_tables()
    with _table(tables, path, path) as main:
        _check_kind(path, main)
        main.lock(write=False, nattempts=2)  # seconds, about
        if not main.haslock(write=False):
            raise ValueError(f"{path} is locked by another process that writes it; wait until that has ended")
        column = _data_column(path, main, selection)
        keys = {name: main.getcol(name) for name in ("FIELD_ID", "DATA_DESC_ID", "SCAN_NUMBER", "TIME")}
        rows = _scans_and_times(path, keys, selection)
        number, name, centre, pointing = _field(tables, path, keys["FIELD_ID"], rows, selection)
        rows &= keys["FIELD_ID"] == number
        if not autocorrelations:
            rows &= main.getcol("ANTENNA1") != main.getcol("ANTENNA2")
            if not rows.any():
                raise ValueError(
                    f"{path}: the selected rows are autocorrelations alone; an image needs pairs of antennas"
                )
        windows = tuple(_windows(tables, path, keys["DATA_DESC_ID"], rows, selection, band))
        if not windows and band == EVERYTHING:
            raise ValueError(f"{path}: no selected row is in --spw {selection.spw}")
        with _table(tables, path, path / "ANTENNA") as antenna, _table(tables, path, path / "OBSERVATION") as about:
            yield Observation(
                main=main,
                column=column,
                field=f"{number} {name}".strip(),
                centre=centre,
                pointing=pointing,
                antennas=antenna.nrows(),
                telescope=about.getcell("TELESCOPE_NAME", 0) if about.nrows() else "",
                name=name,
                date=Time(keys["TIME"][rows].min() / DAY, format="mjd").isot[:10],
                windows=windows,
            )


def casacore_tables() -> ModuleType:
    """The module `casacore.tables`; ValueError, which says how to install it, where it is missing."""
    try:
        import casacore.tables
    except ImportError as error:
        raise ValueError(
            "Measurement Sets need python-casacore; install it with: pip install 'lofi-maps[ms]' or python-casacore"
        ) from error
    return casacore.tables


def _table(tables, path, folder):
    try:
        return tables.table(str(folder), ack=False, readonly=True, lockoptions="usernoread")  # others wait for a lock
    except RuntimeError as error:
        raise ValueError(f"{path} cannot be read as a Measurement Set: {error}") from error


def _check_kind(path, main):
    missing = [name for name in COLUMNS if name not in main.colnames()]
    if missing:
        kind = main.info().get("type") or "of an unknown kind"
        raise ValueError(
            f"{path} is a casacore table ({kind}) without the columns {', '.join(missing)}; expected a Measurement Set"
        )
    if not main.nrows():
        raise ValueError(f"{path} has no rows")


def _data_column(path, main, selection):
    columns = [name for name in main.colnames() if "MEASINFO" not in name and name.endswith("DATA")]
    chosen = selection.datacolumn
    if chosen is None:
        chosen = next((name for name in ("CORRECTED_DATA", "DATA") if name in columns), None)
    if chosen is None or chosen not in main.colnames():
        found = ", ".join(columns) or "none"
        asked = f"has no column {chosen}" if chosen else "has no column CORRECTED_DATA or DATA"
        raise ValueError(f"{path} {asked}; it has {found}; choose one with --datacolumn")
    if main.coldatatype(chosen) not in ("complex", "dcomplex"):
        raise ValueError(f"{path}: {chosen} holds {main.coldatatype(chosen)}; expected complex visibilities")
    return chosen


def _scans_and_times(path, keys, selection):
    rows = np.ones(len(keys["TIME"]), bool)
    if selection.scan is not None:
        words = [word.strip() for word in selection.scan.split(",")]
        known = np.unique(keys["SCAN_NUMBER"])
        unknown = [word for word in words if not word.isdigit() or int(word) not in known]
        if unknown:
            raise ValueError(f"{path} has no scan {unknown[0]}; it has {', '.join(map(str, known))}")
        rows &= np.isin(keys["SCAN_NUMBER"], [int(word) for word in words])
    if selection.time is not None:
        start, end = (moment.timestamp() + MJD_UNIX * DAY for moment in selection.interval)
        rows &= (keys["TIME"] >= start) & (keys["TIME"] <= end)
        if not rows.any():
            covered = "~".join(Time(t / DAY, format="mjd").isot[:19] for t in (keys["TIME"].min(), keys["TIME"].max()))
            raise ValueError(f"{path} has no rows in --time {selection.time}; it covers {covered}")
    return rows


def _field(tables, path, ids, rows, selection):
    """Number, name, phase centre and pointing of the field."""
    with _table(tables, path, path / "FIELD") as table:
        names = table.getcol("NAME") if table.nrows() else []
        present = [int(number) for number in np.unique(ids[rows])]
        outside = [number for number in present if not 0 <= number < len(names)]
        if outside:
            raise ValueError(f"{path}: rows name the field {outside[0]}, the table FIELD has {len(names)}")
        listed = ", ".join(f"{number} {names[number]}".strip() for number in present)
        if selection.field is None and len(present) > 1:
            raise ValueError(f"{path} holds the fields {listed}; choose one with --field")
        numbers = numbers_of(selection.field, names, f"{path}: --field", "field") if selection.field else present
        if len(numbers) != 1 or numbers[0] not in present:
            raise ValueError(f"{path}: --field {selection.field} has no rows in the selection; there are {listed}")
        (number,) = numbers
        frame = table.getcolkeywords("PHASE_DIR").get("MEASINFO", {})
        if frame.get("Ref", "J2000") not in J2000 or "VarRefCol" in frame:
            raise ValueError(
                f"{path}: the phase centres are in {frame.get('Ref') or 'several frames'}; expected J2000 or ICRS "
                "(CASA phaseshift makes it)"
            )
        direction = np.ravel(table.getcell("PHASE_DIR", number))[:2]
        if np.size(table.getcell("PHASE_DIR", number)) > 2:
            raise ValueError(f"{path}: the phase centre of field {number} moves (NUM_POLY > 0); expected a fixed one")
        pointing = _pointing(table, number)
    return number, names[number], _degrees(direction), pointing


def _pointing(table, number):
    """The direction of the original correlated field, REFERENCE_DIR, which stays where the phase centre is moved."""
    frame = table.getcolkeywords("REFERENCE_DIR").get("MEASINFO", {}) if "REFERENCE_DIR" in table.colnames() else {}
    if frame.get("Ref") not in J2000 or not table.iscelldefined("REFERENCE_DIR", number):
        return None
    direction = np.ravel(table.getcell("REFERENCE_DIR", number))[:2]
    return _degrees(direction) if direction.any() else None


def _degrees(direction):
    right_ascension, declination = np.degrees(direction)
    return float(right_ascension % 360), float(declination)


def _windows(tables, path, descriptions, rows, selection, band):
    with _table(tables, path, path / "DATA_DESCRIPTION") as table:
        setups = list(zip(table.getcol("SPECTRAL_WINDOW_ID"), table.getcol("POLARIZATION_ID"), strict=True))
    present = np.unique(descriptions[rows])
    outside = [number for number in present if not 0 <= number < len(setups)]
    if outside:
        raise ValueError(f"{path}: rows name DATA_DESC_ID {outside[0]}, the table DATA_DESCRIPTION has {len(setups)}")
    with (
        _table(tables, path, path / "SPECTRAL_WINDOW") as windows,
        _table(tables, path, path / "POLARIZATION") as polarizations,
    ):
        names = windows.getcol("NAME")
        chosen = range(len(names))
        if selection.spw is not None:
            chosen = numbers_of(selection.spw, names, f"{path}: --spw", "spectral window")
        for description in present.tolist():
            number, polarization = setups[description]
            if number not in chosen:
                continue
            label = f"{number} {names[number]}".strip()
            frequency = windows.getcell("CHAN_FREQ", number)
            first, last = selection.channel_range or (0, len(frequency) - 1)
            if last >= len(frequency):
                raise ValueError(
                    f"{path}: --channels {selection.channels} goes beyond spectral window {label} of {len(frequency)} "
                    "channels"
                )
            lowest, highest = band
            inside = first + np.flatnonzero(
                (lowest <= frequency[first : last + 1]) & (frequency[first : last + 1] <= highest)
            )
            if not len(inside):
                continue
            first, last = int(inside[0]), int(inside[-1])
            codes = polarizations.getcell("CORR_TYPE", polarization).tolist()
            unknown = [code for code in codes if code not in FITS_CODES]
            if unknown:
                raise ValueError(f"{path}: CORR_TYPE {unknown[0]} of spectral window {label} is no known correlation")
            yield Window(
                label=label,
                description=description,
                frequency=frequency[first : last + 1],
                width=np.abs(windows.getcell("CHAN_WIDTH", number))[first : last + 1],
                first=first,
                last=last,
                codes=tuple(FITS_CODES[code] for code in codes),
                rows=np.flatnonzero(rows & (descriptions == description)),
            )
