"""HEALPix maps in files."""

import numpy as np

from lofi.io import healpix


def test_one_pixel_is_a_map(tmp_path):
    seen = np.arange(48) == 5
    healpix.write(tmp_path / "one.fits", {"KAPPA": (np.ones(48), "")}, seen, simulated=True, history=[])
    assert np.array_equal(healpix.read(tmp_path / "one.fits")[1], seen)
