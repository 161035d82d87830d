"""What `pip install` puts on a machine: the package `lofi` alone, which works without the checkout."""

import ast
import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "lofi" / "priors"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy of the checkout, simulations and workflow beside it."""
    folder = tmp_path_factory.mktemp("package")
    for name in ("lofi", "simulations", "workflow"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, folder / "dist", folder], check=True)
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def lofi(wheel, tmp_path_factory):
    """Run the installed command in a new virtual environment; it borrows the dependencies of this one, not `lofi`."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel]
    subprocess.run(install, check=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))

    def run(*arguments):
        command = [folder / "bin" / "lofi", *map(str, arguments)]
        return subprocess.run(command, cwd=folder, env={"PATH": ""}, capture_output=True, text=True)

    found = subprocess.run(
        [python, "-c", "import lofi; print(lofi.__file__)"], cwd=folder, env={}, stdout=-1, text=True
    )
    assert found.stdout.startswith(str(folder))
    return run


def test_the_wheel_holds_one_package_and_its_data(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"lofi"}
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lofi").rglob("*.*") if path.suffix != ".pyc"}
    assert {"lofi/py.typed", "lofi/drawing/figures.mplstyle", "lofi/radio/telescopes/meerkat.csv"} <= data
    assert {f"lofi/priors/radio/{name}" for name in ("model.safetensors", "model.json", "card.md")} <= data
    assert data <= names


def test_the_installed_command_answers(lofi):
    run = lofi("--help")
    assert run.returncode == 0, run.stderr
    assert "map" in run.stdout


def of_the_package(run, path, name):
    """The file and what the command said name the prior that came with the package, and the hash of its weights."""
    history = " ".join(str(fits.getheader(path)["HISTORY"]).split())
    weights = json.loads((SHIPPED / name / "model.json").read_text())["weights"]
    for said in (run.stderr, history):
        assert f"prior {name}" in said
        assert weights[:16] in said


def test_the_installed_command_maps_a_catalogue(lofi, catalogue_file, tmp_path):
    output, figure = tmp_path / "kappa.fits", tmp_path / "kappa.png"
    columns = "ra=RA,dec=DEC,e1=E1,e2=E2,weight=WEIGHT"
    run = lofi(
        "map", catalogue_file, "-o", output, "--figure", figure,
        "--columns", columns, "--centre", "210,30", "--shape", "48,48",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert np.isfinite(fits.getdata(output, "KAPPA")).any()
    assert figure.exists()
    of_the_package(run, output, "convergence")


def test_the_installed_command_images_visibilities(lofi, tmp_path):
    u, v = np.random.default_rng(1).uniform(-3e3, 3e3, (2, 400))
    point = {"visibilities": np.ones(400, complex), "weights": np.full(400, 100.0), "frequencies": np.full(400, 1.4e9)}
    np.savez(tmp_path / "source.npz", u=u, v=v, units="wavelengths", **point)
    run = lofi(
        "image", tmp_path / "source.npz", "-o", tmp_path / "source", "--size", 32,
        "--iterations", 2, "--centre", "40,-30",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    dirty = fits.getdata(tmp_path / "source-dirty.fits")[0, 0]
    assert np.unravel_index(dirty.argmax(), dirty.shape) == (16, 16)
    of_the_package(run, tmp_path / "source-image.fits", "radio")


def test_the_installed_command_lists_its_priors(lofi):
    run = lofi("priors")
    assert run.returncode == 0, run.stderr
    assert all(f"{name}: " in run.stdout for name in ("convergence", "radio"))


def test_the_installed_command_says_what_simulated_maps_need(lofi, tmp_path):
    survey = ("--pixel", 0.8, "--galaxies", 25, "--redshift", 0.9, "-o", tmp_path / "prior")
    run = lofi("train", "lensing", *survey)
    assert run.returncode == 1
    assert "simulated by the checkout of this project" in run.stderr
    assert "give maps as --maps FOLDER" in run.stderr
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "prior").exists()


def imported(*folders):
    """The distributions that the modules in these folders import."""
    names = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py") if "logger" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(node.module.split(".")[0])
    names -= set(sys.stdlib_module_names) | {"lofi", "simulations", "workflow"}
    distributions = packages_distributions()
    return {distributions.get(name, [name])[0].lower() for name in names}


def declared(*extras):
    """The distributions that the package asks for, with these extras."""
    requirements = PROJECT["dependencies"] + [r for extra in extras for r in PROJECT["optional-dependencies"][extra]]
    return {requirement.split(">=")[0] for requirement in requirements}


def test_the_package_asks_for_what_it_imports_and_nothing_else():
    assert imported("lofi") == declared("ms", "parquet", "survey")


def test_the_workflow_finds_what_it_imports():
    assert imported("simulations", "workflow") <= declared("workflow", "ct", "ms")
