"""The noise of visibilities in a Measurement Set (CASA documentation, Data Weights)."""

from typing import Any

import numpy as np

# The first of these that is set counts: what calibration and imaging use, then the noise of the raw data.
# ASSUME: this order for every column of visibilities. Many writers fill WEIGHT_SPECTRUM alone and leave SIGMA at 1.
COLUMNS = ("WEIGHT_SPECTRUM", "WEIGHT", "SIGMA_SPECTRUM", "SIGMA")
SAMPLED_ROWS = 64  # that decide whether a column is set


def weight_column(rows: Any) -> str | None:
    """The column that holds the noise of a table's rows; None where all that are there are 0 or 1: never set."""
    sampled = np.unique(np.linspace(0, rows.nrows() - 1, SAMPLED_ROWS).astype(int)).tolist()
    for name in COLUMNS:
        if name in rows.colnames() and all(rows.iscelldefined(name, row) for row in sampled):
            values = np.concatenate([np.ravel(rows.getcell(name, row)) for row in sampled])
            if not np.isin(values, (0.0, 1.0)).all():
                return name
    return None


def weights(column: str, values: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """`1 / sigma²`, of `shape` (rows, channels, correlations), of the values of a column with or without channels."""
    if not column.endswith("_SPECTRUM"):
        values = values[:, None]
    if column.startswith("SIGMA"):
        with np.errstate(divide="ignore", over="ignore"):
            values = np.where(values > 0, 1.0 / np.square(values, dtype=np.float64), 0.0)
    return np.broadcast_to(values, shape)
