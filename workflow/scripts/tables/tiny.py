"""Nine training images: the best and the last PSNR of every network on the test picture, and when (Figure 4)."""

import pandas as pd

from workflow.drawing import label
from workflow.job import job
from workflow.score_tables import write_tables
from workflow.training_curves import read_curves, summary_of


def tiny(*, histories, descriptions, train, figure, summary, runs, page):
    curves = read_curves(histories, descriptions, train)
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


with job(snakemake):
    tiny(
        histories=snakemake.input.histories,
        descriptions=snakemake.input.descriptions,
        train=snakemake.input.train,
        figure=snakemake.params.figure,
        summary=snakemake.output.summary,
        runs=snakemake.output.runs,
        page=snakemake.output.page,
    )
