"""Where the project lies, and where its runs: any name of a folder, any working directory, runs apart."""

import os
import subprocess
import sysconfig
import venv

import pytest
from project_copy import ROOT, copied

TARGET = "data/tiny/test/0000.h5"  # of two jobs


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project and its virtual environment in a folder that a shell must quote."""
    folder = tmp_path_factory.mktemp("home") / "OneDrive - Üni" / "lofi maps \"x\" 'y'"
    folder.mkdir(parents=True)
    venv.create(folder / ".venv", symlinks=True)
    version = f"python{sysconfig.get_python_version()}"
    path = folder / ".venv/lib" / version / "site-packages/packages.pth"
    path.write_text(sysconfig.get_path("purelib") + "\n")
    return copied(folder)


def snakemake(project, *arguments, cwd):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [str(project / ".venv/bin/python"), "-m", "snakemake", *arguments, "--cores", "1"]
    run = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]


def test_jobs_run_in_a_folder_of_any_name(project):
    snakemake(project, TARGET, "--configfile", "config/smoke.yaml", cwd=project)
    assert (project / "results/smoke" / TARGET).exists()
    assert {path.name for path in (project / "results").iterdir()} == {"smoke"}


def test_a_run_of_its_own_folder_begins_anywhere(project, tmp_path):
    options = ["--configfile", str(project / "config/smoke.yaml"), "--snakefile", str(project / "Snakefile")]
    snakemake(project, "config.yaml", *options, "--directory", str(tmp_path / "my run"), cwd=tmp_path)
    assert (tmp_path / "my run/config.yaml").exists()


def test_files_of_a_user_begin_at_the_project(tmp_path, monkeypatch):
    from workflow.places import located

    inside = tmp_path / "results/laptop"
    inside.mkdir(parents=True)

    def config():
        simulated = {"file": "observations/mock/catalogue.fits", "simulated": {"map": 0}}
        return {
            "sources": {"ktng": {"folder": "data/ktng"}, "own": {"path": "/mine"}, "nbody": {}},
            "downloads": {"m31": {"folder": "data", "list": "config/m31.txt"}},
            "inversions": {"m31": {"sky": {"file": "data/m31.fits"}, "coverage": {"telescope": "meerkat"}}},
            "observations": {"mock": simulated, "own": {"file": "shear.fits"}},
        }

    monkeypatch.chdir(inside)
    found = located(config(), tmp_path)
    assert found["sources"] == {"ktng": {"folder": "../../data/ktng"}, "own": {"path": "/mine"}, "nbody": {}}
    assert found["inversions"]["m31"]["sky"]["file"] == "../../data/m31.fits"
    assert found["observations"]["mock"]["file"] == "observations/mock/catalogue.fits"
    assert found["observations"]["own"]["file"] == "../../shear.fits"
    monkeypatch.chdir(ROOT)
    assert located(config(), tmp_path)["downloads"]["m31"]["list"] == str(tmp_path / "config/m31.txt")
