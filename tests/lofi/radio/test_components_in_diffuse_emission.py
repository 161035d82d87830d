"""A point in the emission of a simulated galaxy is the only component: structure of the galaxy becomes none."""

import numpy as np
import pytest

from lofi.radio.coverage import radians_per_pixel, synthesis
from lofi.radio.measurement import flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.point_search import find_points
from lofi.radio.point_sources import PointSources
from lofi.radio.starts import data_term
from lofi.radio.telescopes.telescope import telescope
from lofi.seeds import stream
from lofi.solvers.positivity import positivity_only
from simulations.images.galaxies import galaxy
from simulations.receiver_noise import add_noise, sigma_from_snr

SIZE, CELL, DECIBEL, BRIGHT = 128, 1.9, 30.0, 3000.0  # arcsec, a third of the resolution; noise


@pytest.mark.parametrize("number", range(3))
def test_a_galaxy_has_no_components_but_its_point(number):
    rng = stream("components in diffuse emission", number)
    x, y = radians_per_pixel(synthesis(telescope("meerkat"), -30.0, (-0.5, 0.5), 600.0, 1.4e9), CELL)
    truth, operator = galaxy(SIZE, rng), VisibilityOperator(x, y, (SIZE, SIZE))
    noiseless = operator.forward(truth)
    sigma = sigma_from_snr(noiseless, DECIBEL)
    inside = np.argwhere(truth > 0.05 * truth.max())
    row, column = inside[rng.integers(len(inside))] - SIZE // 2 + rng.uniform(-0.5, 0.5, 2)
    flux = BRIGHT * sigma / np.sqrt(len(x))
    visibilities = noiseless + PointSources.at([(column, row, flux)]).visibilities(operator)
    noisy = add_noise(visibilities, sigma, rng)
    measurement = measure([flat_part(x, y, noisy[None], np.full(len(x), sigma), truth.shape)], truth.shape)

    def positive(rest):
        return positivity_only(data_term(rest))[0].numpy().astype(float)

    sources, rest = find_points(measurement, positive(measurement), positive)
    assert len(sources) == 1
    assert sources.values[0, :2] == pytest.approx([column, row], abs=0.25)
    assert sources.flux[0] == pytest.approx(flux, rel=0.1)
    assert rest.sum() == pytest.approx(truth.sum(), rel=0.1)
