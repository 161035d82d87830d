"""The promised noise of a shear map of the sphere against its B mode."""

import healpy as hp
import numpy as np
import pytest

from lofi.sphere.harmonics import Harmonics
from lofi.sphere.lensing import kaiser_squires
from lofi.sphere.noise_check import check_sphere_noise
from lofi.sphere.shear_map import SphereShear
from simulations.sphere.lognormal import gaussian_alm
from simulations.sphere.observation import observed_shear

NSIDE = 32
HARMONICS = Harmonics(NSIDE)
POWER = np.where(np.arange(HARMONICS.lmax + 1) < 2, 0.0, 1e-6 / (np.arange(HARMONICS.lmax + 1) + 20.0) ** 1.5)
LON, LAT = hp.pix2ang(NSIDE, np.arange(HARMONICS.pixels), lonlat=True)
SURVEYS = {"full": LAT > -91, "poles cut": np.abs(LAT) > 30, "cap": (np.abs(LAT) < 40) & (LON < 90)}


def shear(factor, survey, spread, seed):
    rng = np.random.default_rng(seed)
    noise = np.where(SURVEYS[survey], 1e-3 * (1 + spread * np.sin(np.radians(2 * LON))), np.inf)
    gamma = observed_shear(HARMONICS, gaussian_alm(POWER, HARMONICS, rng), factor * noise, rng)
    return SphereShear(gamma, noise, NSIDE)


def noise_check(observed):
    return check_sphere_noise(HARMONICS, kaiser_squires(HARMONICS, observed.gamma)[1], observed)


@pytest.mark.parametrize("survey", SURVEYS)
@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_right_noise_raises_no_alarm(survey, spread):
    check = noise_check(shear(1.0, survey, spread, 1))
    assert check.ratio == pytest.approx(1.0, abs=0.07)
    assert check.warnings == []


@pytest.mark.parametrize("survey", SURVEYS)
@pytest.mark.parametrize("factor", [1.4, 0.7])
def test_wrong_noise_is_measured(survey, factor):
    check = noise_check(shear(factor, survey, 0.3, 2))
    assert check.ratio == pytest.approx(factor, rel=0.07)
    assert len(check.warnings) == 1
