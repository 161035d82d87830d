"""Means and standard errors of the scores: one row per model and split; and RMSE paired with the reference models."""

from pathlib import Path

import pandas as pd

from workflow.job import run
from workflow.score_tables import write_tables

MEASURES = ["rmse", "pearson_r", "psnr", "ssim"]
DETAILS = [*(f"{measure}_inner" for measure in MEASURES), "peaks", "peaks_truth", "bmode_rms"]
REFERENCES = ["wiener", "wiener_curve"]


def mass_tables(*, scores: list[Path], summary: Path, details: Path, paired: Path, page: Path) -> None:
    """Three CSV files, and `page`, an HTML page of the same tables for the report."""
    rows = pd.concat([pd.read_csv(path) for path in scores])
    references = [name for name in REFERENCES if name in set(rows["model"])]
    tables = {
        summary: ("Mean scores", _means(rows, MEASURES)),
        paired: ("RMSE against a reference, paired", pd.concat([_paired(rows, name) for name in references])),
        details: ("Without borders, peaks, B mode", _means(rows, DETAILS)),
    }
    write_tables(tables, page, "Dark-matter maps: scores")


def _means(rows, measures):
    groups = rows.groupby(["model", "split"], sort=False)[measures]
    return pd.concat([groups.mean(), groups.sem().add_suffix("_se")], axis=1).reset_index()


def _paired(rows, reference):
    """RMSE against a reference on the same maps, percent: mean and standard error over maps, scatter over boxes."""
    key = ["split", "box", "map"]
    other = rows[rows["model"] == reference].set_index(key)["rmse"]
    out = []
    for (model, split), group in rows.groupby(["model", "split"], sort=False):
        percent = 100 * (group.set_index(key)["rmse"] / other - 1).dropna()
        boxes = percent.groupby("box").mean()
        out.append(
            {
                "model": model,
                "split": split,
                "reference": reference,
                "maps": len(percent),
                "rmse_percent": percent.mean(),
                "rmse_percent_se": percent.sem(),
                "better_maps": int((percent < 0).sum()),
                "boxes": len(boxes),
                "box_scatter": boxes.std(),
                "rmse_percent_box_se": boxes.std() / len(boxes) ** 0.5,
                "per_box": " ".join(f"{box}:{value:.2f}" for box, value in boxes.items()),
            }
        )
    return pd.DataFrame(out)


if __name__ == "__main__":
    run(snakemake, mass_tables)
