"""Means and standard errors of the scores: one row per model and split; and RMSE paired with the reference models."""

import pandas as pd

from lofi.io.atomic import replacing
from workflow.job import job

MEASURES = ["rmse", "pearson_r", "psnr", "ssim"]
DETAILS = [*(f"{measure}_inner" for measure in MEASURES), "peaks", "peaks_truth", "bmode_rms"]
REFERENCES = ["wiener", "wiener_curve"]


def mass(*, scores, summary, details, paired):
    rows = pd.concat([pd.read_csv(path) for path in scores])
    _write(_means(rows, MEASURES), summary)
    _write(_means(rows, DETAILS), details)
    references = [name for name in REFERENCES if name in set(rows["model"])]
    _write(pd.concat([_paired(rows, reference) for reference in references]), paired)


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


def _write(table, path):
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")


with job(snakemake):
    mass(
        scores=snakemake.input,
        summary=snakemake.output.summary,
        details=snakemake.output.details,
        paired=snakemake.output.paired,
    )
