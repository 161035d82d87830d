"""Galaxies measure g = γ / (1 − κ): the maps of a massive cluster are those of its shear."""

from dataclasses import replace

import healpy as hp
import numpy as np
import pytest
from astropy.io import fits
from nfw_halo import Halo, pixel_means

from lofi.cli import main
from lofi.io.fits import write_maps
from lofi.lensing.kaiser_squires import kaiser_squires
from lofi.lensing.mapping import convergence_maps, load_lensing_model
from lofi.lensing.reduced_shear import KAPPA, MOST, STEEPEST, iterate, plane_convergence
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.shear_map_files import shear_images
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header
from lofi.priors.shipped import find
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.lensing import shear_from_convergence
from lofi.sphere.reduced_shear import sphere_convergence

SIDE, PIXEL = 64, 1.0  # arcmin
LEVEL = 0.01  # of noise


@pytest.fixture(scope="module")
def cluster():
    """κ, γ and g of a cluster of 10¹⁵ solar masses at redshift 0.3: means of pixels by its closed form."""
    halo = Halo(1e15)
    return tuple(pixel_means(image, SIDE, PIXEL, 8) for image in (halo.convergence, halo.shear, halo.ellipticity))


def binned(gamma, noise):
    wcs, seen = tangent_wcs((10.0, 20.0), PIXEL, gamma.shape), np.ones(gamma.shape, bool)
    return BinnedShear(gamma, np.full(gamma.shape, noise), seen, None, None, PIXEL, wcs)


def e_mode(gamma):
    return kaiser_squires(gamma, padding=SIDE // 2).real


def test_peaks_are_biased_by_a_fifth_at_most_of_what_they_were(cluster):
    kappa, gamma, g = cluster
    padded = np.pad(g, SIDE // 2)
    found = iterate(padded, plane_convergence(np.full(padded.shape, 0.01)))
    assert 1 < found.iterations < 10
    assert not found.warnings()
    corrected = (padded * found.factor)[SIDE // 2 : -SIDE // 2, SIDE // 2 : -SIDE // 2]
    peak = kappa > 0.1
    assert peak.sum() > 8
    before, after = (np.mean((e_mode(shear) - e_mode(gamma))[peak]) for shear in (g, corrected))
    assert before > 0.002
    assert abs(after) < before / 5


def test_all_maps_are_those_of_the_shear(cluster):
    """KAPPA, Wiener and Kaiser–Squires maps, beside those of γ whose noise is that of g times (1 − κ)."""
    kappa, gamma, g = cluster
    model, record = load_lensing_model(find(None, "lensing"))
    rng = np.random.default_rng(3)
    noise = LEVEL * (rng.standard_normal(g.shape) + 1j * rng.standard_normal(g.shape))

    def maps(shear, factor=1.0, reduced=False):
        shear = replace(binned(shear + factor * noise, LEVEL), noise_std=np.full(g.shape, LEVEL) * factor)
        return convergence_maps(shear, model, record, reduced=reduced, quiet=True)[0]

    of_shear, of_g, corrected = maps(gamma, 1 - kappa), maps(g), maps(g, reduced=True)
    for name, share in {"KAPPA": 2, "KAPPA_WIENER": 5, "KAPPA_KS_E": 5}.items():  # LoFi is no linear function
        before, after = (np.mean((image[name][0] - of_shear[name][0])[kappa > 0.1]) for image in (of_g, corrected))
        assert abs(after) < abs(before) / share, name
    peak = kappa > 0.1
    np.testing.assert_allclose(corrected["NOISE_STD"][0][peak], (of_g["NOISE_STD"][0] * (1 - kappa))[peak], rtol=0.1)


@pytest.mark.parametrize(("scatter", "mass"), [(2.0, 1e15), (0.01, 1e17)])
def test_neither_noise_nor_critical_curves_make_it_diverge(scatter, mass):
    """Noise beyond 1 in most pixels; and a cluster that no sky has, κ far beyond 1."""
    rng = np.random.default_rng(1)
    g = pixel_means(Halo(mass).ellipticity, SIDE, PIXEL, 4)
    g = g + scatter * (rng.standard_normal(g.shape) + 1j * rng.standard_normal(g.shape))
    found = iterate(g, plane_convergence(np.full(g.shape, scatter)))
    assert found.iterations < MOST
    assert np.all((found.factor >= 1 - KAPPA[1]) & (found.factor <= 1 - KAPPA[0]))
    steep = np.abs(g) > STEEPEST
    assert np.all(np.abs(1 - found.factor[steep]) <= KAPPA[1] * STEEPEST / np.abs(g[steep]) + 1e-9)
    assert bool(found.warnings()) == (mass > 1e16)


def test_without_mass_nothing_changes():
    found = iterate(np.zeros((8, 8), complex), plane_convergence(np.full((8, 8), 0.1)))
    assert np.all(found.factor == 1)


def test_on_the_sphere():
    """A cluster at the pole."""
    harmonics = Harmonics(64)
    distance = hp.pix2ang(64, np.arange(harmonics.pixels))[0]
    kappa = 0.3 * np.exp(-0.5 * (distance / np.radians(4)) ** 2)
    alm = harmonics.analysis(kappa)[0]
    alm[harmonics.ell < 2] = 0
    kappa, gamma = harmonics.synthesis(alm)[0], shear_from_convergence(harmonics, alm)
    found = iterate(gamma / (1 - kappa), sphere_convergence(harmonics, np.full(harmonics.pixels, 0.01)))
    assert found.iterations < 10
    np.testing.assert_allclose(1 - found.factor, kappa, atol=0.05 * kappa.max())


@pytest.mark.parametrize(
    ("arguments", "simulated", "reduced"),
    [([], False, True), (["--no-reduced-shear"], False, False), ([], True, False), (["--reduced-shear"], True, True)],
)
def test_the_command(cluster, checkpoint_folder, tmp_path, capsys, arguments, simulated, reduced):
    """Ellipticities of a survey are g, those of simulations γ, unless the user says otherwise; the file keeps them."""
    shear = binned(cluster[2], 0.01)
    path, output = tmp_path / "shear.fits", tmp_path / "kappa.fits"
    cards = wcs_header(tangent_wcs((10.0, 20.0), 2.34375, shear.shape))
    write_maps(path, shear_images(shear), cards, simulated=simulated, history=[])
    main(["map", str(path), "--prior", str(checkpoint_folder), "-o", str(output), *arguments])
    sentence = "ellipticities measure the reduced shear g: the maps are of g (1 - kappa)"
    assert (sentence in capsys.readouterr().err) == reduced
    with fits.open(output) as hdus:
        assert hdus[0].header.get("REDSHEAR", False) == reduced
        assert (sentence in " ".join(hdus[0].header["HISTORY"])) == reduced
        np.testing.assert_allclose(hdus["GAMMA1"].data, shear.gamma.real, rtol=1e-6)
        np.testing.assert_allclose(hdus["NOISE_STD"].data, 0.01)
