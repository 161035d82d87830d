"""Null tests of the shear catalogue of one observation, as `lofi check` makes them."""

from pathlib import Path

import pandas as pd

from lofi.lensing.checking import PIXEL_ARCMIN, checks_of
from workflow.job import run
from workflow.score_tables import write_tables


def null_tests(*, shear: Path | list[Path], options: dict, observation: str, table: Path, page: Path) -> None:
    """`options`: the observation's entry of the configuration."""
    checked = checks_of(shear, options, pixel_arcmin=options.get("pixel_arcmin", PIXEL_ARCMIN))
    rows = pd.DataFrame(checked.rows)
    rows["fails"] = ["yes" if test.fails else "no" for test in checked.tests]
    heading = f"Null tests of the observation {observation}, {checked.galaxies} galaxies"
    write_tables({table: (heading, rows)}, page, heading, [*checked.warnings, *checked.notes])


if __name__ == "__main__":
    run(snakemake, null_tests)
