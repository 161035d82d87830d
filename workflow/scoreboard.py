"""The scoreboard: our scores beside published ones, with a verdict on each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t

from workflow.published import MEASURES, PUBLISHED, WSCLEAN, Published

FEWEST = 3
COLUMNS = ["part", "what", "peer", "measure", "theirs", "ours", "ours_se", "better_by", "better_by_se"]
COLUMNS += ["n", "data", "verdict", "source"]


def verdict(better_by: float, error: float, n: int) -> str:
    """What a difference in our favour says, given the standard error that `n` values show: at 95 % by Student's t.

    Fewer than `FEWEST` values do not know their scatter; their sign decides, so that a defeat stays one. With the
    scatter of one more draw in `error`, that of a peer's number, this is the usual prediction interval.
    """
    if abs(better_by) <= (t.ppf(0.975, n - 1) * error if n >= FEWEST else 0):
        return "equal within errors"
    return "ahead" if better_by > 0 else "behind"


def against(published: Published, values: Sequence[float]) -> dict:
    """A row: a published number beside ours, one value for each draw of the noise."""
    ours = pd.Series(values, dtype=float)
    sign = 1 if MEASURES[published.measure].more_is_better else -1
    difference = sign * (ours.mean() - published.value)
    error = ours.std() * np.sqrt(1 / len(ours) + published.one_draw)
    row = {name: getattr(published, name) for name in ("part", "what", "peer", "measure", "data", "source")}
    row |= {"theirs": published.value, "ours": ours.mean(), "ours_se": ours.sem(), "n": len(ours)}
    return row | {"better_by": difference, "better_by_se": error, "verdict": verdict(difference, error, len(ours))}


def against_wsclean(scores: pd.DataFrame) -> list[dict]:
    """Rows of `tables/wsclean.csv`: the images that it compares, paired by sky, for each comparison and measure."""
    rows = []
    best = scores[scores["compared"]].drop_duplicates(["comparison", "sky", "imager"])
    for name, group in best.groupby("comparison", sort=False):
        for measure in ("snr", "logsnr"):
            pairs = group.pivot(index="sky", columns="imager", values=measure)
            gains = pairs["lofi"] - pairs["wsclean"]
            row = {"part": WSCLEAN, "what": name, "peer": "WSClean", "measure": measure, "data": "same"}
            row |= {"theirs": pairs["wsclean"].mean(), "ours": pairs["lofi"].mean(), "ours_se": np.nan}  # skies differ
            row |= {"better_by": gains.mean(), "better_by_se": gains.sem(), "n": len(gains)}
            outcome = verdict(gains.mean(), gains.sem(), len(gains))
            rows.append(row | {"verdict": outcome, "source": "measured by `snakemake wsclean`"})
    return rows


def scoreboard(measured: pd.DataFrame, wsclean: pd.DataFrame | None = None) -> pd.DataFrame:
    """All rows whose cases were measured.

    measured : `case`, `draw` and a column for each measure, a line for each draw. wsclean : `tables/wsclean.csv`.
    """
    rows = []
    for published in PUBLISHED:
        lines = measured[measured["case"] == published.case]
        if len(lines):
            rows.append(against(published, lines[published.measure]))
    return pd.DataFrame(rows + ([] if wsclean is None else against_wsclean(wsclean)), columns=COLUMNS)
