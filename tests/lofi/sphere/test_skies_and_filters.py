"""Lognormal skies, surveys, filters and scores of the sphere."""

from types import SimpleNamespace

import healpy as hp
import numpy as np
import pytest

from lofi.seeds import stream
from lofi.sphere.channels import spectrum_of, tabulated
from lofi.sphere.filters import gaussian_beam, wiener
from lofi.sphere.harmonics import Harmonics, spectrum
from lofi.sphere.lensing import kaiser_squires
from simulations.sphere.lognormal import LognormalSphere, gaussian_alm, lognormal_power
from simulations.sphere.observation import observed_shear
from simulations.sphere.scores import errors, far_from_edges, spectra_of
from simulations.sphere.survey import SphereSurvey

NSIDE = 64
HARMONICS = Harmonics(NSIDE)
ELL = np.arange(HARMONICS.lmax + 1.0)
THEORY = SimpleNamespace(source_redshift=0.86, convergence_power=lambda ell: 2e-8 / (1 + ell / 40.0) ** 1.4)
SURVEY = {"galaxy_density": 30.0, "ellipticity_dispersion": 0.37}


@pytest.fixture(scope="module")
def sky():
    return LognormalSphere(THEORY, HARMONICS)


def noise_power(noise_std):
    """Spectrum [sr], flat, of the noise of a shear map: σ² times the area of a pixel, by the harmonic mean of σ²."""
    seen = np.isfinite(noise_std)
    return float(4 * np.pi / len(noise_std) / np.mean(noise_std[seen] ** -2.0))


def isotropic_wiener(power, noise):
    """Wiener filter (lmax + 1,) of a signal `power` (lmax + 1,) in homogeneous noise of the whole sky; 0 for ℓ < 2."""
    filtered = np.zeros_like(power)
    filtered[2:] = power[2:] / (power[2:] + noise)
    return filtered


def bins(values):
    return np.array([np.average(values[a:b], weights=2 * ELL[a:b] + 1) for a, b in ((5, 20), (20, 50), (50, 128))])


def test_the_gaussian_spectrum_is_that_of_healpy_s_transforms():
    """Legendre transforms of a known pair: ξ = κ0² (exp(ξ_G) − 1), forward by a map of the correlation function."""
    shift, gaussian = 0.02, 1e-4 / (ELL + 5.0) ** 2.2
    theta = np.linspace(0, np.pi, 200001)
    xi = shift**2 * np.expm1(np.polynomial.legendre.legval(np.cos(theta), (2 * ELL + 1) * gaussian / (4 * np.pi)))
    power = hp.sphtfunc.beam2bl(xi, theta, HARMONICS.lmax)
    assert np.allclose(lognormal_power(power, shift)[:100], gaussian[:100], rtol=2e-3)


def test_lognormal_skies_have_spectrum_skewness_and_floor(sky):
    powers, values = [], []
    for number in range(4):
        alm = sky.draw(stream("test", number))
        powers.append(spectrum(alm))
        values.append(HARMONICS.synthesis(alm)[0])
    values = np.concatenate(values)
    assert np.allclose(bins(np.mean(powers, axis=0)) / bins(sky.power), 1.0, atol=0.1)
    assert abs(values.mean()) < 1e-4 * values.std()
    assert ((values / values.std()) ** 3).mean() > 0.2
    assert values.min() > -1.3 * sky.shift  # band-limited: not exactly the floor


def test_a_sky_is_its_seed_s(sky):
    assert np.array_equal(sky.draw(stream("a")), sky.draw(stream("a")))
    assert not np.array_equal(sky.draw(stream("a")), sky.draw(stream("b")))


def test_surveys_mask_and_vary():
    lon, lat = hp.pix2ang(NSIDE, np.arange(HARMONICS.pixels), lonlat=True)
    survey = SphereSurvey(**SURVEY, galactic_cut=20.0, declinations=(-61.0, 31.0), depth_variation=0.5)
    noise = survey.noise_std(NSIDE, stream("survey"))
    seen = np.isfinite(noise)
    galactic = hp.Rotator(coord=["C", "G"])(lon, lat, lonlat=True)[1]
    assert np.array_equal(seen, (lat >= -61) & (lat <= 31) & (np.abs(galactic) >= 20))
    for extreme, folding in ((noise[seen].max(), 0.5), (noise[seen].min(), -0.5)):  # whatever the footprint
        assert extreme == pytest.approx(survey.level(NSIDE) * np.exp(folding))
    assert np.median(noise[seen]) == pytest.approx(survey.level(NSIDE), rel=0.3)
    holes = SphereSurvey(**SURVEY, holes=30, hole_radius=(200.0, 200.0)).noise_std(NSIDE, stream("holes"))
    expected = 30 * (1 - np.cos(np.radians(200 / 60))) / 2  # a few overlap
    assert np.isinf(holes).mean() == pytest.approx(expected, rel=0.2)


