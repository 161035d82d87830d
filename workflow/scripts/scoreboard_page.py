"""The scoreboard: a table, and the page of it."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from lofi.io.atomic import replacing
from workflow.job import run
from workflow.machine import machine
from workflow.scoreboard import scoreboard
from workflow.scoreboard_page import page_of


def scoreboard_page(
    *,
    measured: list[Path],
    wsclean: list[Path],
    table: Path,
    page: Path,
    left_out: list,
    scale: str,
) -> None:
    """`wsclean`: its table, or nothing. `left_out`: sentences on what cannot be compared here."""
    scores = pd.concat([pd.DataFrame(columns=["case"]), *map(pd.read_csv, measured)])
    rows = scoreboard(scores, pd.read_csv(wsclean[0]) if wsclean else None)
    facts = {"scale": scale, "page written": f"{datetime.now(UTC):%Y-%m-%d}"} | machine()
    with replacing(table) as path:
        rows.to_csv(path, index=False)
    with replacing(page) as path:
        path.write_text(page_of(rows, left_out, facts), encoding="utf-8")


if __name__ == "__main__":
    run(snakemake, scoreboard_page)
