"""Images of many files read as one data set: contents, laziness, and every way in which shards can be wrong."""

import itertools

import h5py
import numpy as np
import pytest

from lofi.io import hdf5
from lofi.io import stack as stack_module
from lofi.io.stack import Stack, by_folder, read

BORDERS = (0, 4, 7, 11)
IMAGES = np.random.default_rng(3).random((11, 5, 6)).astype(np.float32)
RECORD = {"source": {"kind": "lognormal"}, "margin": 0}


def write(folder, number, first, stop, images=IMAGES, total=11, **changes):
    path = folder / f"{number:04d}.h5"
    record = RECORD | {"box": list(range(first, stop)), "shard": {"images": [first, total]}} | changes
    hdf5.write(path, record, images=images[first:stop])
    return path


@pytest.fixture
def paths(tmp_path):
    return [write(tmp_path / "train", i, *pair) for i, pair in enumerate(itertools.pairwise(BORDERS))]


def test_shards_are_one_sequence(paths):
    images = Stack(paths, "images")
    assert len(images) == 11
    assert (images.shape, images.dtype) == ((5, 6), np.float32)
    assert np.array_equal(images[:], IMAGES)
    assert np.array_equal(list(images), IMAGES)
    assert np.array_equal(images[3:9:2], IMAGES[3:9:2])
    assert np.array_equal(images[[7, 0, 7, 10]], IMAGES[[7, 0, 7, 10]])
    assert np.array_equal(images[np.int64(4)], IMAGES[4])
    assert np.array_equal(images[-1], IMAGES[-1])
    assert images[[]].shape == (0, 5, 6)
    for number in (11, -12):
        with pytest.raises(IndexError, match="has images 0 to 10"):
            images[number]


def test_the_record_is_that_of_the_whole(paths, tmp_path):
    record, images = read(paths, "images")
    assert np.array_equal(images, IMAGES)
    assert {key: record[key] for key in RECORD} == RECORD
    assert record["box"] == list(range(11))
    assert "shard" not in record
    whole = Stack([write(tmp_path / "one", 0, 0, 11)], "images").record
    assert whole.keys() == record.keys()
    other = IMAGES.copy()
    other[5, 0, 0] += 1
    paths[1] = write(tmp_path / "train", 1, 4, 7, other)
    assert Stack(paths, "images").record["fingerprint"] != record["fingerprint"]


def test_few_files_are_open_at_a_time(paths, monkeypatch):
    monkeypatch.setattr(stack_module, "OPEN_FILES", 1)
    images = Stack(paths, "images")
    assert np.array_equal(images[[0, 10, 0, 5, 0]], IMAGES[[0, 10, 0, 5, 0]])
    assert h5py.h5f.get_obj_count(types=h5py.h5f.OBJ_FILE) <= 1


def test_one_image_is_one_chunk(paths):
    with h5py.File(paths[0]) as file:
        assert file["images"].chunks == (1, 5, 6)
        assert file["images"].compression is None


def test_a_missing_shard_is_named(paths):
    paths[1].unlink()
    with pytest.raises(ValueError, match=r"train: the shard 0001\.h5 is missing$"):
        Stack(paths, "images")
    with pytest.raises(ValueError, match=r"missing between 0000\.h5 and 0002\.h5, images 4 to 6 of 11$"):
        Stack([paths[0], paths[2]], "images")
    with pytest.raises(ValueError, match=r"missing between 0000\.h5 and the end, images 4 to 10 of 11$"):
        Stack(paths[:1], "images")
    with pytest.raises(ValueError, match=r"missing between the beginning and 0002\.h5, images 0 to 6 of 11$"):
        Stack(paths[2:], "images")
    with pytest.raises(ValueError, match="no file with images"):
        Stack([], "images")


def test_shards_that_overlap_are_named(paths):
    with pytest.raises(ValueError, match=r"0001\.h5 and 0001\.h5 overlap, images 4 to 6 of 11 are there twice"):
        Stack([paths[0], paths[1], paths[1], paths[2]], "images")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": IMAGES.astype(float)}, r"shape \(5, 6\) float64, expected \(5, 6\) float32"),
        ({"images": IMAGES[:, :4]}, r"shape \(4, 6\) float32, expected"),
        ({"total": 12}, "images in all 12, expected 11"),
        ({"margin": 8}, "the margin 8, expected 0"),
        ({"extra": 1}, "the extra 1, expected None"),
    ],
)
def test_an_odd_shard_is_named(paths, tmp_path, change, message):
    write(tmp_path / "train", 1, 4, 7, **change)
    with pytest.raises(ValueError, match=rf"0001\.h5 does not belong with .*0000\.h5: .*{message}"):
        Stack(paths, "images")


def test_foreign_and_damaged_files_are_named(paths, tmp_path):
    hdf5.write(tmp_path / "old.h5", RECORD, images=IMAGES)
    with pytest.raises(ValueError, match=r"old\.h5 does not say which part"):
        Stack([tmp_path / "old.h5"], "images")
    content = paths[1].read_bytes()
    place = content.index(IMAGES[5].tobytes())
    images = Stack(paths, "images")
    paths[1].write_bytes(content[: place + 8] + bytes([content[place + 8] ^ 1]) + content[place + 9 :])
    with pytest.raises(ValueError, match=r"0001\.h5 is damaged at images 5"):
        images[5]
    assert np.array_equal(images[6], IMAGES[6])
    paths[1].write_bytes(content[:1000])
    with pytest.raises(ValueError, match=r"0001\.h5 cannot be read as HDF5"):
        Stack(paths, "images")


def test_files_are_grouped_by_their_folder(paths, tmp_path):
    other = write(tmp_path / "test", 0, 0, 11)
    assert by_folder([*paths, other]) == {"train": paths, "test": [other]}
    assert list(by_folder(map(str, [other, *paths]))) == ["test", "train"]
