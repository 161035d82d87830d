"""Real and realistic catalogues: the signs that give E modes, and the true mass."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from scipy.ndimage import gaussian_filter

from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.eb_diagnostics import eb_check, smoothed_modes
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map import bin_shear, rebin
from lofi.lensing.shear_map_files import read_shear_map
from lofi.lensing.tangent_plane import field_wcs
from simulations.images.ktng import pixelise, read_map

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "lensing"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data sets for checks are not here")

COSMOS_COLUMNS = {
    "ra": {"name": "ra", "scale": "pos_scale", "offset": "ra0"},
    "dec": {"name": "dec", "scale": "pos_scale", "offset": "dec0"},
    "e1": {"name": "e1", "scale": "e_scale"},
    "e2": {"name": "e2", "scale": "e_scale"},
    "weight": {"name": "w", "scale": "w_scale"},
}
COSMOS_MAP = {"pixel_arcmin": 0.5, "centre": (150.1161025, 2.247490268), "x_axis": "east", "sigma_e": 0.299}


@pytest.fixture(scope="module")
def cosmos():
    # KSB ellipticities exceed 1 in 3650 of the galaxies.
    return read_catalogue(
        open_shear(DATA / "cosmos_hst_catalogue.npz"), CatalogueOptions(COSMOS_COLUMNS, max_ellipticity=1.5)
    )


def test_cosmos_shear_is_given_against_west_and_north(cosmos):
    wcs, shape = field_wcs(cosmos.ra, cosmos.dec, 1.0)
    binned = bin_shear(cosmos, wcs, shape)
    assert binned.count.sum() == len(cosmos) == 417117
    assert binned.sigma_e == pytest.approx(0.295, abs=0.002)
    check = eb_check(binned, 2.0)
    assert check.ratio == pytest.approx(1.84, abs=0.1)
    assert check.ratio_flipped == pytest.approx(1.15, abs=0.1)
    assert check.skewness > 0.3
    assert not check.suspicious


def test_cosmos_map_and_catalogue_agree(cosmos):
    binned = read_shear_map(open_shear(DATA / "cosmos_hst_binned_0p5arcmin.fits"), e2_sign=1, **COSMOS_MAP)
    direct = bin_shear(cosmos, binned.wcs, binned.shape)
    both = binned.mask & direct.mask
    for part in (np.real, np.imag):
        assert np.corrcoef(part(binned.gamma)[both], part(direct.gamma)[both])[0, 1] > 0.95
    assert np.median(direct.noise_std[both] / binned.noise_std[both]) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(("e2_sign", "suspicious"), [(1, False), (-1, True)])
def test_cosmos_map_tells_the_wrong_sign(e2_sign, suspicious):
    binned = read_shear_map(open_shear(DATA / "cosmos_hst_binned_0p5arcmin.fits"), e2_sign=e2_sign, **COSMOS_MAP)
    check = eb_check(rebin(binned, 2), 2.0)
    assert check.suspicious == suspicious
    assert max(check.ratio, check.ratio_flipped) == pytest.approx(1.75, abs=0.1)


@pytest.mark.parametrize(("e1_sign", "e2_sign"), [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_mock_shear_gives_its_own_convergence(e1_sign, e2_sign):
    path = DATA / "mice_like_catalogue_1deg.fits"
    columns = {"ra": "ra", "dec": "dec", "e1": "gamma1", "e2": "gamma2"}
    catalogue = read_catalogue(open_shear(path), CatalogueOptions(columns, e1_sign=e1_sign, e2_sign=e2_sign))
    wcs, shape = field_wcs(catalogue.ra, catalogue.dec, 1.0)
    binned = bin_shear(catalogue, wcs, shape)
    x, y = (np.rint(values).astype(int) for values in wcs.all_world2pix(catalogue.ra, catalogue.dec, 0))
    truth = np.zeros(shape)
    np.add.at(truth, (y, x), fits.getdata(path, 1)["kappa"] / binned.count[y, x])
    truth = gaussian_filter(np.where(binned.mask, truth - truth[binned.mask].mean(), 0.0), 1.0, mode="constant")
    e_mode, b_mode = smoothed_modes(binned.gamma, binned.mask, 1.0)
    correlation = np.corrcoef(e_mode[binned.mask], truth[binned.mask])[0, 1]
    # The mock's shear has the opposite overall sign in the (East, North) frame.
    expected = {(-1, 1): 0.94, (1, -1): -0.94}.get((e1_sign, e2_sign))
    if expected:
        assert correlation == pytest.approx(expected, abs=0.01)
        assert abs(np.corrcoef(b_mode[binned.mask], truth[binned.mask])[0, 1]) < 0.1
        assert eb_check(binned, 1.0).ratio > 10
    else:
        assert abs(correlation) < 0.3
        assert eb_check(binned, 1.0).suspicious


def test_ktng_cutout():
    kappa = read_map(DATA / "ktng_cutout_360.fits", 20, size=360)
    image = pixelise(kappa, 45)
    assert image.std() == pytest.approx(0.018, abs=0.001)
    assert image.mean() == pytest.approx(0.0, abs=1e-12)
