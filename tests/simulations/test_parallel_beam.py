"""The Radon transform: adjoint, analytic, against scikit-image, and inverted by filtered backprojection."""

import itertools

import numpy as np
import pytest
from skimage.transform import iradon, radon

from simulations.parallel_beam import ParallelBeam, parallel_beam

BEAM = parallel_beam(64, 90)


def disc(pixels, radius, centre=(0.0, 0.0), fine=8):
    """A disc of value 1, each pixel its covered share; centre (x, y) and radius in pixels."""
    axis = (np.arange(pixels * fine) + 0.5) / fine - pixels / 2
    inside = np.hypot(axis - centre[0], axis[:, None] - centre[1]) < radius
    return inside.reshape(pixels, fine, pixels, fine).mean((1, 3))


def blobs(pixels):
    """A smooth image that vanishes towards the corners."""
    axis = (np.arange(pixels) + 0.5) / pixels - 0.5
    x, y = axis, axis[:, None]
    spots = [(-0.1, 0.15, 0.08, 1.0), (0.2, -0.05, 0.05, 0.7), (0.0, -0.2, 0.12, 0.5)]
    return sum(a * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s**2)) for cx, cy, s, a in spots)


@pytest.mark.parametrize(("pixels", "angles"), [(16, 7), (17, 10), (33, 1)])
def test_backprojection_is_the_adjoint(pixels, angles):
    beam, rng = ParallelBeam(pixels, angles), np.random.default_rng(0)
    x, y = rng.standard_normal((pixels, pixels)), rng.standard_normal((angles, beam.bins))
    forward, backward = np.vdot(beam.project(x), y), np.vdot(x, beam.backproject(y))
    assert abs(forward - backward) < 1e-5 * np.linalg.norm(beam.project(x)) * np.linalg.norm(y)


def test_a_projection_keeps_the_sum_of_the_image_even_in_the_corners():
    for pixels in (24, 25):
        image = np.random.default_rng(1).random((pixels, pixels))
        np.testing.assert_allclose(ParallelBeam(pixels, 36).project(image).sum(1), image.sum(), rtol=1e-5)


def test_straight_projections_are_sums_of_columns_and_rows():
    image = np.random.default_rng(2).random((20, 20))
    beam = ParallelBeam(20, 2)
    margin = (beam.bins - 20) // 2
    np.testing.assert_allclose(beam.project(image)[:, margin:-margin], [image.sum(0), image.sum(1)], rtol=1e-5)


def test_a_disc_has_the_chords_of_a_circle():
    radius, (x, y) = 20.0, (5.0, -3.0)
    angles = np.arange(90) * np.pi / 90
    edges = np.arange(BEAM.bins + 1) - BEAM.bins / 2 - (x * np.cos(angles) + y * np.sin(angles))[:, None]
    t = edges.clip(-radius, radius)
    area = t * np.sqrt(radius**2 - t**2) + radius**2 * np.arcsin(t / radius)  # under the chords, up to t
    error = BEAM.project(disc(64, radius, (x, y))) - np.diff(area, axis=1)
    assert np.sqrt(np.mean(error**2)) < 0.2  # of a chord of 40; pixels round the rim
    assert np.abs(error).max() < 1.5


def test_sinograms_agree_with_those_of_scikit_image():
    image = blobs(65)
    image[np.hypot(*np.ogrid[-32:33, -32:33]) > 31] = 0
    theirs = radon(image[::-1], np.arange(90) * 2.0, circle=True).T  # their rows run downwards
    beam = ParallelBeam(65, 90)
    margin = (beam.bins - 65) // 2
    np.testing.assert_allclose(beam.project(image)[:, margin:-margin], theirs, atol=0.02 * theirs.max())


def test_filtered_backprojection_is_as_good_as_that_of_scikit_image():
    image = disc(64, 20) + 0.5 * disc(64, 6, (8, 4))
    theirs = iradon(radon(image, np.arange(90) * 2.0, circle=True), circle=True)
    ours = BEAM.fbp(BEAM.project(image))
    assert _error(ours, image) < 1.1 * _error(theirs, image)


def test_filtered_backprojection_converges_with_the_number_of_angles():
    image = blobs(64)
    errors = [
        _error(ParallelBeam(64, angles).fbp(ParallelBeam(64, angles).project(image)), image)
        for angles in (8, 16, 32, 64)
    ]
    assert all(after < 0.6 * before for before, after in itertools.pairwise(errors[:3]))
    assert errors[3] < 0.01
    assert errors[3] <= errors[2]


def test_it_is_linear_and_takes_stacks():
    images = np.random.default_rng(3).random((3, 2, 64, 64)).astype(np.float32)
    together = BEAM.fbp(BEAM.project(images))
    np.testing.assert_allclose(together[1, 1], BEAM.fbp(BEAM.project(images[1, 1])), atol=1e-4)
    np.testing.assert_allclose(
        BEAM.fbp(BEAM.project(images[0] - 2 * images[1])), together[0] - 2 * together[1], atol=1e-4
    )


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"expected \(\.\.\., 64, 64\)"):
        BEAM.project(np.zeros((32, 32)))
    with pytest.raises(ValueError, match="expected at least 1"):
        ParallelBeam(64, 0)


def _error(estimate, truth):
    return np.sqrt(np.mean((estimate - truth) ** 2))
