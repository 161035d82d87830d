"""In-painting: PSNR and SSIM of every method, split by split; against the best classical fill, picture by picture."""

from pathlib import Path

import pandas as pd

from lofi.io.atomic import replacing
from workflow.drawing import label
from workflow.job import run
from workflow.score_tables import write_tables

CLASSICAL = ("delaunay", "biharmonic", "total_variation")


def inpainting_tables(*, scores: list[Path], summary: Path, pictures: Path, latex: Path, page: Path) -> None:
    rows = pd.concat([pd.read_csv(path) for path in scores])
    rows["best_classical"] = _best_classical(rows)
    rows["over_classical"] = rows["psnr"] - rows["best_classical"]
    means = _means(rows)
    tables = {
        summary: (
            "Means and standard errors (_se) over pictures; over_classical: PSNR above the best of Delaunay, "
            "biharmonic and total variation for the same picture",
            means,
        ),
        pictures: ("Every picture", rows),
    }
    write_tables(tables, page, "In-painting")
    shown = {"kept": "kept", "split": "pictures", "label": "method", "psnr": "PSNR [dB]", "ssim": "SSIM"}
    with replacing(latex) as path:
        path.write_text(means[list(shown)].rename(columns=shown).to_latex(index=False, float_format="%.3f"))


def _best_classical(rows):
    keys = ["inpainting", "split", "picture"]
    best = rows[rows["method"].isin(CLASSICAL)].groupby(keys)["psnr"].max()
    return pd.MultiIndex.from_frame(rows[keys]).map(best)


def _means(rows):
    groups = rows.groupby(["inpainting", "kept", "split", "method"], sort=False)
    measures = ["psnr", "ssim", "over_classical", "seconds"]
    errors = groups[measures[:-1]].sem().add_suffix("_se")
    better = groups["over_classical"].agg(lambda difference: int((difference > 0).sum())).rename("better_on")
    means = groups[measures].mean().join([errors, better, groups.size().rename("pictures")]).reset_index()
    means.insert(4, "label", means["method"].map(label))
    return means


if __name__ == "__main__":
    run(snakemake, inpainting_tables)
