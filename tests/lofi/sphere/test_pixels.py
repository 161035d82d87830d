"""HEALPix pixels: their size, and the frame that galaxies are averaged in."""

import healpy as hp
import numpy as np
import pytest

from lofi.lensing.catalogue import ShearCatalogue
from lofi.sphere.pixels import nside_of, pixel_arcmin
from lofi.sphere.shear_map import bin_shear


def test_pixels_have_a_size():
    assert nside_of(pixel_arcmin(1024)) == 1024
    assert pixel_arcmin(512) == pytest.approx(hp.nside2resol(512, arcmin=True))


def test_ellipticities_are_turned_to_the_meridian_of_the_pixel():
    """Galaxies along one arc near the pole, all lying along it: their mean in a pixel is not diluted."""

    ra, dec = np.array([0.0, 120.0, 240.0]), np.array([89.9, 89.9, 89.9])
    along = np.exp(2j * np.radians(ra))  # a line through all three frames that is one in the plane
    made = bin_shear(ShearCatalogue(ra, dec, along.real, along.imag, np.ones(3)), 4)
    pixels = hp.ang2pix(4, ra, dec, lonlat=True)
    centre = hp.pix2ang(4, pixels, lonlat=True)[0]
    expected = np.exp(2j * np.radians(centre))
    assert np.allclose(made.gamma[pixels], expected, atol=0.05)  # pixels of 15 degrees
