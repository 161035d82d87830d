"""Judge the claims of the paper by the tables of this run."""

import sys
from pathlib import Path

import pandas as pd

from workflow.claims import CLAIMS, CONTRADICTED
from workflow.job import run
from workflow.score_tables import write_tables

COLUMNS = ["artefact", "claim", "printed", "measured", "verdict", "scale"]


def verdicts(*, tables: list[Path], probes: list[Path], scale: str, table: Path, page: Path) -> None:
    """Write a row per claim to the CSV file `table` and to the HTML `page`.

    tables, probes : CSV files, which the claims know by their names without ending.
    """
    rows = {path.stem: pd.read_csv(path) for path in [*tables, *probes]}
    frame = pd.DataFrame([claim.row(rows) | {"scale": scale} for claim in CLAIMS], columns=COLUMNS)
    for row in frame[frame["verdict"] == CONTRADICTED].itertuples():
        print(f"contradicted: {row.artefact}: {row.claim}: {row.measured}", file=sys.stderr)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in frame["verdict"].value_counts().items())
    write_tables({table: (f"Claims of the paper, at the scale {scale}: {counts}", frame)}, page, "Verdicts")


if __name__ == "__main__":
    run(snakemake, verdicts)