def test_the_level_is_price_s():
    area = 4 * np.pi * (180 * 60 / np.pi) ** 2 / (12 * NSIDE**2)
    assert SphereSurvey(**SURVEY).level(NSIDE) == pytest.approx(0.37 / np.sqrt(30 * area))


def test_a_survey_that_sees_nothing_is_refused():
    with pytest.raises(ValueError, match="masks the whole sky"):
        SphereSurvey(**SURVEY, galactic_cut=89.9, declinations=(-1.0, 1.0)).noise_std(NSIDE, stream("none"))


@pytest.fixture(scope="module")
def observed():
    power = np.where(ELL < 2, 0.0, 1e-7 / (ELL + 10.0) ** 1.5)
    noise = np.full(HARMONICS.pixels, np.sqrt(power[60] * HARMONICS.pixels / (4 * np.pi)))  # equal to it at ℓ = 60
    kappa = gaussian_alm(power, HARMONICS, stream("kappa"))
    return power, noise, kappa


def test_wiener_is_the_filter_of_each_multipole_where_the_noise_is_homogeneous(observed):
    power, noise, kappa = observed
    gamma = observed_shear(HARMONICS, kappa, noise, stream("noise"))
    found = wiener(HARMONICS, gamma, noise, power)
    e_mode, _ = kaiser_squires(HARMONICS, gamma)
    expected = HARMONICS.filtered(e_mode, isotropic_wiener(power, noise_power(noise)))
    high = HARMONICS.ell > 10  # below, the shear of a multipole is less than its convergence
    assert np.abs(found - expected)[high].std() < 0.02 * np.abs(expected)[high].std()


def test_wiener_is_best_in_a_masked_survey_of_varying_depth(observed):
    power, noise, kappa = observed
    lon, lat = hp.pix2ang(NSIDE, np.arange(HARMONICS.pixels), lonlat=True)
    noise = np.where(np.abs(lat) < 20, np.inf, noise * np.exp(np.sin(np.radians(lon))))
    gamma, seen = observed_shear(HARMONICS, kappa, noise, stream("noise")), np.isfinite(noise)
    truth, (e_mode, _) = HARMONICS.synthesis(kappa)[0], kaiser_squires(HARMONICS, gamma)
    isotropic = HARMONICS.filtered(e_mode, isotropic_wiener(power, noise_power(noise)))
    maps = [wiener(HARMONICS, gamma, noise, power), isotropic, e_mode]
    rmse = [errors(HARMONICS.synthesis(alm)[0], truth, seen)["rmse"] for alm in maps]
    assert rmse[0] < 0.98 * rmse[1]
    assert rmse[1] < 0.9 * rmse[2]


def test_shape_noise_has_the_stated_spectrum(observed):
    _, noise, kappa = observed
    e_mode, b_mode = kaiser_squires(HARMONICS, observed_shear(HARMONICS, 0 * kappa, noise, stream("pure noise")))
    for alm in (e_mode, b_mode):
        assert np.allclose(bins(spectrum(alm))[1:] / noise_power(noise), 1.0, atol=0.1)


def test_scores_know_a_perfect_map_and_a_smooth_one(observed):
    kappa = observed[2]
    truth = HARMONICS.synthesis(kappa)[0]
    smooth = HARMONICS.synthesis(HARMONICS.filtered(kappa, gaussian_beam(HARMONICS.lmax, 60.0)))[0]
    seen = np.abs(hp.pix2ang(NSIDE, np.arange(HARMONICS.pixels), lonlat=True)[1]) > 10
    assert errors(truth + 3.0, truth, seen) == {"rmse": pytest.approx(0, abs=1e-12), "pearson_r": pytest.approx(1)}
    rows = list(spectra_of(HARMONICS, {"perfect": truth + 3.0, "smooth": smooth}, truth, seen, bins=60))
    perfect = [row for row in rows if row["method"] == "perfect"]
    assert np.allclose([[row["ratio"], row["r_ell"]] for row in perfect], 1.0)
    last = [row for row in rows if row["method"] == "smooth"][-1]
    beam = gaussian_beam(HARMONICS.lmax, 60.0)[int(last["ell"])]
    assert last["ratio"] == pytest.approx(beam**2, rel=0.5)
    assert last["r_ell"] > 0.9


def test_far_from_edges_is_away_from_masked_pixels():
    lat = hp.pix2ang(NSIDE, np.arange(HARMONICS.pixels), lonlat=True)[1]
    seen = lat > 0
    far = far_from_edges(HARMONICS, seen)
    assert not far[lat < 0.5].any()
    assert far[lat > 6].all()


def test_a_spectrum_survives_its_table():
    power = np.where(ELL < 2, 0.0, 1e-6 / (ELL + 20.0) ** 1.5)
    again = spectrum_of(tabulated(power), HARMONICS.lmax)
    assert np.allclose(again[2:], power[2:], rtol=1e-3)
    longer = spectrum_of(tabulated(power), 2 * HARMONICS.lmax)
    assert (np.diff(longer[2:]) < 0).all()
