"""Real surveys, where their data are present: COSMOS (HST/ACS) and a mock catalogue with its true convergence."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from lofi.mapping import map_observation

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "lensing"
COSMOS, MOCK = DATA / "cosmos_hst_catalogue.npz", DATA / "mice_like_catalogue_1deg.fits"


@pytest.mark.skipif(not COSMOS.exists(), reason="the COSMOS catalogue is not here")
def test_cosmos(checkpoint_folder, tmp_path, capsys):
    options = yaml.safe_load((ROOT / "config/observations/cosmos.yaml").read_text())["observations"]["cosmos"]
    output, figure = tmp_path / "cosmos.fits", tmp_path / "cosmos.png"
    map_observation(COSMOS, options, prior=checkpoint_folder, output=output, figure=figure)
    assert "looks wrong" not in capsys.readouterr().err
    with fits.open(output) as hdus:
        assert hdus[0].header["SIMULATD"] is False
        mask = hdus["MASK"].data.astype(bool)
        kappa, smoothed = hdus["KAPPA"].data[mask], hdus["KAPPA_SMOOTHED"].data[mask]
        assert WCS(hdus["KAPPA"].header).footprint_contains(_cosmos_centre())
        assert np.isfinite(kappa).all()
        assert hdus["COUNT"].data.sum() == pytest.approx(417117, rel=0.001)
    assert np.corrcoef(kappa, smoothed)[0, 1] > 0.6
    assert ((kappa - kappa.mean()) ** 3).mean() > 0  # mass is concentrated
    assert figure.stat().st_size > 10000
    map_observation(COSMOS, options | {"e2_sign": -1}, prior=checkpoint_folder, output=output)
    assert "the frame of e1, e2 looks wrong" in capsys.readouterr().err


def _cosmos_centre():
    from astropy.coordinates import SkyCoord

    return SkyCoord(150.12, 2.24, unit="deg")


@pytest.mark.skipif(not MOCK.exists(), reason="the mock catalogue is not here")
def test_a_mock_catalogue_against_its_truth(checkpoint_folder, tmp_path):
    galaxies = Table.read(MOCK)
    rng = np.random.default_rng(0)
    noisy = Table({name: np.asarray(galaxies[name], float) for name in ("ra", "dec")})
    for name in ("gamma1", "gamma2"):
        noisy[name] = galaxies[name] + 0.1 * rng.standard_normal(len(galaxies))
    noisy.write(tmp_path / "noisy.fits")
    columns = {"ra": "ra", "dec": "dec", "e1": "gamma1", "e2": "gamma2"}
    options = {"columns": columns, "e1_sign": -1, "max_ellipticity": 2.0}
    output = tmp_path / "kappa.fits"
    map_observation(tmp_path / "noisy.fits", options, prior=checkpoint_folder, output=output)
    with fits.open(output) as hdus:
        wcs, mask = WCS(hdus["KAPPA"].header), hdus["MASK"].data.astype(bool)
        maps = {name: hdus[name].data for name in ("KAPPA", "KAPPA_KS_E")}
    columns, rows = np.rint(wcs.all_world2pix(galaxies["ra"], galaxies["dec"], 0)).astype(int)
    total, count = np.zeros(mask.shape), np.zeros(mask.shape)
    np.add.at(total, (rows, columns), galaxies["kappa"])
    np.add.at(count, (rows, columns), 1)
    inside = mask & (count > 30)
    truth = total[inside] / count[inside]
    r = {name: np.corrcoef(image[inside], truth)[0, 1] for name, image in maps.items()}
    assert r["KAPPA"] > 0.5
    assert r["KAPPA"] > r["KAPPA_KS_E"]
