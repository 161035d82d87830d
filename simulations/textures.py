"""Skies of every texture, for the calibration of error bars: more kinds than the prior of radio images learned from."""

import numpy as np

from lofi.data.crops import exponentiate, training_crops
from lofi.data.resampling import averaged
from lofi.seeds import stream
from simulations.images.galaxies import galaxy
from simulations.images.galaxies.canvas import coordinates, log_uniform
from simulations.images.galaxies.turbulence import filaments, swirled, turbulence
from simulations.images.photographs import PACKAGED, read_grey


def _galaxy(pixels, rng):
    return galaxy(pixels, rng)


def _crop(pixels, rng):
    return training_crops([galaxy(2 * pixels, rng)], [0], 1, pixels, int(rng.integers(2**31)), zoom=(1.0, 2.0))[0]


def _rough(pixels, rng):
    return galaxy(pixels, rng) * np.exp(log_uniform(rng, 0.1, 1.0) * turbulence(pixels, rng, rng.uniform(1.0, 3.0)))


def _lognormal(pixels, rng):
    field = turbulence(pixels, rng, rng.uniform(2.0, 4.5), log_uniform(rng, 0.1, 1.0))
    return np.exp(log_uniform(rng, 0.3, 2.5) * field) * _envelope(pixels, rng)


def _filaments(pixels, rng):
    largest = log_uniform(rng, 0.1, 0.5)
    return filaments(pixels, rng, *swirled(pixels, rng, largest, rng.uniform(0, 1)), largest) * _envelope(pixels, rng)


def _knots(pixels, rng):
    count, x, y = int(log_uniform(rng, 10, 300)), *coordinates(pixels)
    image = log_uniform(rng, 1e-3, 0.3) * _envelope(pixels, rng)
    for _ in range(count):
        width = log_uniform(rng, 0.4, 4.0) / pixels
        place = rng.normal(0, 0.15, 2)
        distance = (x - place[0]) ** 2 + (y - place[1]) ** 2
        image = image + (1 - rng.random()) ** -0.8 * np.exp(-distance / (2 * width**2))
    return image


def _photograph(pixels, rng):
    picture = read_grey(PACKAGED[rng.integers(len(PACKAGED))])
    zoom = log_uniform(rng, 1.0, 2.5)
    width = min(pixels * zoom, *picture.shape)
    image = averaged(picture, rng.random(2) * (np.array(picture.shape) - width), width, pixels)
    image = image - image.min()
    return exponentiate(image / image.max(), 10 ** rng.uniform(0, 3)) * _envelope(pixels, rng)


def _envelope(pixels, rng):
    """1 in the whole frame, or a round or ragged region with a soft edge."""
    x, y = coordinates(pixels)
    radius, soft = log_uniform(rng, 0.1, 0.6), log_uniform(rng, 0.03, 0.5)
    ragged, whole = rng.uniform(0, 0.3) * turbulence(pixels, rng, 4.0, 0.3), rng.random() < 0.1
    distance = np.hypot(x, y / rng.uniform(0.4, 1.0)) * (1 + ragged)
    return np.ones_like(x) if whole else 1 / (1 + np.exp(np.clip((distance / radius - 1) / soft * 4, -60, 60)))


TEXTURES = {  # how each is drawn, and # ASSUME: how often
    "galaxy": (_galaxy, 0.25),
    "crop": (_crop, 0.2),
    "rough galaxy": (_rough, 0.15),
    "lognormal": (_lognormal, 0.12),
    "filaments": (_filaments, 0.1),
    "knots": (_knots, 0.08),
    "photograph": (_photograph, 0.1),
}
EMPTY = 1e-6  # of the peak: fainter sky is 0


def texture(pixels: int, *name: str | int) -> tuple[np.ndarray, str]:
    """The sky of a random stream, float64 (pixels, pixels), at least 0, peak 1; and its texture, of `TEXTURES`."""
    rng = stream(*name)
    kind = str(rng.choice(list(TEXTURES), p=[share for _, share in TEXTURES.values()]))
    image = np.asarray(TEXTURES[kind][0](pixels, rng), dtype=np.float64)
    image /= image.max()
    return np.where(image > EMPTY, image, 0.0), kind
