"""Small models as a user would hold them, catalogues to map with one, copies of the project, and disks to fill.

The whole workflow at smoke scale runs once for all tests of its results (`paper`).
"""

import functools
import os
import signal
import subprocess
import time

import numpy as np
import pytest
import torch
from astropy.table import Table
from project_copy import copied
from smoke_scale import smoke

from lofi import checkpoint
from lofi.denoiser import CHANNELS as DENOISED
from lofi.models import build
from simulations.mock_catalogue import mock_catalogue
from simulations.observation import CHANNELS, LensingObservation

PIXEL = 2.34375
DESCRIPTION = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "loss": "l2",
}


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
        "data": {"pixel_arcmin": PIXEL, "description": "test fields"},
        "noise_std": 0.03,
        "depth": {"relative_noise": [0.3, 3.0]},
        "seed": ["test"],
    }
    checkpoint.save(folder, model, DESCRIPTION, CHANNELS, (48, 48), **about)
    return folder


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
    about = {"data": {"description": "nothing"}, "noise": [1e-5, 0.1], "seed": ["test", 3]}
    checkpoint.save(folder, build(description, DENOISED, (32, 32)), description, DENOISED, (32, 32), **about)
    return folder


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


@pytest.fixture(scope="session")
def paper(tmp_path_factory):
    """A copy of the project with the results of `snakemake paper`, killed while it trained and started again."""
    project = copied(tmp_path_factory.mktemp("paper"))
    state = project / "results/models/mass/lofi/training.resume"
    heeded = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs are started deaf to it
    with (project / "first.log").open("w") as log:  # not a pipe that nobody empties while this waits
        output = {"stdout": log, "stderr": subprocess.STDOUT}
        first = subprocess.Popen(smoke(), cwd=project, start_new_session=True, preexec_fn=heeded, **output)
    deadline = time.monotonic() + 1200
    while not state.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    assert state.exists(), (project / "first.log").read_text()[-3000:]
    os.killpg(first.pid, signal.SIGINT)  # Ctrl-C in a terminal
    assert first.wait() != 0
    assert state.exists()
    foreign = os.environ | {"PYTEST_ADDOPTS": "--basetemp=."}  # for the tests of the claims it is not meant
    second = subprocess.run(smoke("paper"), cwd=project, capture_output=True, text=True, env=foreign)
    assert second.returncode == 0, second.stderr[-3000:]
    return project


@pytest.fixture(scope="session")
def built(paper):
    """Its results."""
    return paper / "results"
