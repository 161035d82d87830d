"""Run the tests of the paper's claims on the built results, and write what they found."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd

from workflow.job import job
from workflow.score_tables import write_tables

COLUMNS = ["artefact", "claim", "printed", "measured", "verdict", "scale"]
OPEN = "not at this scale"


def verdicts(*, tests, scale, table, page):
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", tests, "-p", "no:cacheprovider", f"--junitxml={report}"]
        command += ["-o", "junit_family=xunit1"]  # the one that keeps properties
        environment = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"}  # meant for another run than this
        run = subprocess.run(command, capture_output=True, text=True, env=environment)
        if run.returncode not in (0, 1):  # 1: claims that are contradicted
            last = (run.stderr or run.stdout).strip().splitlines()[-1:]
            raise ValueError(f"pytest did not run the tests of the claims: {' '.join(last)}; is it installed?")
        cases = ET.parse(report).getroot().iter("testcase")
        rows = [_row(case) | {"scale": scale} for case in cases]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for line in frame[frame["verdict"] == "contradicted"].itertuples():
        print(f"contradicted: {line.artefact}: {line.claim}: {line.measured}", file=sys.stderr)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in frame["verdict"].value_counts().items())
    write_tables({table: (f"Claims of the paper, at the scale {scale}: {counts}", frame)}, page, "Verdicts")


def _row(case):
    """A test's row; ValueError where a test failed for another reason than its claim."""
    found = {p.get("name"): p.get("value") for p in case.iter("property")}
    skipped, failed, broken = (case.find(kind) for kind in ("skipped", "failure", "error"))
    if broken is not None or (failed is not None and "measured" not in found):
        text = next(part for part in (broken, failed) if part is not None).get("message")
        raise ValueError(f"the test {case.get('name')} of a claim broke: {text}")
    if skipped is not None:
        reason = skipped.get("message", "")
        found["verdict"] = OPEN if reason.startswith(OPEN) else reason
    else:
        found["verdict"] = "contradicted" if failed is not None else "reproduced"
    return found


with job(snakemake):
    verdicts(
        tests=snakemake.input.tests,
        scale=snakemake.params.scale,
        table=snakemake.output.table,
        page=snakemake.output.page,
    )
