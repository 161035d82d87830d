"""Changes of coordinates: PSNR and SSIM of every model in each experiment, and how well the geometry was learned."""

from pathlib import Path

import pandas as pd

from lofi.io.stack import by_folder
from workflow.job import run
from workflow.score_tables import mean_scores, score_columns, write_latex, write_tables


def warping_tables(*, scores: list[Path], coordinates: list[Path], summary: Path, latex: Path, page: Path) -> None:
    """`scores`: in folders named after experiments; `coordinates`: CSV files of the models that have learned them."""
    rows = {name: pd.concat([pd.read_csv(path) for path in files]) for name, files in by_folder(scores).items()}
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


if __name__ == "__main__":
    run(snakemake, warping_tables)
