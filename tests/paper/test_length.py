"""Table I after twice the smoke scale's training, beside the smoke scale's own."""

import subprocess

import pandas as pd
import pytest
from smoke_scale import smoke

TWICE = """
scale: twice
figures: {length: {long: results/twice}}
models: {drunet: {training: {steps: 20}}, lofi_plain: {training: {steps: 40}}}
"""


@pytest.fixture(scope="module")
def twice(paper, tmp_path_factory):
    """The results of `snakemake length`."""
    overlay = tmp_path_factory.mktemp("length") / "twice.yaml"
    overlay.write_text(TWICE)
    run = subprocess.run(smoke("length", overlay=[str(overlay)]), cwd=paper, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    return paper / "results/twice"


def test_both_lengths_stand_side_by_side(built, twice):
    table = pd.read_csv(twice / "tables/length.csv").set_index("model")
    trained = table.loc[["drunet", "lofi_plain"]]
    assert list(trained["short_steps"]) == [10, 20]
    assert list(trained["long_steps"]) == [20, 40]
    for name, folder in {"short": built, "long": twice}.items():
        scores = pd.read_csv(folder / "tables/table1.csv").set_index("model")
        for split in ("chest", "brain"):
            assert table[f"{name}_{split}_psnr"].to_dict() == scores[f"{split}_psnr"].to_dict()
    assert table.loc["identity", "short_brain_psnr"] == table.loc["identity", "long_brain_psnr"]  # the same heads


def test_the_history_ends_with_the_score_of_the_table(twice):
    table = pd.read_csv(twice / "tables/length.csv").set_index("model").loc[["drunet", "lofi_plain"]]
    assert list(table["brain_last"]) == pytest.approx(list(table["long_brain_psnr"]), abs=1e-3)
    assert (table["brain_best"] >= table["brain_last"]).all()
    for form in ("png", "pdf"):
        assert (twice / f"figures/length.{form}").stat().st_size > 5000


def test_the_longer_run_goes_into_the_verdicts_of_the_shorter(paper, twice, tmp_path):
    judged = pd.read_csv(twice / "tables/length_verdict.csv").iloc[0]
    assert judged["measured"].startswith("after 20 steps ")
    assert "; after 40 steps " in judged["measured"]
    overlay = tmp_path / "known.yaml"
    overlay.write_text("figures: {length: {long: results/twice}}\n")
    command = smoke("tables/verdicts.csv", overlay=[str(overlay)], dry_run=True)
    plan = subprocess.run(command, cwd=paper, capture_output=True, text=True)
    assert "../twice/tables/length.csv" in plan.stdout
