"""Runs of copies of the project, local and through SLURM, and SLURM's table of jobs."""

import os
import subprocess
import sys
from typing import NamedTuple

from project_copy import copied

SITE = """cluster:
  jobs: {partition: cpu}
  gpus: {partition: gpu, gres: gpu:1}
"""


class Job(NamedTuple):
    """One of SLURM's jobs, as squeue lists it."""

    number: int
    what: str  # rule_{rule}_wildcards_{values}, or the group
    state: str
    partition: str
    gres: str
    cpus: int
    memory: str
    limit: str
    elapsed: str


def jobs():
    """All jobs since SLURM was started, ended ones included."""
    command = ["squeue", "--states", "all", "--noheader", "--sort", "i", "--format", "%i|%k|%T|%P|%b|%C|%m|%l|%M"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    fields = [line.split("|") for line in lines]
    return [Job(int(number), *rest[:4], int(rest[4]), *rest[5:]) for number, *rest in fields]


def snakemake(folder, *arguments, targets=(), overlays=(), limit=1100):
    """A started run at smoke scale, `overlays` over it; it ends after `limit` seconds at most. Output: run.log."""
    command = ["timeout", "-k", "10", str(limit), sys.executable, "-m", "snakemake", *targets, *arguments]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with (folder / "run.log").open("w") as log:
        output = {"stdout": log, "stderr": subprocess.STDOUT}
        command += ["--configfile", "config/smoke.yaml", *overlays]
        return subprocess.Popen(command, cwd=folder, env=environment, **output)


def submitted(folder, *arguments, **options):
    """The same through SLURM, its jobs asked after every few seconds."""
    return snakemake(
        folder, "--profile", "slurm", "--slurm-init-seconds-before-status-checks", "2", *arguments, **options
    )


def configured(folder):
    """The project as a clone would be, configured for the SLURM of these tests."""
    copied(folder)
    (folder / "slurm").symlink_to("profiles/slurm")
    (folder / "config/site.yaml").write_text(SITE)
    return folder
