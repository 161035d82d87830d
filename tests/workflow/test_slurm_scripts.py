"""The scripts that start and stop SLURM leave a real cluster's configuration alone."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / "slurm"


def run(script, *arguments, etc):
    environment = os.environ | {"SLURM_ETC": str(etc)}
    command = [SCRIPTS / script, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("names", [("slurm.conf", "gres.conf", "cgroup.conf"), ("gres.conf",)])
def test_a_configuration_that_is_not_ours_is_neither_changed_nor_removed(tmp_path, names):
    foreign = {name: f"# {name} of a cluster\n" for name in names}
    for name, text in foreign.items():
        (tmp_path / name).write_text(text)
    sandbox = tmp_path / "sandbox"
    started = run("start.sh", sandbox, etc=tmp_path)
    assert started.returncode == 1
    assert f"{names[0]} was not made by this script" in started.stderr
    assert not sandbox.exists()
    assert run("stop.sh", sandbox, etc=tmp_path).returncode == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == foreign


def test_its_own_configuration_is_removed(tmp_path):
    (tmp_path / "slurm.conf").write_text("# made by tests/slurm/start.sh\nClusterName=test\n")
    assert run("stop.sh", tmp_path / "sandbox", etc=tmp_path).returncode == 0
    assert not list(tmp_path.iterdir())
