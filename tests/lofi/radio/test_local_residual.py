"""The residual near sources from the PSF alone: against all visibilities, where there is no w-term."""

import numpy as np
import pytest

from lofi.radio.local_residual import LocalResidual
from lofi.radio.measurement import flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.point_sources import PointSources, fitted, residual_without
from lofi.seeds import stream

SHAPE = (48, 40)
WINDOWS = [(slice(2, 20), slice(20, 40)), (slice(15, 30), slice(10, 25))]  # they overlap
SOURCES = PointSources.at([(9.3, -12.4, 5.0), (-3.2, -1.7, 2.0)])


@pytest.fixture(scope="module")
def measurement():
    random = stream("local residual", "visibilities")
    x, y = random.uniform(-1.5, 1.5, (2, 4000))  # radians per pixel: three pixels in the resolution
    sky = np.zeros(SHAPE)
    sky[20:24, 15:19] = 0.3
    operator = VisibilityOperator(x, y, SHAPE)
    values = operator.forward(sky) + SOURCES.visibilities(operator)
    return measure([flat_part(x, y, values, np.ones(len(x)), SHAPE)], SHAPE)


def local(measurement, sources, image):
    return LocalResidual(measurement.psf, residual_without(measurement, sources, image))


def test_it_changes_as_the_exact_one(measurement):
    image, missing = np.full(SHAPE, 0.1), np.zeros(SHAPE)
    missing[5:9, 25:30] = 0.5
    missing[16:19, 21:24] = 0.4  # in both windows
    gone, come = PointSources.at([(8.0, -12.0, 4.0)]), SOURCES
    changed = local(measurement, gone, image).changed(WINDOWS, gone, come, missing)
    exact = local(measurement, come, image - missing)
    for window in WINDOWS:
        assert changed.residual[window] == pytest.approx(exact.residual[window], abs=2e-3 * 5)  # of the flux


def test_its_step_is_that_of_all_visibilities(measurement):
    image = np.zeros(SHAPE)
    near = PointSources.at(SOURCES.values[:, :3] + np.array([[0.1, -0.05, 0.3], [-0.08, 0.1, -0.2]]))
    step = local(measurement, near, image).step(near).values - near.values
    assert step == pytest.approx(fitted(measurement, image, near).values - near.values, rel=0.02, abs=2e-3)


def test_the_positive_image_of_a_window_holds_what_is_missing_there(measurement):
    residual, window = local(measurement, SOURCES, np.zeros(SHAPE)), (slice(14, 30), slice(9, 25))
    allowed = np.ones(SHAPE, bool)
    image = residual.positive(window, np.zeros(SHAPE), allowed)
    assert image.min() == 0
    assert image[6:10, 6:10].sum() == pytest.approx(16 * 0.3, rel=0.05)
    allowed[:, 17:] = False
    assert residual.positive(window, np.zeros(SHAPE), allowed)[:, 8:].max() == 0
