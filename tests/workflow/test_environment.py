"""The environments agree: conda file, lock, package metadata; and so do the places where the workflow is looked for."""

import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def lock():
    lines = (ROOT / "requirements.lock").read_text().split()
    return {name.lower().replace("_", "-"): version for name, version in (line.split("==") for line in lines)}


def test_the_conda_environment_pins_what_the_lock_pins():
    environment = yaml.safe_load((ROOT / "envs" / "lofi.yaml").read_text())
    pins = dict(line.split("==") for line in environment["dependencies"][-1]["pip"])
    assert pins
    for name, version in pins.items():
        assert lock()[name] == version


def test_the_lock_holds_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [r for extra in project["optional-dependencies"].values() for r in extra]
    for requirement in wanted:
        assert requirement.split(">=")[0] in lock()


def test_the_conda_environment_holds_what_the_package_asks_for():
    environment = yaml.safe_load((ROOT / "envs" / "lofi.yaml").read_text())
    pinned = {line.split("==")[0] for line in environment["dependencies"][-1]["pip"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {requirement.split(">=")[0] for requirement in project["dependencies"]} <= pinned


def test_the_place_where_the_catalog_looks_leads_to_the_same_workflow_which_fetches_nothing_by_default():
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "workflow" / "Snakefile", "--nolock"]
    command += ["--dry-run", "--forceall", "--quiet", "rules"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    planned = run.stdout + run.stderr
    assert "fig06" in planned
    assert "fetch" not in planned
