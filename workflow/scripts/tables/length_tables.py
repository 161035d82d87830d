"""Table I after two lengths of training, side by side, with the score on heads while the longer one went on."""

import json
from pathlib import Path

import pandas as pd

from workflow.claims import CLAIMS, TRAINED_LONGER
from workflow.drawing import label
from workflow.job import run
from workflow.score_tables import write_tables
from workflow.training_curves import course

SAME = ("model", "data", "observation", "seed")  # of the records of both lengths
SCORES = ("chest_psnr", "brain_psnr")


def length_tables(
    *,
    short_table: Path,
    short_histories: list[Path],
    short_records: list[Path],
    long_table: Path,
    long_histories: list[Path],
    long_records: list[Path],
    summary: Path,
    verdict: Path,
    page: Path,
) -> None:
    for pair in zip(short_records, long_records, strict=True):
        _check_same(*pair)
    lengths = {"short": (short_table, short_histories), "long": (long_table, long_histories)}
    scores = {name: pd.read_csv(table).set_index("model") for name, (table, _) in lengths.items()}
    steps = {name: {path.parent.name: _steps(path) for path in paths} for name, (_, paths) in lengths.items()}
    table = pd.DataFrame({"method": [label(model, "FBP") for model in scores["long"].index]}, scores["long"].index)
    for name in lengths:
        table[f"{name}_steps"] = pd.Series(steps[name])
    for column in (f"{score}{error}" for score in SCORES for error in ("", "_se")):
        for name in lengths:
            table[f"{name}_{column}"] = scores[name][column]
    courses = {path.parent.name: course(pd.read_csv(path), "psnr_brain") for path in long_histories}
    table = table.join(pd.DataFrame.from_dict(courses, orient="index").add_prefix("brain_")).reset_index()
    judged = [claim.row({"length": table}) for claim in CLAIMS if claim.artefact == TRAINED_LONGER]
    tables = {
        summary: ("Table I after both lengths, and the score on heads during the longer training", table),
        verdict: ("The paper's claim", pd.DataFrame(judged)),
    }
    write_tables(tables, page, "Low-dose CT after longer training")


def _steps(history):
    return pd.read_csv(history)["step"].iloc[-1]


def _check_same(short, long):
    """Raise ValueError unless two records are of one network, on the same slices, from the same seeds."""
    records = [json.loads(path.read_text()) for path in (short, long)]
    for key in SAME:
        if records[0][key] != records[1][key]:
            raise ValueError(
                f"{short}: {key} is {records[0][key]}, but {records[1][key]} in {long}; make the shorter run again with"
                " the same configuration and code"
            )


if __name__ == "__main__":
    run(snakemake, length_tables)
