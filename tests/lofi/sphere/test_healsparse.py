"""Maps of the sphere in healsparse files are those of HEALPix tables."""

import healpy as hp
import numpy as np
import pytest
from astropy.io import fits

from lofi.io import healpix, healsparse_map
from lofi.lensing.shear_file import HEALPIX_MAP, open_shear
from lofi.seeds import stream
from lofi.sphere.shear_map import SphereShear, read_shear, shear_columns

healsparse = pytest.importorskip("healsparse")
NSIDE = 64


@pytest.fixture
def shear():
    rng, pixels = stream("healsparse", "shear"), 12 * NSIDE**2
    seen = hp.pix2ang(NSIDE, np.arange(pixels), lonlat=True)[1] > 40
    gamma = np.where(seen, 0.1 * (rng.standard_normal(pixels) + 1j * rng.standard_normal(pixels)), 0)
    return SphereShear(gamma, np.where(seen, 0.05 + 0.01 * rng.random(pixels), np.inf), NSIDE)


def test_a_map_is_read_back_as_from_a_table(shear, tmp_path):
    columns, cards = shear_columns(shear)
    options = {"simulated": True, "history": ["one line"], "cards": cards}
    found = []
    for path, write in ((tmp_path / "a.fits", healpix.write), (tmp_path / "a.hsp", healsparse_map.write)):
        write(path, columns, shear.seen, **options)
        file = open_shear(path)
        assert file.kind == HEALPIX_MAP
        assert file.simulated
        found.append(read_shear(file))
    np.testing.assert_array_equal(found[1].gamma, found[0].gamma)
    np.testing.assert_array_equal(found[1].noise_std, found[0].noise_std)
    np.testing.assert_allclose(found[1].gamma, shear.gamma, atol=1e-7)
    assert "one line" in str(fits.getheader(tmp_path / "a.hsp", "SPARSE")["HISTORY"])


def test_a_map_of_one_field_is_refused(tmp_path):
    sparse = healsparse.HealSparseMap.make_empty(8, NSIDE, dtype=np.float32)
    sparse[10:20] = np.float32(1)
    sparse.write(str(tmp_path / "a.hsp"))
    with pytest.raises(ValueError, match=r"a\.hsp' is a healsparse map of one field"):
        read_shear(open_shear(tmp_path / "a.hsp"))
