"""Simulated galaxies, nebulae and radio sources: the images that a denoiser for radio imaging learns from.

They stand in for the paper's 13 000 galaxies of the IllustrisTNG simulations, which cannot be shipped. Nothing is
simulated physically: shapes are drawn from analytic profiles and turbulence so that scales, textures and dynamic
ranges vary as widely as in the sky, from smooth ellipticals to fractal clouds, from one faint source to a full frame.
"""

import numpy as np

from lofi.seeds import stream
from simulations.images.galaxies.canvas import log_uniform, smoothed
from simulations.images.galaxies.clusters import cluster
from simulations.images.galaxies.discs import disc
from simulations.images.galaxies.groups import crowd, pair
from simulations.images.galaxies.nebulae import complex_of_clouds
from simulations.images.galaxies.radio import double_lobes, plumes
from simulations.images.galaxies.spheroids import spheroid
from simulations.images.on_demand import OnDemand

# How each kind is drawn, and # ASSUME: how often.
KINDS = {
    "disc": (disc, 0.24),
    "spheroid": (spheroid, 0.08),
    "pair": (pair, 0.10),
    "crowd": (crowd, 0.05),
    "complex": (complex_of_clouds, 0.28),
    "double lobes": (double_lobes, 0.10),
    "plumes": (plumes, 0.08),
    "cluster": (cluster, 0.07),
}
EMPTY = 1e-7  # of the peak: fainter sky is set to exactly 0


def galaxy(pixels: int, rng: np.random.Generator, kind: str | None = None) -> np.ndarray:
    """One image, of a `kind` of `KINDS` or of a random one.

    Parameters
    ----------
    pixels : pixels on a side, at least 16. The same stream gives the same scene at any number of pixels.

    Returns
    -------
    float32 (pixels, pixels), at least 0, peak 1; empty sky is 0.
    """
    if pixels < 16:
        raise ValueError(f"a simulated galaxy of {pixels} × {pixels} pixels was asked for; expected at least 16 × 16")
    drawn = _random_kind(rng)
    draw, _ = KINDS[drawn if kind is None else kind]
    image = draw(pixels, rng)
    # ASSUME: most pictures are made with a beam, compressed in brightness as by an arcsinh stretch, or blanked.
    beam, sharp = log_uniform(rng, 0.0025, 0.012), rng.random() < 0.15
    if not sharp:
        image = smoothed(image, beam)
    image = image / image.max()
    softening, stretched = log_uniform(rng, 1e-3, 0.5), rng.random() < 0.75
    if stretched:
        image = np.arcsinh(image / softening) / np.arcsinh(1 / softening)
    threshold, blanked = log_uniform(rng, 1e-4, 2e-2), rng.random()
    if blanked < 0.15:  # cut off, as published maps are outside of what was detected
        image = np.where(image > threshold, image, 0)
    elif blanked < 0.3:
        image = np.maximum(image - threshold, 0)
    image = image / image.max()
    return np.where(image > EMPTY, image, 0).astype(np.float32)


def galaxies(count: int, pixels: int, *name: str | int) -> OnDemand:
    """`OnDemand` images (pixels, pixels) as of `galaxy`; number i has the stream (*name, i)."""
    return OnDemand(count, lambda i: galaxy(pixels, stream(*name, i)))


def kinds(count: int, *name: str | int) -> list[str]:
    """The kinds of `galaxies`, a word each."""
    return [_random_kind(stream(*name, i)) for i in range(count)]


def _random_kind(rng):
    return str(rng.choice(list(KINDS), p=[share for _, share in KINDS.values()]))
