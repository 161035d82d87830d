"""Small models as a user would hold them, and catalogues to map with one."""

import numpy as np
import pytest
import torch
from astropy.table import Table

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
