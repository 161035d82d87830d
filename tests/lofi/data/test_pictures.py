"""Readers of pictures: formats, orientation, order, refusals; and their cleaning."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from lofi.data.pictures import read_pictures, read_truth
from lofi.data.pictures_cleaning import cleaned
from lofi.seeds import stream

DATA = Path(__file__).parents[3].parent / "shared/data"


@pytest.fixture
def image():
    return stream("pictures", "image").integers(1, 255, (20, 24)).astype(np.uint8)


def write_fits(path, data):
    fits.PrimaryHDU(np.asarray(data)).writeto(path)
    return path


def test_every_format_gives_the_same_picture_with_row_0_at_the_bottom(tmp_path, image):
    write_fits(tmp_path / "a.fits", image.astype(np.float32)[None, None])
    np.save(tmp_path / "b.npy", image)
    np.savez(tmp_path / "c.npz", images=image[None])
    Image.fromarray(image[::-1]).save(tmp_path / "d.png")
    Image.fromarray(np.repeat(image[::-1, :, None], 3, axis=2)).save(tmp_path / "e.png")
    opaque = np.full((*image.shape, 1), 255, np.uint8)
    Image.fromarray(np.dstack([image[::-1]] * 3 + [opaque])).save(tmp_path / "f.png")
    (tmp_path / "notes.txt").write_text("no picture")
    pictures = read_pictures(tmp_path)
    assert len(pictures) == 6
    for picture in pictures:
        assert picture.dtype == np.float64
        assert (picture == image).all()


def test_colours_are_averaged_and_jpeg_is_read(tmp_path, image):
    Image.fromarray(np.dstack([image, image // 2, np.zeros_like(image)])).save(tmp_path / "colour.png")
    assert read_pictures(tmp_path)[0][::-1] == pytest.approx((image + image // 2.0) / 3)
    smooth = np.add.outer(np.arange(64), 2 * np.arange(64)).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "smooth.jpg", quality=95)
    assert read_pictures(tmp_path / "smooth.jpg")[0][::-1] == pytest.approx(smooth, abs=8)


def test_pictures_come_in_the_order_of_their_names(tmp_path):
    for number in (3, 1, 2):
        np.save(tmp_path / f"{number}.npy", np.full((4, 4), number))
    assert [picture[0, 0] for picture in read_pictures(tmp_path)] == [1, 2, 3]


def test_pictures_are_averaged_to_the_pixels_asked_for(tmp_path, image):
    np.save(tmp_path / "a.npy", image)
    (picture,) = read_pictures(tmp_path, pixels=10)
    assert picture == pytest.approx(image[:, 2:22].astype(float).reshape(10, 2, 10, 2).mean((1, 3)))
    with pytest.raises(ValueError, match="at least 30 each way"):
        read_pictures(tmp_path, pixels=30)


def test_images_of_an_npz_are_chosen_by_source(tmp_path):
    path = tmp_path / "many.npz"
    np.savez(path, images=np.arange(1, 5)[:, None, None] * np.ones((4, 6, 6)), source=["x", "y", "x", "z"])
    assert [p[0, 0] for p in read_pictures(path)] == [1, 2, 3, 4]
    assert [p[0, 0] for p in read_pictures(path, source="x")] == [1, 3]
    assert [p[0, 0] for p in read_pictures(path, source=["x", "z"])] == [1, 3, 4]
    with pytest.raises(ValueError, match="no image whose source is w; found x, y, z"):
        read_pictures(path, source="w")


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        read_pictures(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="no picture in the folder"):
        read_pictures(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no image"):
        read_truth(tmp_path / "nowhere.fits")
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(ValueError, match="none of the known formats"):
        read_pictures(tmp_path / "notes.txt")


BAD = {
    "NaN or inf": np.array([[1.0, np.nan], [0, 1]]),
    "two axes": np.ones((2, 3, 4)),
    "no positive pixel": np.zeros((4, 4)),
    "its peak is -1": -np.ones((4, 4)),
    "real numbers": np.ones((4, 4), complex),
}


@pytest.mark.parametrize("message", BAD)
def test_arrays_that_are_no_pictures_are_refused(tmp_path, message):
    np.save(tmp_path / "bad.npy", BAD[message])
    with pytest.raises(ValueError, match=message):
        read_pictures(tmp_path)


@pytest.mark.parametrize("name", ["a.fits", "a.npy", "a.npz", "a.png", "a.jpg"])
@pytest.mark.parametrize("kept", [0, 60])
def test_damaged_files_are_named(tmp_path, name, kept):
    whole = b"".join([b"not what it says " * 10])
    (tmp_path / name).write_bytes(whole[:kept])
    with pytest.raises(ValueError, match=f"{name}' cannot be read"):
        read_pictures(tmp_path)


def test_a_truncated_fits_file_is_refused(tmp_path):
    path = write_fits(tmp_path / "whole.fits", np.ones((60, 60)))
    (tmp_path / "part.fits").write_bytes(path.read_bytes()[:9000])
    with pytest.raises(ValueError, match="truncated"):
        read_truth(tmp_path / "part.fits")


def test_an_npz_needs_images(tmp_path):
    np.savez(tmp_path / "a.npz", other=np.ones(3))
    with pytest.raises(ValueError, match="'images' is missing"):
        read_pictures(tmp_path)
    np.savez(tmp_path / "a.npz", images=np.ones((3, 3)))
    with pytest.raises(ValueError, match="has the shape"):
        read_pictures(tmp_path)
    np.savez(tmp_path / "a.npz", images=np.ones((3, 3, 3)))
    with pytest.raises(ValueError, match="no array 'source'"):
        read_pictures(tmp_path, source="x")


def test_truth_is_read_as_stored_and_is_positive(tmp_path, image):
    sky = image.astype(np.float64) + 1.0
    assert (read_truth(write_fits(tmp_path / "a.fits", sky[None])) == sky).all()
    sky[3, 4] = -1e-6  # rounding
    assert read_truth(write_fits(tmp_path / "b.fits", sky))[3, 4] == 0
    sky[3, 4] = -1.0
    with pytest.warns(UserWarning, match="negative pixels"):
        truth = read_truth(write_fits(tmp_path / "c.fits", sky))
    assert truth.min() == 0


def test_truth_must_have_two_axes_and_be_finite(tmp_path):
    with pytest.raises(ValueError, match=r"has the shape \(2, 8, 8\)"):
        read_truth(write_fits(tmp_path / "a.fits", np.ones((2, 8, 8))))
    with pytest.raises(ValueError, match="NaN or inf"):
        read_truth(write_fits(tmp_path / "b.fits", np.full((8, 8), np.nan)))
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([])]).writeto(tmp_path / "c.fits")
    with pytest.raises(ValueError, match="holds no image"):
        read_truth(tmp_path / "c.fits")


def noisy_galaxy(noise):
    y, x = np.mgrid[:64, :64] - 31.5
    galaxy = 100 * np.exp(-np.hypot(x, 1.5 * y) / 6)
    return galaxy, galaxy + 20 + noise * stream("pictures", "noise").standard_normal(galaxy.shape)


def test_cleaning_empties_the_sky_and_keeps_the_galaxy():
    galaxy, picture = noisy_galaxy(2.0)
    clean = cleaned(picture)
    assert clean.dtype == np.float32
    assert clean.min() == 0
    assert clean.max() == 1
    assert (clean[:8] == 0).all()
    assert np.corrcoef(clean.ravel(), galaxy.ravel())[0, 1] > 0.98
    before, after = (
        picture - 20 - galaxy,
        clean * galaxy.max() * (clean.ravel() @ galaxy.ravel()) / (galaxy.max() * (clean.ravel() @ clean.ravel()))
        - galaxy,
    )
    outer = galaxy < 20
    assert after[outer].std() < 0.5 * before[outer].std()
    assert (cleaned(picture) == clean).all()


def test_a_picture_without_noise_keeps_its_shape():
    galaxy, picture = noisy_galaxy(0.0)
    assert np.corrcoef(cleaned(picture).ravel(), galaxy.ravel())[0, 1] > 0.98


def test_pictures_without_a_source_are_refused():
    with pytest.raises(ValueError, match="stands out"):
        cleaned(np.ones((32, 32)))
    with pytest.raises(ValueError, match="stands out"):
        cleaned(stream("pictures", "empty").standard_normal((64, 64)))
    with pytest.raises(ValueError, match="at least 16 × 16"):
        cleaned(np.ones((8, 8)))


@pytest.mark.parametrize("name", ["m31", "30dor", "cluster"])
def test_real_skies_are_read(name):
    path = DATA / f"radio/{name}.fits"
    if not path.exists():
        pytest.skip("real radio images are not here")
    truth = read_truth(path)
    assert truth.ndim == 2
    assert truth.min() >= 0
