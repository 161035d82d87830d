"""MeerKAT's table."""

import numpy as np
import pytest

from lofi.radio.telescopes.telescope import telescope


def test_meerkat_has_its_published_size(meerkat):
    lengths = np.linalg.norm(meerkat.baselines(), axis=1)
    assert meerkat.antennas.shape == (64, 3)
    assert len(lengths) == 2016
    assert lengths.min() == pytest.approx(29.28, abs=0.01)
    assert lengths.max() == pytest.approx(7697.6, abs=0.1)
    assert np.median(lengths) == pytest.approx(957, abs=1)


def test_meerkat_is_a_plane_tangent_to_the_earth(meerkat):
    # The curvature of the Earth is 1 m at 4 km; the rest is the slope of the ground.
    assert np.ptp(meerkat.antennas[:, 2]) < 40
    assert (meerkat.latitude_deg, meerkat.longitude_deg, meerkat.height_m) == (-30.7130, 21.4430, 1086.6)


def test_sefd_is_that_of_the_stated_temperature_and_dish(meerkat):
    area = np.pi * meerkat.diameter_m**2 / 4
    assert meerkat.sefd_jy == pytest.approx(2 * 1.380649e-23 * 22 / area / 1e-26, rel=0.01)


def test_an_unknown_telescope_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="'ska'; expected one of meerkat"):
        telescope("ska")
