"""The prior that ships on a real sky: the κTNG cut-out with noise and mask of COSMOS, in pixels of 0.29′."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from lofi.lensing.error_files import load_errors
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.mapping import load_lensing_model, map_shear
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.tangent_plane import tangent_wcs
from lofi.priors.shipped import find

FOLDER = Path(__file__).parents[3] / "../shared/data/lensing"
PIXEL = 300 / 1024  # arcmin


@pytest.mark.skipif(not (FOLDER / "ktng_cutout_360.fits").exists(), reason="the shared data are not here")
def test_the_network_beats_its_wiener_filter_on_ktng():
    """Its error is below what is published for DeepMass, 0.0218, and its Wiener filter's near the published 0.02246."""
    names = ("ktng_cutout_360", "cosmos_std1", "cosmos_std2", "cosmos_mask_360")
    kappa, *stds, mask = (fits.getdata(FOLDER / f"{name}.fits").astype(float) for name in names)
    rng, seen = np.random.default_rng(11), mask > 0
    first, second = (std * rng.standard_normal(std.shape) for std in stds)
    gamma = np.where(seen, shear_from_convergence(kappa) + first + 1j * second, 0.0)
    noise = np.where(seen, np.sqrt((stds[0] ** 2 + stds[1] ** 2) / 2), np.inf)
    binned = BinnedShear(gamma, noise, seen, None, None, PIXEL, tangent_wcs((150.0, 2.0), PIXEL, kappa.shape))
    model, record = load_lensing_model(find(None, "lensing"))
    bars, _ = load_errors(find(None, "lensing"), record)
    maps, _ = map_shear(binned, model, record, periodic=True, bars=bars)
    error = {name: (maps[name][0] - kappa)[seen].std() for name in ("KAPPA", "KAPPA_WIENER")}
    assert error["KAPPA_WIENER"] == pytest.approx(0.0225, rel=0.02)
    assert error["KAPPA"] < 0.0218
    low, high = (maps[name][0][seen] + kappa[seen].mean() for name in ("KAPPA_LO90", "KAPPA_HI90"))
    assert np.mean((kappa[seen] >= low) & (kappa[seen] <= high)) == pytest.approx(0.9, abs=0.04)  # of other skies' bars
    assert np.corrcoef(maps["KAPPA"][0][seen], kappa[seen])[0, 1] > 0.66
