"""The run as a whole: what was cut goes on, nothing is left over, run times, verdicts and the report."""

import subprocess

import pandas as pd
from smoke_scale import jobs_of, smoke


def test_the_interrupted_training_was_resumed(built):
    history = pd.read_csv(built / "models/mass/lofi/history.csv")
    assert list(history["step"]) == sorted(set(history["step"]))
    log = (built / "logs/train/mass.lofi.log").read_text()
    assert "resumed at step" in log
    assert not (built / "models/mass/lofi/training.resume").exists()


def test_nothing_is_left_to_do_and_nothing_half_written(paper):
    again = subprocess.run(smoke("paper", dry_run=True), cwd=paper, capture_output=True, text=True)
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout + again.stderr
    assert not [path for path in (paper / "results").rglob("*") if path.name.endswith((".tmp", ".partial"))]


def test_run_times_are_summed_up(built):
    table = pd.read_csv(built / "tables/paper_runtimes.csv").set_index("rule")
    jobs = jobs_of(built, {"paper_runtimes", "paper_results_page", "results_page", "opening"})
    assert table.drop(["results_page", "opening"], errors="ignore")["jobs"].to_dict() == jobs


def test_every_claim_is_judged_and_the_report_made(built):
    table = pd.read_csv(built / "tables/verdicts.csv")
    built_here = ~table["verdict"].str.startswith("not built")
    assert set(table["verdict"][built_here]) <= {"reproduced", "not at this scale", "contradicted"}
    assert built_here.sum() == len(table) - 2  # the smoke scale has no U-Net of Table I and no longer run
    assert set(table["scale"]) == {"smoke"}
    shown = " ".join(table["artefact"])
    for artefact in ("Table I", "Table II", "Figure 4", "Figures 4, 5", *(f"Figure {n}" for n in range(6, 11))):
        assert artefact in shown
    for number in (2, 3, 4, 5):
        assert f"Figure S{number}" in shown
    report = (built / "report.html").read_text()
    assert 'var metadata = {"": []}' in report  # opens on the description of the workflow, not on the graph of rules
    assert r"<div class=\"opening\">" in report
    assert (built / "paper_results.md").exists()
