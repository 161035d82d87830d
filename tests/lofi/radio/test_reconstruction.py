"""Reconstruction with a prior: its schedule, and fluxes that single precision could not hold."""

import numpy as np
import pytest

from lofi.io.checkpoint import load_denoiser
from lofi.radio.measurement import flat_part, measure
from lofi.radio.reconstruction import reconstruct, schedule_of
from lofi.seeds import stream
from lofi.solvers.admm import Schedule

SHAPE, SIGMA = (32, 32), 0.05


def reconstructed(factor, denoiser_folder):
    rng = stream("reconstruction")
    x, y = rng.uniform(-2, 2, (2, 500))
    noise = SIGMA * (rng.standard_normal(500) + 1j * rng.standard_normal(500))
    visibilities = np.exp(-1j * (3 * x - 5 * y)) + noise  # a point of 1 Jy
    measurement = measure([flat_part(x, y, factor * visibilities, np.full(500, factor * SIGMA), SHAPE)], SHAPE)
    denoiser, _ = load_denoiser(denoiser_folder)
    return reconstruct(measurement, denoiser, schedule_of(4), seed=1)


@pytest.mark.parametrize("factor", [2.0**-40, 2.0**45])
def test_the_unit_of_flux_is_free(denoiser_folder, factor):
    one, other = (reconstructed(f, denoiser_folder) for f in (1.0, factor))
    image = one.images[0].numpy()
    assert np.unravel_index(image.argmax(), SHAPE) == (16 - 5, 16 + 3)
    assert other.images[0].numpy() / factor == pytest.approx(image, abs=1e-4 * float(image.max()))
    for row, scaled in zip(one.trace, other.trace, strict=True):
        assert scaled["sigma"] == pytest.approx(factor * row["sigma"], rel=1e-5)
        assert scaled["chi2"] == pytest.approx(row["chi2"], rel=1e-3)


def test_visibilities_without_a_source_are_refused():
    x, y = stream("reconstruction").uniform(-2, 2, (2, 500))
    measurement = measure([flat_part(x, y, np.zeros(500, complex), np.full(500, SIGMA), SHAPE)], SHAPE)
    with pytest.raises(ValueError, match="no source, or are not calibrated"):
        reconstruct(measurement, None, Schedule(), seed=1)


def test_fewer_iterations_anneal_in_the_usual_part_of_them():
    assert schedule_of(None) == schedule_of(Schedule.iterations) == Schedule()
    for iterations in (2, 6, 60):
        schedule = schedule_of(iterations)
        assert schedule.iterations == iterations
        assert 1 <= schedule.annealing <= Schedule.annealing
