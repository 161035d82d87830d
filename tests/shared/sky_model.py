"""A prior that serves many pixel sizes and source redshifts, small and untrained."""

from pathlib import Path

import numpy as np
import torch

from lofi.io import checkpoint
from lofi.lensing.kaiser_squires import CHANNELS, SIGHT
from lofi.models.registry import build
from lofi.solvers.sky_spectrum import MULTIPOLES, REDSHIFTS

NOISE, NOMINAL = 0.01, 2.0  # per component in pixels of so many arcmin
DESCRIPTION = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener", "length_arcmin": NOMINAL},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "loss": "l2",
}


def save_sky_model(folder: Path, spread: float = 0.0) -> Path:
    """Write a prior that is told pixel size and redshift, untrained: it adds nothing to its Wiener map, unless its
    weights are moved at random by `spread`."""
    names = [*CHANNELS, *SIGHT]
    model = build(DESCRIPTION, names, (16, 16))
    redshifts, ell = np.geomspace(0.4, 1.5, REDSHIFTS), np.geomspace(2, 4e5, MULTIPOLES)
    power = 1e-5 * redshifts[:, None] ** 2 * ell**-1.2
    model.wiener.sky.set({"multipoles": ell.tolist(), "redshifts": redshifts.tolist(), "power": power.tolist()})
    generator = torch.Generator().manual_seed(4)
    for parameter in model.network.network.parameters():
        parameter.data += spread * torch.randn(parameter.shape, generator=generator)
    about = {
        "task": "lensing",
        "ranges": {"pixel_arcmin": [0.5, 4.0], "galaxy_density": [3.0, 100.0], "redshift": [0.4, 1.5]},
        "data": {"pixel_arcmin": NOMINAL, "description": "nothing"},
        "noise_std": NOISE,
        "depth": {"relative_noise": [0.5, 2.0]},
        "seed": ["test"],
    }
    checkpoint.save(folder, model, DESCRIPTION, names, (16, 16), **about)
    return folder
