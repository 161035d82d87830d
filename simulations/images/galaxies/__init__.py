"""Simulated galaxies, nebulae and radio sources: the images that a denoiser for radio imaging learns from.

They stand in for the 13 000 galaxies of the IllustrisTNG simulation of the paper, which cannot be shipped. Nothing is
simulated physically: shapes are drawn from analytic profiles and turbulence so that scales, textures and dynamic
ranges vary as widely as in the sky, from smooth ellipticals to fractal clouds, from one source to a full frame.
"""

import numpy as np

from simulations.images.galaxies.canvas import log_uniform, smoothed
from simulations.images.galaxies.nebulae import complex_of_clouds
from simulations.images.galaxies.radio import cluster, double_lobes, plumes
from simulations.images.galaxies.stars import crowd, disc, pair, spheroid
from simulations.seeds import stream

# ASSUME: how often each kind is drawn.
KINDS = {
    "disc": (disc, 0.26),
    "spheroid": (spheroid, 0.08),
    "pair": (pair, 0.10),
    "crowd": (crowd, 0.07),
    "complex": (complex_of_clouds, 0.24),
    "double lobes": (double_lobes, 0.10),
    "plumes": (plumes, 0.08),
    "cluster": (cluster, 0.07),
}


def galaxy(pixels, rng, kind=None):
    """One image (pixels, pixels) float32, at least 0, peak 1; of `kind`, one of `KINDS`, or of a random one."""
    drawn = rng.choice(list(KINDS), p=[share for _, share in KINDS.values()])
    image = KINDS[kind or drawn][0](pixels, rng)
    beam = log_uniform(rng, 0.0015, 0.008)
    if rng.random() < 0.7:
        image = smoothed(image, beam)
    return blanked(stretched(image / image.max(), rng), rng)


def stretched(image, rng):
    """Two thirds of the images compressed by an arcsinh stretch, as pictures are, so that faint parts show; peak 1."""
    softening, chosen = log_uniform(rng, 1e-3, 0.5), rng.random() < 0.67
    return np.arcsinh(image / softening) / np.arcsinh(1 / softening) if chosen else image


def blanked(image, rng):
    """Emission below a threshold set to 0 in a third of the images, as published maps have it; peak 1."""
    threshold, kind = log_uniform(rng, 1e-4, 2e-2), rng.random()
    if kind < 0.2:
        image = np.where(image > threshold, image, 0)
    elif kind < 0.35:
        image = np.maximum(image - threshold, 0)
    image = np.where(image > 1e-7, image, 0)
    return (image / image.max()).astype(np.float32)


def galaxies(count, pixels, *name):
    """Images (count, pixels, pixels) float32 and their kinds (count,); image i draws from the stream (*name, i)."""
    images, kinds = np.empty((count, pixels, pixels), np.float32), []
    for i in range(count):
        rng = stream(*name, i)
        kinds.append(str(rng.choice(list(KINDS), p=[share for _, share in KINDS.values()])))
        images[i] = galaxy(pixels, rng, kinds[-1])
    return images, np.array(kinds)
