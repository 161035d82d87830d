"""Bins of one light cone: weights of lens planes for n(z), and how methods are compared."""

import numpy as np
import pytest
from joint_bins import before, compared, sources_of

from lofi.lensing.bin_correlations import plane
from simulations.images.nbody.born import LensPlanes


@pytest.fixture
def planes(theory):
    distances = (np.arange(16) + 0.5) * theory.source_distance / 16
    scale = 1 / (1 + theory.redshift_at(distances))
    return LensPlanes(np.empty(0), distances, scale, np.empty(16), 205.0, 0.3089).towards(theory.source_distance)


def test_sources_at_one_redshift_have_the_weights_of_their_plane(planes, theory):
    found = before(planes, theory, plane(0.6))
    expected = planes.towards(float(theory.comoving_distance(0.6)))
    np.testing.assert_allclose(found.weights, expected.weights, atol=2e-3 * expected.weights.max())


def test_a_bin_has_the_mean_weights_of_its_sources(planes, theory):
    bin_of = sources_of(0.6, 0.05, theory.source_redshift)
    z, share = bin_of.nodes()
    found = before(planes, theory, bin_of).weights
    distances = theory.comoving_distance(np.minimum(z, theory.source_redshift))
    one_by_one = [planes.towards(float(chi)).weights for chi in distances]
    np.testing.assert_allclose(found, share @ np.array(one_by_one), rtol=1e-9)
    assert found[-1] > 0  # some sources are farther than the mean


def test_changes_are_those_of_the_same_field():
    other = np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 2.0]])
    found = compared(other * np.array([0.9, 1.1]), other)
    assert found["mean"] == pytest.approx([-10, 10])
    assert found["error"] == pytest.approx([0, 0])
    assert found["better in"] == [3, 0]
