"""Simulated visibilities as a Measurement Set (version 2: Kemball & Wieringa 2000, AIPS++ note 229)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.constants import speed_of_light

from lofi.radio.coverage import Coverage

START = 4.96e9  # seconds of MJD, 2016-01-22
LINEAR = [9, 12]  # CORR_TYPE of XX, YY


def write_measurement_set(
    path: Path,
    coverage: Coverage,
    visibilities: np.ndarray,
    sigma: float | np.ndarray,
    *,
    right_ascension_deg: float,
    channel_hz: float,
    name: str,
) -> None:
    """Write one field and one spectral window; XX and YY hold the intensity.

    Parameters
    ----------
    coverage : of `lofi.radio.coverage.synthesis`, M visibilities, frequencies rising.
    visibilities : complex (M,) in the order of the coverage, Jy. sigma : of their real part, Jy, or (M,).
    channel_hz : width of a channel. name : of the field.
    """
    from casacore import tables

    array, frequencies = coverage.telescope, np.array(coverage.frequencies_hz)
    channels, count = len(frequencies), len(array.antennas)
    metres = np.stack([coverage.u, coverage.v, coverage.w], -1).reshape(channels, -1, 3)[0]
    metres *= speed_of_light / frequencies[0]
    first, second = np.triu_indices(count, k=1)
    dumps = len(metres) // len(first)
    samples, noise = (
        np.repeat(column.reshape(channels, -1).T[..., None], 2, axis=2)
        for column in (visibilities.astype(np.complex64), np.sqrt(2) * np.broadcast_to(sigma, len(visibilities)))
    )
    arrays = [
        tables.makearrcoldesc("DATA", 0j, ndim=2, valuetype="complex"),
        tables.makearrcoldesc("WEIGHT_SPECTRUM", 0.0, ndim=2, valuetype="float"),
    ]
    columns = {
        "UVW": -metres,  # antenna 1 minus antenna 2, exponent +
        "ANTENNA1": np.tile(first, dumps).astype(np.int32),
        "ANTENNA2": np.tile(second, dumps).astype(np.int32),
        "TIME": START + np.repeat(np.arange(dumps) * coverage.dump_seconds, len(first)),
        "EXPOSURE": np.full(len(metres), coverage.dump_seconds),
        "INTERVAL": np.full(len(metres), coverage.dump_seconds),
        "DATA": samples,
        "FLAG": np.zeros(samples.shape, bool),
        "FLAG_ROW": np.zeros(len(metres), bool),
        "WEIGHT_SPECTRUM": noise**-2.0,
        "WEIGHT": (noise**-2.0).mean(1),
        "SIGMA": (noise**-2.0).mean(1) ** -0.5,
    }
    with tables.default_ms(str(path), tables.maketabdesc(arrays)) as main:
        main.addrows(len(metres))
        for column, values in columns.items():
            main.putcol(column, values)
    direction = np.radians([[right_ascension_deg, coverage.declination_deg]])
    widths = np.full(channels, channel_hz)
    _fill(path, "ANTENNA", *({"NAME": f"m{k:03d}", "POSITION": p} for k, p in enumerate(array.antennas)))
    _fill(path, "SPECTRAL_WINDOW", {"NUM_CHAN": channels, "CHAN_FREQ": frequencies, "CHAN_WIDTH": widths})
    _fill(path, "POLARIZATION", {"NUM_CORR": len(LINEAR), "CORR_TYPE": np.array(LINEAR, np.int32)})
    _fill(path, "DATA_DESCRIPTION", {"SPECTRAL_WINDOW_ID": 0, "POLARIZATION_ID": 0})
    directions = {f"{kind}_DIR": direction for kind in ("PHASE", "DELAY", "REFERENCE")}
    _fill(path, "FIELD", {"NAME": name, **directions})
    _fill(path, "OBSERVATION", {"TELESCOPE_NAME": array.name})


def _fill(path: Path, table: str, *rows: Mapping[str, Any]) -> None:
    from casacore import tables

    with tables.table(f"{path}/{table}", readonly=False, ack=False) as opened:
        opened.addrows(len(rows))
        for number, row in enumerate(rows):
            for column, value in row.items():
                opened.putcell(column, number, value)
