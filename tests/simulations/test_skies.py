"""Gaussian and lognormal skies: spectrum, one-point moments, mean; a power-law spectrum stands in for halofit."""

import numpy as np
import pytest
from scipy.stats import skew

from lofi.seeds import stream
from simulations.images.gaussian import GaussianSky
from simulations.images.lognormal import LognormalSky, minimum_convergence
from simulations.images.nbody.transfer import map_power, ring_power

SHAPE, PIXEL, MAPS = (64, 64), 2.34375, 150


class PowerLaw:
    """What the skies ask of a theory."""

    source_redshift = 0.8575

    def pixelised_power(self, shape, pixel_arcmin):
        size = np.deg2rad(pixel_arcmin / 60)
        ell = 2 * np.pi / size * np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) for n in shape), indexing="ij"))
        ell[0, 0] = 1.0
        power = 1e-9 * (ell / 300) ** -1.2
        power[0, 0] = 0.0
        return power


@pytest.fixture(scope="module", params=[GaussianSky, LognormalSky])
def sky(request):
    return request.param(PowerLaw(), SHAPE, PIXEL)


@pytest.fixture(scope="module")
def maps(sky):
    return np.stack([sky.draw(stream("test", "sky", i)) for i in range(MAPS)])


def test_spectrum_is_recovered(maps):
    width = 4 * 2 * np.pi / (np.deg2rad(PIXEL / 60) * 64)
    measured, target = map_power(maps, PIXEL), PowerLaw().pixelised_power(SHAPE, PIXEL)
    _, ratio, modes = ring_power(measured / np.where(target > 0, target, 1), PIXEL, width)
    error = np.sqrt(2 / (modes * MAPS))
    assert np.all(np.abs(ratio - 1) < 4 * error + 0.04)  # lognormal: mode coupling and clipping widen it


def test_maps_have_no_mean(maps):
    assert maps.dtype == np.float32
    assert np.abs(maps.mean(axis=(1, 2), dtype=float)).max() < 1e-7


def test_one_point_distribution(sky, maps):
    if isinstance(sky, GaussianSky):
        assert abs(skew(maps.ravel())) < 0.05
    else:
        assert skew(maps.ravel()) > 1.0
        assert maps.min() > -1.3 * sky.shift  # the mean of a map is removed after the shift


def test_maps_repeat_by_name(sky, maps):
    assert np.array_equal(sky.draw(stream("test", "sky", 3)), maps[3])
    assert not np.array_equal(maps[3], maps[4])


def test_oblong_and_odd_maps():
    for kind in (GaussianSky, LognormalSky):
        assert kind(PowerLaw(), (15, 24), PIXEL).draw(stream("test", "odd")).shape == (15, 24)


def test_lognormal_shift():
    assert minimum_convergence(0.8575) == pytest.approx(0.0236, abs=2e-4)
    with pytest.raises(ValueError, match="positive"):
        LognormalSky(PowerLaw(), SHAPE, PIXEL, shift=0.0)
