"""Random groups of a known source, written with astropy alone."""

import numpy as np
from astropy.io import fits

ARCSEC = np.pi / 180 / 3600
EAST, NORTH = 6 * ARCSEC, 3 * ARCSEC  # of the source from the phase centre
FLUX = 2.5
FREQUENCY, STEP, OFFSETS = 1.4e9, 2e6, (0.0, 5e7)
ANTENNAS = np.array([[0, 0, 0], [310, 120, 4], [-250, 700, -8], [900, -420, 12], [-600, -560, 3]]) / 299792458.0
JULIAN = 2457849.5


def groups(windows=2, channels=3, stokes=(-1, -2, -3, -4), weight=4.0):
    """Groups of two times and all pairs, autocorrelations too: random parameters, and samples
    (group, IF, channel, Stokes, 3).

    The wave reaches the antenna at r (u, v, w axes, in light seconds) earlier by (r . s): its voltage is
    exp(2 pi i nu r . s) against the phase centre, and the correlation of antennas 1, 2 is voltage 1 times the
    conjugate of voltage 2, on the baseline r1 - r2 (AIPS).
    """
    frequency = FREQUENCY + np.array(OFFSETS[:windows])[:, None] + STEP * np.arange(channels)
    rows, data = [], []
    for time in (0.25, 0.2501):
        for a in range(5):
            for b in range(a, 5):
                r = np.stack([ANTENNAS[k] * (1 + time * np.array([1, -1, 0])) for k in (a, b)])
                voltage = np.exp(2j * np.pi * frequency * (r[:, :2] @ [EAST, NORTH])[:, None, None])
                value = FLUX * voltage[0] * voltage[1].conj()
                rows.append((*(r[0] - r[1]), a + 1, b + 1, time))
                hands = [value * (code in (1, -1, -2, -5, -6)) for code in stokes]
                data.append(np.stack([np.stack([h.real, h.imag, np.full(h.shape, weight)], -1) for h in hands], 2))
    return np.array(rows), np.array(data)


def write(
    path,
    rows,
    data,
    order=("COMPLEX", "STOKES", "FREQ", "IF", "RA", "DEC"),
    stokes=(-1.0, -1.0),
    names=("UU---SIN", "VV---SIN", "WW---SIN"),
    baseline="BASELINE",
    extra=None,
    table=True,
    tables=(),
    drop=(),
    cards=None,
    scale=1.0,
):
    """Random groups with the axes in `order` (the first varies fastest) and, if asked for, a table AIPS FQ."""
    number, windows, channels, _, _ = data.shape
    lengths = {"COMPLEX": 3, "STOKES": data.shape[3], "FREQ": channels, "IF": windows, "RA": 1, "DEC": 1}
    axes = [name for name in ("IF", "FREQ", "STOKES", "COMPLEX") if name in order]
    array = data.reshape([number] + [lengths[name] for name in axes])
    slow_first = [name for name in order[::-1] if lengths[name] > 1 or name in axes]
    array = array.transpose(0, *[1 + axes.index(name) for name in slow_first])
    array = array.reshape([number] + [lengths[name] for name in order[::-1]]).astype(np.float32)
    if baseline == "BASELINE":
        pairs = {"BASELINE": 256 * rows[:, 3] + rows[:, 4]}
    elif baseline == "2048":
        pairs = {"BASELINE": 2048 * rows[:, 3] + rows[:, 4] + 65536}
    else:
        pairs = {"SUBARRAY": np.ones(number), "ANTENNA1": rows[:, 3], "ANTENNA2": rows[:, 4]}
    parameters = [(name, rows[:, k]) for k, name in enumerate(names)] + list(pairs.items())
    parameters += [("DATE", np.full(number, JULIAN)), ("DATE", rows[:, 5]), *(extra or {}).items()]
    parameters = [(name, column) for name, column in parameters if name not in drop]
    hdu = fits.GroupsHDU(
        fits.GroupData(
            array,
            parnames=[name for name, _ in parameters],
            pardata=[column / scale if name in names else column for name, column in parameters],
            bitpix=-32,
        )
    )
    values = {
        "COMPLEX": (1.0, 1.0),
        "STOKES": stokes,
        "FREQ": (FREQUENCY, STEP),
        "IF": (1.0, 1.0),
        "RA": (202.5, 1.0),
        "DEC": (-30.7, 1.0),
    }
    for axis, name in enumerate(order, start=2):
        hdu.header[f"CTYPE{axis}"] = "" if name in drop else name
        hdu.header[f"CRVAL{axis}"], hdu.header[f"CDELT{axis}"] = values[name]
        hdu.header[f"CRPIX{axis}"] = 1.0
    for k, (name, _) in enumerate(parameters, start=1):
        hdu.header[f"PSCAL{k}"], hdu.header[f"PZERO{k}"] = (scale if name in names else 1.0), 0.0
    hdu.header.update({"OBJECT": "3C286", "TELESCOP": "EVLA", "DATE-OBS": "2017-04-06T00:00:00.0", **(cards or {})})
    hdus = fits.HDUList([hdu])
    if table:
        columns = [
            fits.Column("FRQSEL", "1J", array=[1]),
            fits.Column("IF FREQ", f"{windows}D", array=[OFFSETS[:windows]]),
            fits.Column("CH WIDTH", f"{windows}E", array=[[STEP] * windows]),
            fits.Column("SIDEBAND", f"{windows}J", array=[[1] * windows]),
        ]
        hdus.append(fits.BinTableHDU.from_columns(columns, name="AIPS FQ"))
    hdus.extend(tables)
    hdus.writeto(path, overwrite=True)
    return path
