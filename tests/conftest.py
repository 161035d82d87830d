"""Small models as a user would hold them, catalogues to map with one, and disks to fill."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from astropy.table import Table
from ktng_cosmology import COSMOLOGY, SOURCE_REDSHIFT
from project_copy import copied
from sky_model import save_sky_model

from lofi.data.lensing import LensingObservation
from lofi.io import checkpoint
from lofi.lensing.kaiser_squires import CHANNELS
from lofi.models.denoiser import CHANNELS as DENOISED
from lofi.models.registry import build
from simulations.mock_catalogue import mock_catalogue
from simulations.theory import compute_theory

# Processes that tests start find the logger of this project, as those of `make` do.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(Path(__file__).parents[1] / "workflow/logger"), os.environ.get("PYTHONPATH")])
)
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of every process: threads that share busy cores wait for each other

PIXEL = 2.34375
DESCRIPTION = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "loss": "l2",
}

LONGEST = "tests/workflow/test_default_run.py"  # begins at once (`make test`)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.location[0] != LONGEST)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of all that a run of the workflow needs, without results."""
    return copied(tmp_path_factory.mktemp("project"))


@pytest.fixture
def small_disk(tmp_path):
    """Mounts an empty file system of so many kB at a folder; unmounted in the end. Needs Linux and its root."""
    mounted = []

    def mount(kilobytes, folder=tmp_path / "disk"):
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("there is no command `mount`")
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def smooth_field(shape, rng, scale=0.012):
    """A mean-free map with the steep spectrum of a convergence field."""
    k = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None])
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) / (k + 0.02)).real
    return scale * (field - field.mean()) / field.std()


@pytest.fixture(scope="session")
def checkpoint_folder(tmp_path_factory):
    rng = np.random.default_rng(5)
    observation = LensingObservation(noise_std=0.03)
    pairs = [observation.observe(smooth_field((48, 48), rng), rng) for _ in range(12)]
    observed, truth = (torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))
    model = build(DESCRIPTION, CHANNELS, (48, 48))
    model.calibrate((observed, truth), (observed, truth))
    folder = tmp_path_factory.mktemp("model")
    about = {
        "task": "lensing",
        "data": {"pixel_arcmin": PIXEL, "description": "test fields"},
        "noise_std": 0.03,
        "depth": {"relative_noise": [0.3, 3.0]},
        "seed": ["test"],
    }
    checkpoint.save(folder, model, DESCRIPTION, CHANNELS, (48, 48), **about)
    return folder


@pytest.fixture(scope="session")
def theory():
    """Spectra and distances of κTNG's cosmology; a Boltzmann code computes them in two seconds."""
    pytest.importorskip("camb")
    return compute_theory(COSMOLOGY, SOURCE_REDSHIFT)


@pytest.fixture(scope="session")
def sky_prior(tmp_path_factory):
    return save_sky_model(tmp_path_factory.mktemp("sky"))


@pytest.fixture(scope="session")
def truth():
    return smooth_field((48, 48), np.random.default_rng(6), scale=0.03)


@pytest.fixture(scope="session")
def catalogue(truth):
    return mock_catalogue(truth, PIXEL, 30.0, 0.3, 3, np.random.default_rng(7))


@pytest.fixture
def catalogue_file(catalogue, tmp_path):
    path = tmp_path / "shear.fits"
    Table(catalogue).write(path)
    return path


@pytest.fixture(scope="session")
def denoiser_folder(tmp_path_factory):
    """An untrained DnCNN, which returns its input: with it, ADMM is least squares with positivity."""
    description = {"class": "dncnn_denoiser", "features": 2, "layers": 2}
    folder = tmp_path_factory.mktemp("denoiser")
    about = {"task": "denoising", "data": {"description": "nothing"}, "noise": [1e-5, 0.1], "seed": ["test", 3]}
    checkpoint.save(folder, build(description, DENOISED, (32, 32)), description, DENOISED, (32, 32), **about)
    return folder
