"""Photographs: the packaged ones, a folder's, and their observation."""

import numpy as np
import pytest
from PIL import Image

from lofi.seeds import stream
from simulations.images.photographs import numbered, photographs, read_grey, read_photograph
from simulations.photography import PhotographyObservation


def test_ten_colour_pictures_and_six_grey_ones_come_with_the_libraries():
    files = photographs()
    assert len(files) == len(set(files)) == 16
    for path in files:
        grey = read_grey(path)
        assert grey.dtype == np.float32
        assert min(grey.shape) >= 300
        assert 0 <= grey.min() < grey.max() <= 1
    for path in files[:10]:
        picture = read_photograph(path, 24)
        assert picture.shape == (3, 24, 24)
        assert picture.dtype == np.float32
        assert 0 <= picture.min() < picture.max() <= 1
        assert np.ptp(picture, axis=0).max() > 0.02  # not grey


def test_a_photograph_is_its_central_square_with_row_0_at_the_bottom(tmp_path):
    values = np.zeros((40, 60, 3), dtype=np.uint8)
    values[:20, 10:50, 0] = 255  # the upper half of the central square is red
    values[20:, 10:50, 2] = 255
    values[:, :10] = values[:, 50:] = 255  # outside it
    Image.fromarray(values).save(tmp_path / "a.png")
    picture = read_photograph(tmp_path / "a.png", 40)
    np.testing.assert_array_equal(picture[:, 0], np.repeat([[0], [0], [1]], 40, axis=1))
    np.testing.assert_array_equal(picture[:, -1], np.repeat([[1], [0], [0]], 40, axis=1))


def test_grey_is_the_luminance_row_0_at_the_bottom(tmp_path):
    values = np.zeros((4, 6, 3), dtype=np.uint8)
    values[0] = [0, 255, 0]
    Image.fromarray(values).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_grey(tmp_path / "a.png"), np.outer([0, 0, 0, 0.587], np.ones(6)), atol=0.002)
    np.testing.assert_allclose(read_grey(tmp_path / "a.png", 4)[-1], 0.587, atol=0.002)


def test_photographs_by_name_and_number(tmp_path):
    chosen = photographs(names=["camera", "rocket"])
    assert [path.name for path in chosen] == ["camera.png", "rocket.jpg"]
    assert numbered([1, 1], names=["camera", "rocket"]) == chosen[1:]
    with pytest.raises(ValueError, match="there are 0 photographs called 'moon'; expected one name out of chelsea"):
        photographs(names=["moon"])
    for name in ("a.png", "a.jpg"):
        Image.new("L", (4, 4)).save(tmp_path / name)
    with pytest.raises(ValueError, match="there are 2 photographs called 'a'"):
        photographs(tmp_path, ["a"])
    with pytest.raises(ValueError, match="holds 2 photographs, 0 to 1; asked for 1 to 2"):
        numbered([1, 2], tmp_path)


def test_shrinking_keeps_the_mean_and_enlarging_is_smooth(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (120, 120, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    small, large = (read_photograph(tmp_path / "noise.png", pixels) for pixels in (20, 240))
    assert small.mean() == pytest.approx(noise.mean() / 255, abs=0.005)
    assert small.std() < 0.35 * noise.std() / 255  # low-passed, not every sixth pixel
    assert np.abs(np.diff(large, axis=-1)).mean() < 0.7 * np.abs(np.diff(noise.astype(float), axis=1)).mean() / 255


def test_a_folder_in_the_order_of_names(tmp_path):
    for name in ("b.png", "a.JPG", "notes.txt", ".hidden.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / name, format="PNG")
    assert [path.name for path in photographs(tmp_path)] == ["a.JPG", "b.png"]
    with pytest.raises(FileNotFoundError, match="there is no photograph in"):
        photographs(tmp_path / "empty")


def test_what_is_no_photograph_is_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ValueError, match=r"broken.png' cannot be read as a PNG or JPEG photograph"):
        read_photograph(tmp_path / "broken.png", 16)


def test_the_noise_has_its_level_in_every_colour_and_a_stream_of_its_own():
    observation, pictures = PhotographyObservation(0.15), np.full((3, 3, 100, 100), 0.5, np.float32)
    observed, truth = observation.observe_all(pictures, "noise", first=4)
    noise = observed - truth
    assert observed.dtype == truth.dtype == np.float32
    np.testing.assert_allclose(noise.std((2, 3)), 0.15, rtol=0.03)
    np.testing.assert_allclose(np.corrcoef(noise.reshape(9, -1)), np.eye(9), atol=0.05)
    assert observed.min() < 0  # not cut off
    np.testing.assert_array_equal(observed[1], observation.observe(pictures[1], stream("noise", 5))[0])
    many, _ = observation.observe_many(pictures, [2, 0, 1], "step", places=[3, 5, 7])
    np.testing.assert_array_equal(many[1], observation.observe(pictures[0], stream("step", 5))[0])


def test_a_level_that_is_none():
    with pytest.raises(ValueError, match="sigma is 0; expected a positive number"):
        PhotographyObservation(0)
