"""The scoreboard: our scores beside published ones, with a verdict on each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t

from workflow.published import MEASURES, PUBLISHED, WSCLEAN, Published

FEWEST = 3
COLUMNS = ["part", "what", "peer", "measure", "theirs", "ours", "ours_se", "better_by", "better_by_se"]
COLUMNS += ["n", "data", "test", "verdict", "source"]
TESTED, TOO_FEW, OTHER_DATA = "95 %", "too few values", "other data"


def how_decided(n: int, data: str) -> str:
    """How the verdict on `n` values is reached: `TESTED`, or why by sign alone.

    Fewer than `FEWEST` values do not know their scatter; that of ours says nothing of how much other data differ.
    """
    if data != "same":
        return OTHER_DATA
    return TESTED if n >= FEWEST else TOO_FEW


def verdict(better_by: float, error: float, n: int, test: str) -> str:
    """What a difference in our favour says, given the standard error that `n` values show: at 95 % by Student's t.

    Without a test the sign decides, so that a defeat stays one; a lead within `error` is none. With the scatter of one
    more draw in `error`, that of a peer's number, this is the usual prediction interval.
    """
    if test == TESTED:
        if not np.isfinite(error):
            raise ValueError(f"The standard error of a difference of {n} values is {error}: it cannot be tested.")
        if abs(better_by) <= t.ppf(0.975, n - 1) * error:
            return "equal within errors"
    if better_by == 0 or (test != TESTED and 0 < better_by <= error):
        return "equal"
    return "ahead" if better_by > 0 else "behind"


def _finite(values: pd.Series, place: str) -> None:
    """Refuse values that are no numbers. place : where they are, with {} for the number of the draw or sky."""
    for index, value in values.items():
        if not np.isfinite(value):
            raise ValueError(f"{place.format(index)}: {values.name} is {value}, not a finite number.")


def against(published: Published, values: Sequence[float]) -> dict:
    """A row: a published number beside ours, one value for each draw of the noise."""
    ours = pd.Series(values, dtype=float, name=published.measure)
    _finite(ours, f"{published.case}, draw {{}}")
    sign = 1 if MEASURES[published.measure].more_is_better else -1
    difference = sign * (ours.mean() - published.value)
    error = ours.std() * np.sqrt(1 / len(ours) + published.one_draw)
    row = {name: getattr(published, name) for name in ("part", "what", "peer", "measure", "data", "source")}
    row |= {"theirs": published.value, "ours": ours.mean(), "ours_se": ours.sem(), "n": len(ours)}
    test = how_decided(len(ours), published.data)
    row |= {"better_by": difference, "better_by_se": error, "test": test}
    return row | {"verdict": verdict(difference, error, len(ours), test)}


def against_wsclean(scores: pd.DataFrame) -> list[dict]:
    """Rows of `tables/wsclean.csv`: the images that it compares, paired by sky, for each comparison and measure."""
    rows = []
    best = scores[scores["compared"]].drop_duplicates(["comparison", "sky", "imager"])
    for name, group in best.groupby("comparison", sort=False):
        for measure in ("snr", "logsnr"):
            pairs = group.pivot(index="sky", columns="imager", values=measure)
            gains = (pairs["lofi"] - pairs["wsclean"]).rename(f"the difference of {measure}")
            _finite(gains, f"tables/wsclean.csv, {name}, sky {{}}")
            row = {"part": WSCLEAN, "what": name, "peer": "WSClean", "measure": measure, "data": "same"}
            row |= {"theirs": pairs["wsclean"].mean(), "ours": pairs["lofi"].mean(), "ours_se": np.nan}  # skies differ
            row |= {"better_by": gains.mean(), "better_by_se": gains.sem(), "n": len(gains)}
            row["test"] = how_decided(len(gains), "same")
            row["verdict"] = verdict(gains.mean(), gains.sem(), len(gains), row["test"])
            rows.append(row | {"source": "both measured here, from the table of `snakemake wsclean`"})
    return rows


def scoreboard(measured: pd.DataFrame, wsclean: pd.DataFrame | None = None) -> pd.DataFrame:
    """All rows whose cases were measured.

    measured : `case`, `draw` and a column for each measure, a line for each draw. wsclean : `tables/wsclean.csv`.
    """
    rows = []
    for published in PUBLISHED:
        lines = measured[measured["case"] == published.case]
        if len(lines):
            rows.append(against(published, lines.set_index("draw")[published.measure]))
    return pd.DataFrame(rows + ([] if wsclean is None else against_wsclean(wsclean)), columns=COLUMNS)
