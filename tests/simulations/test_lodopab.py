import h5py
import numpy as np
import pytest

from simulations.images.lodopab import read_lodopab


@pytest.fixture
def folder(tmp_path):
    """Two training files of 3 and 2 slices and a test file; slice i has the value (i + 1)/10 in its left half."""
    for part, number, levels in (("train", 0, (1, 2, 3)), ("train", 1, (4, 5)), ("test", 0, (9,))):
        data = np.zeros((len(levels), 362, 362), np.float32)
        data[:, :, :181] = np.array(levels)[:, None, None] / 10
        write(tmp_path, part, number, data)
    return tmp_path


def write(folder, part, number, data, key="data"):
    with h5py.File(folder / f"ground_truth_{part}_{number:03d}.hdf5", "w") as file:
        file[key] = data


def test_slices_are_numbered_over_the_files_of_a_part_and_averaged(folder):
    images = read_lodopab(folder, "train", [0, 2, 3, 4], 64)
    assert images.shape == (4, 64, 64)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images[:, 5, 3], [0.1, 0.3, 0.4, 0.5], rtol=1e-6)
    np.testing.assert_allclose(images.mean((1, 2)), [0.05, 0.15, 0.2, 0.25], rtol=1e-5)
    assert images[:, :, 40:].max() == 0
    np.testing.assert_allclose(read_lodopab(folder, "test", [0], 362)[0, 0, 0], 0.9)


MISTAKES = {
    "no file": ({}, "validation", 0, "there is no file ground_truth_validation"),
    "too few": ({}, "train", 5, "holds 5 slices of the part train, 0 to 4; asked for 5"),
    "part": ({}, "all", 0, "part is 'all'"),
    "key": ({"key": "images"}, "train", 5, "no data set 'data'; it holds images"),
    "shape": ({"data": np.ones((2, 128, 128))}, "train", 5, r"shape \(2, 128, 128\); expected \(slices, 362, 362\)"),
    "range": ({"data": np.full((2, 362, 362), 1200.0)}, "train", 5, "values from 1200 to 1200; expected 0 to 1"),
    "nan": ({"data": np.full((2, 362, 362), np.nan)}, "train", 5, "values from nan to nan"),
    "empty": ({"data": np.zeros((2, 362, 362))}, "train", 5, "is 0 everywhere"),
}


@pytest.mark.parametrize(("change", "part", "number", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_one_sentence(folder, change, part, number, message):
    if change:
        write(folder, "train", 2, **{"data": np.ones((2, 362, 362)), **change})
    with pytest.raises((ValueError, FileNotFoundError), match=message) as caught:
        read_lodopab(folder, part, [number], 64)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_is_named(folder):
    (folder / "ground_truth_train_001.hdf5").write_bytes(b"not HDF5")
    with pytest.raises(ValueError, match=r"ground_truth_train_001\.hdf5' cannot be read"):
        read_lodopab(folder, "train", [0], 64)
