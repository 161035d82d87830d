"""Covariances of textures in noise: their units, and that they are covariances."""

import numpy as np
import pytest

from lofi.radio.beam import Beam
from lofi.radio.texture import FAINTEST, SLOPES, STEP, WHITE, covariances

BEAM = Beam(5.0, 3.2, 30.0)
Y, X = (axis.ravel() for axis in np.mgrid[:12, :12])
LAGS = np.arange(-32, 32)
PSF = BEAM.at(LAGS, LAGS[:, None])


def test_the_noise_is_correlated_as_the_psf():
    noise, *_ = covariances(Y, X, PSF, BEAM, 1.0)
    expected = PSF[32 + Y[:, None] - Y, 32 + X[:, None] - X] + WHITE**2 * np.eye(len(Y))
    assert noise == pytest.approx(expected, abs=1e-6)


def test_an_amount_is_half_the_mean_square_difference_over_a_beam():
    noise, *textures = covariances(Y, X, PSF, BEAM, 50.0)
    amounts = FAINTEST * STEP ** np.arange(len(textures) // len(SLOPES))
    assert amounts[-1] > 50
    for number, covariance in enumerate(textures):
        texture = covariance - noise
        down, across = 4, 4 * 12  # pixels of the flat grid: a beam of 4 along columns, along rows
        apart = texture[0, 0] - (texture[0, down] + texture[0, across]) / 2
        assert apart == pytest.approx(amounts[number % len(amounts)], rel=1e-6)
        np.linalg.cholesky(covariance)


def test_the_smaller_the_slope_the_rougher_the_texture():
    noise, *textures = covariances(Y, X, PSF, BEAM, 1.0)
    half = len(textures) // len(SLOPES)
    rough, smooth = (textures[first] - noise for first in (0, half))
    over_a_pixel = [1 - texture[0, 1] / texture[0, 0] for texture in (rough, smooth)]
    assert over_a_pixel[0] > over_a_pixel[1] > 0
