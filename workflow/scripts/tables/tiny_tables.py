"""Nine training images: the best and the last PSNR of every network on the test picture, and when (Figure 4)."""

from pathlib import Path

import pandas as pd

from workflow.drawing import label
from workflow.job import run
from workflow.score_tables import write_tables
from workflow.training_curves import read_curves, summary_of


def tiny_tables(
    *,
    histories: list[Path],
    records: list[Path],
    train: list[Path],
    figure: dict,
    summary: Path,
    runs: Path,
    page: Path,
) -> None:
    curves = read_curves(histories, records, train)
    lines = [
        {"noise": noise, "experiment": experiment, "model": model, "method": label(model)} | summary_of(own)
        for noise, experiments in figure.items()
        for experiment in experiments
        for model, own in curves[curves["experiment"] == experiment].groupby("model", sort=False)
    ]
    single = pd.DataFrame(lines)
    tables = {
        summary: ("Means and standard errors (_se) over trainings with other noise and weights", _means(single)),
        runs: ("Every training", single),
    }
    write_tables(tables, page, "Nine training images")


def _means(single):
    measures = ["best", "best_passes", "best_step", "last", "drop", "seen", "memorised"]
    groups = single.groupby(["noise", "model", "method"], sort=False)
    fixed = groups[["parameters", "last_passes", "last_step"]].first()
    errors = groups[["best", "last", "drop", "memorised"]].sem().add_suffix("_se")
    return fixed.join([groups[measures].mean(), errors, groups.size().rename("trainings")]).reset_index()


if __name__ == "__main__":
    run(snakemake, tiny_tables)
