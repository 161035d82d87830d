"""A real SLURM for the tests of this folder."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from cluster_runs import configured

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """munged, slurmctld and slurmd on this machine, until the tests end."""
    if os.geteuid() != 0:
        pytest.skip("root is needed to start SLURM")
    installed = subprocess.run([HERE.parent / "install.sh", "slurm"], capture_output=True, text=True, timeout=300)
    if installed.returncode:
        pytest.skip(f"SLURM cannot be installed here: {installed.stderr.strip()}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a time limit over the tests, too, stops SLURM
    folder = tmp_path_factory.mktemp("slurm")
    started = subprocess.run([HERE / "start.sh", folder], capture_output=True, text=True, timeout=90)
    if "nothing is changed" in started.stderr:
        pytest.skip(started.stderr.strip())
    assert started.returncode == 0, started.stderr
    try:
        yield
    finally:
        subprocess.run([HERE / "stop.sh", folder], timeout=90, check=True)


@pytest.fixture
def project(tmp_path):
    return configured(tmp_path)
