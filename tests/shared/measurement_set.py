"""A small Measurement Set of a point source, written with python-casacore alone."""

import numpy as np
from scipy.constants import speed_of_light

ARCSEC = np.pi / 180 / 3600
EAST, NORTH, FLUX = 8 * ARCSEC, 5 * ARCSEC, 2.5  # of the source from the phase centre; Jy
ANTENNAS = np.array([[0, 0, 0], [310, 120, 4], [-250, 700, -8], [900, -420, 12], [-600, -560, 3], [40, 960, 6]])
START = 5.0e9  # MJD seconds, 2017-04-24
CORRELATIONS = {"linear": [9, 10, 11, 12], "circular": [5, 8], "I": [1], "one hand": [9]}


def rows(times=4):
    """Baselines (u, v, w) in metres (n, 3), antennas and times: all pairs, autocorrelations too."""
    first, second = np.triu_indices(len(ANTENNAS))
    uvw, time = [], []
    for step in range(times):
        angle = 0.05 * step
        turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        uvw.append((ANTENNAS[second] - ANTENNAS[first]) @ turn.T)
        time.append(np.full(len(first), START + 10.0 * step))
    return np.concatenate(uvw), np.tile(first, times), np.tile(second, times), np.concatenate(time)


def point_source(uvw, frequency):
    """`FLUX exp(-2 pi i (u l + v m + w (n - 1)))` (rows, channels) for baselines in metres."""
    path = uvw @ [EAST, NORTH, np.sqrt(1 - EAST**2 - NORTH**2) - 1]
    return FLUX * np.exp(-2j * np.pi * path[:, None] * frequency / speed_of_light)


def write(path, windows=((1.4e9, 3),), fields=("3C286",), correlations="linear", noise="WEIGHT_SPECTRUM", sigma=0.5):
    """Write a Measurement Set; field k holds the source times k + 1; returns its main table, open to be changed.

    windows : first frequency and number of channels, 2 MHz wide, of each spectral window. noise : the one column that
    holds it; other columns are 1, `*_SPECTRUM` are left out. sigma : Jy, of each hand.
    """
    import casacore.tables as tables

    codes = CORRELATIONS[correlations]
    arrays = [tables.makearrcoldesc("DATA", 0j, ndim=2, valuetype="complex")]
    if noise.endswith("_SPECTRUM"):
        arrays.append(tables.makearrcoldesc(noise, 0.0, ndim=2, valuetype="float"))
    main = tables.default_ms(str(path), tables.maketabdesc(arrays))
    uvw, first, second, time = rows()
    start = 0
    for field, _ in enumerate(fields):
        for window, (lowest, channels) in enumerate(windows):
            frequency = lowest + 2e6 * np.arange(channels)
            values = (field + 1) * point_source(uvw, frequency)
            hands = [values * (code in (1, 5, 8, 9, 12)) for code in codes]
            count = len(uvw)
            main.addrows(count)
            put = {"nrow": count, "startrow": start}
            main.putcol("UVW", -uvw, **put)
            for name, column in {
                "ANTENNA1": first,
                "ANTENNA2": second,
                "FIELD_ID": np.full(count, field),
                "DATA_DESC_ID": np.full(count, window),
                "SCAN_NUMBER": np.where(time > START + 15, 2, 1),
            }.items():
                main.putcol(name, column.astype(np.int32), **put)
            main.putcol("TIME", time, **put)
            main.putcol("DATA", np.stack(hands, -1).astype(np.complex64), **put)
            main.putcol("FLAG", np.zeros((count, channels, len(codes)), bool), **put)
            main.putcol("FLAG_ROW", np.zeros(count, bool), **put)
            level = sigma if noise.startswith("SIGMA") else sigma**-2
            for name in {"WEIGHT", "SIGMA", noise}:
                shape = (count, channels, len(codes)) if name.endswith("_SPECTRUM") else (count, len(codes))
                main.putcol(name, np.full(shape, level if name == noise else 1.0, np.float32), **put)
            start += count
    _fill(tables, path, windows, fields, codes)
    return main


def _fill(tables, path, windows, fields, codes):
    direction = np.radians([[202.5, -30.7]])
    _rows(tables, path, "ANTENNA", [{"NAME": f"m{k:03d}", "POSITION": a} for k, a in enumerate(ANTENNAS.astype(float))])
    setups = []
    for number, (lowest, channels) in enumerate(windows):
        frequency, width = lowest + 2e6 * np.arange(channels), np.full(channels, 2e6)
        setups.append({"NAME": f"L{number}", "NUM_CHAN": channels, "CHAN_FREQ": frequency, "CHAN_WIDTH": width})
    _rows(tables, path, "SPECTRAL_WINDOW", setups)
    _rows(tables, path, "POLARIZATION", [{"NUM_CORR": len(codes), "CORR_TYPE": np.array(codes, np.int32)}])
    pairs = [{"SPECTRAL_WINDOW_ID": number, "POLARIZATION_ID": 0} for number in range(len(windows))]
    _rows(tables, path, "DATA_DESCRIPTION", pairs)
    directions = {name: direction for name in ("PHASE_DIR", "DELAY_DIR", "REFERENCE_DIR")}
    _rows(tables, path, "FIELD", [{"NAME": name, **directions} for name in fields])
    _rows(tables, path, "OBSERVATION", [{"TELESCOPE_NAME": "MeerKAT"}])


def _rows(tables, path, name, entries):
    with tables.table(f"{path}/{name}", readonly=False, ack=False) as table:
        table.addrows(len(entries))
        for row, cells in enumerate(entries):
            for column, value in cells.items():
                table.putcell(column, row, value)
