import numpy as np
import pytest
from astropy.io import fits

from simulations.skies import skies


def test_simulated_galaxies_are_named_as_such():
    images, kinds, simulated, description = skies({"source": "galaxies", "images": 2}, 32, "test")
    assert images.shape == (2, 32, 32)
    assert len(kinds) == 2
    assert simulated
    assert "stand-in" in description
    more, *_ = skies({"source": "galaxies", "images": 3}, 32, "test")
    np.testing.assert_array_equal(more[:2], images)  # another image changes no other


def test_an_image_of_a_file_is_averaged_to_the_grid(tmp_path):
    sky = np.random.default_rng(0).random((1, 1, 32, 32)).astype(np.float32)
    fits.writeto(tmp_path / "sky.fits", sky)
    images, _, simulated, _ = skies({"file": str(tmp_path / "sky.fits")}, 16, "test")
    expected = sky[0, 0].astype(float).reshape(16, 2, 16, 2).mean((1, 3))
    np.testing.assert_allclose(images[0], expected / expected.max(), rtol=1e-6)
    assert not simulated


@pytest.mark.parametrize(
    ("shape", "pixels", "message"),
    [((16, 16), 32, "expected a square of at least 32"), ((16, 24), 16, "16 × 24"), ((2, 16, 16), 16, "16")],
)
def test_an_image_that_does_not_fit_is_refused(tmp_path, shape, pixels, message):
    fits.writeto(tmp_path / "sky.fits", np.ones(shape, np.float32))
    with pytest.raises(ValueError, match=message):
        skies({"file": str(tmp_path / "sky.fits")}, pixels, "test")


def test_too_few_pictures_are_refused(tmp_path):
    np.save(tmp_path / "one.npy", np.random.default_rng(0).random((64, 64)) + np.eye(64))
    with pytest.raises(ValueError, match="holds pictures 0 to 0; asked for 0 to 1"):
        skies({"pictures": str(tmp_path), "numbers": [0, 1]}, 32, "test")
