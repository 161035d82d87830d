"""Changes of coordinates: PSNR and SSIM of every model in each experiment, and how well the geometry was learned."""

import pandas as pd

from lofi.io.stack import by_folder
from workflow.job import job
from workflow.score_tables import mean_scores, score_columns, write_latex, write_tables


def warping(*, scores, coordinates, summary, latex, page):
    """`scores`: {experiment: CSV files}; `coordinates`: CSV files of the models that have learned them."""
    rows = {name: pd.concat([pd.read_csv(path) for path in files]) for name, files in scores.items()}
    means = {name: mean_scores(own, observed="as observed", counted="pictures") for name, own in rows.items()}
    table = pd.concat(means, names=["experiment"]).reset_index("experiment")
    learned = pd.concat([pd.read_csv(path) for path in coordinates])
    learned = learned[["experiment", "model", "rms"]].rename(columns={"rms": "coordinates_rms"})
    table = table.merge(learned, on=["experiment", "model"], how="left")
    heading = "Means and standard errors (_se) over crops; coordinates_rms: error of the learned coordinates, pixels"
    write_tables({summary: (heading, table)}, page, "Changes of coordinates")
    splits = list(dict.fromkeys(split for own in rows.values() for split in own["split"]))
    numbers = score_columns(splits) | {"coordinates_rms": ("coordinates [pixels]", 2)}
    write_latex(latex, table, ["experiment", "method"], numbers)


with job(snakemake):
    warping(
        scores=by_folder(snakemake.input.scores),
        coordinates=snakemake.input.coordinates,
        summary=snakemake.output.summary,
        latex=snakemake.output.latex,
        page=snakemake.output.page,
    )
