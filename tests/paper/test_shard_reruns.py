"""A shard that failed is the only one made again."""

import re
import subprocess
import sys

import pytest
from ktng_shards import RUN, SHARDS, mend, with_a_broken_map
from project_copy import copied

from lofi.io.stack import Stack

DATA = [path.replace("maps", "data") for path in SHARDS]


@pytest.fixture
def project(tmp_path):
    return with_a_broken_map(copied(tmp_path))


def snakemake(folder, *arguments):
    command = [sys.executable, "-m", "snakemake", *arguments, "--cores", "1", "--configfile", "config/smoke.yaml"]
    return subprocess.run([*command, "overlay.yaml"], cwd=folder, capture_output=True, text=True)


def planned(run, rule):
    assert run.returncode == 0, run.stderr
    return re.findall(rf"rule {rule}:.*?shard=(\d+)", run.stdout, re.S)


def test_a_failed_shard_is_the_only_one_made_again(project):
    failed = snakemake(project, *SHARDS, "--keep-going")
    assert failed.returncode != 0
    assert "LP002_run001.npy" in failed.stderr.split("error: ")[1].splitlines()[0]
    made = [project / RUN / path for path in SHARDS]
    assert [path.exists() for path in made] == [True, False, True]
    with pytest.raises(ValueError, match=r"train: the shard 0001\.h5 is missing"):
        Stack(made, "images")
    before = [made[number].stat().st_mtime_ns for number in (0, 2)]

    mend(project)
    plan = snakemake(project, *DATA, "--dry-run")
    assert planned(plan, "maps") == ["0001"]
    assert sorted(planned(plan, "observe")) == ["0000", "0001", "0002"]  # none was there
    assert snakemake(project, *DATA).returncode == 0
    assert [made[number].stat().st_mtime_ns for number in (0, 2)] == before
    assert len(Stack(made, "images")) == 3

    for path in (made[1], project / RUN / DATA[1]):
        path.unlink()
    plan = snakemake(project, *DATA, "--dry-run")
    assert planned(plan, "maps") == planned(plan, "observe") == ["0001"]
