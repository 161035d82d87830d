import sys

import numpy as np
import pytest
from PIL import Image

from simulations.images.slices import read_slices

RAMP = np.add.outer(np.arange(64.0), np.zeros(64)) * 1000 / 63  # 0 in row 0 to 1000


def test_pictures_are_cut_square_averaged_and_scaled(tmp_path):
    np.save(tmp_path / "a.npy", np.pad(RAMP, ((0, 0), (10, 10)), constant_values=500.0))
    Image.fromarray((RAMP[::-1] * 0.255).round().astype(np.uint8)).save(tmp_path / "b.png")
    (tmp_path / "notes.txt").write_text("not a slice")
    first = read_slices(tmp_path, [0], 32, (0, 1000), clip=True)
    np.testing.assert_allclose(first[0], (RAMP / 1000).reshape(32, 2, 32, 2).mean((1, 3)), atol=1e-6)
    second = read_slices(tmp_path, [1], 32, (0, 255), clip=True)
    np.testing.assert_allclose(second, first, atol=0.003)


def test_a_window_cuts_off_and_a_range_refuses(tmp_path):
    np.save(tmp_path / "a.npy", RAMP)
    image = read_slices(tmp_path, [0], 64, (250, 750), clip=True)[0]
    assert image.min() == 0
    assert image.max() == 1
    with pytest.raises(ValueError, match="values from 0 to 1000; expected 250 to 750"):
        read_slices(tmp_path, [0], 64, (250, 750))
    with pytest.raises(ValueError, match="same everywhere within 2000 to 3000"):
        read_slices(tmp_path, [0], 64, (2000, 3000), clip=True)


def test_nifti_volumes_are_cut_across_the_body(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    volume = np.zeros((40, 40, 3), np.float32)  # left to right, back to front, feet to head
    volume[:, 35:, :], volume[:5, :, :] = 1.0, 0.5  # the front, the patient's left
    volume *= np.array([1, 2, 3])
    nibabel.save(nibabel.Nifti1Image(volume[::-1], np.diag([-1.0, 1, 1, 1])), tmp_path / "head.nii.gz")
    images = read_slices(tmp_path / "head.nii.gz", [0, 2], 40, (0, 3))
    np.testing.assert_allclose(images[1], 3 * images[0], rtol=1e-5)
    assert images[1][20, 0] == 0
    assert images[1][20, 39] == 0.5  # the patient's left lies right
    assert images[1][39, 20] == 1.0  # the front on top, in the last row
    (tmp_path / "broken.nii").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="cannot be read as NIfTI"):
        read_slices(tmp_path / "broken.nii", [0], 40, (0, 3))


def test_dicom_is_read_in_hounsfield_units(tmp_path):
    pydicom = pytest.importorskip("pydicom")
    record = pydicom.Dataset()
    record.file_meta = pydicom.dataset.FileMetaDataset()
    record.file_meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    record.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    record.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    record.Rows, record.Columns, record.BitsAllocated, record.BitsStored, record.HighBit = 64, 64, 16, 16, 15
    record.SamplesPerPixel, record.PhotometricInterpretation, record.PixelRepresentation = 1, "MONOCHROME2", 0
    record.RescaleSlope, record.RescaleIntercept = 2, -1000
    record.PixelData = RAMP[::-1].round().astype(np.uint16).tobytes()
    record.save_as(tmp_path / "slice.dcm", enforce_file_format=True)
    image = read_slices(tmp_path, [0], 64, (-1000, 1000))[0]
    np.testing.assert_allclose(image, RAMP / 1000, atol=1e-3)
    (tmp_path / "slice.dcm").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="cannot be read as DICOM"):
        read_slices(tmp_path, [0], 64, (-1000, 1000))


def test_what_reads_a_format_is_named_where_it_is_missing(tmp_path, monkeypatch):
    (tmp_path / "head.nii").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(ValueError, match="needs nibabel: pip install"):
        read_slices(tmp_path, [0], 40, (0, 1))


def test_mistakes_are_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file or folder"):
        read_slices(tmp_path / "none", [0], 32, (0, 1))
    with pytest.raises(FileNotFoundError, match="there is no slice"):
        read_slices(tmp_path, [0], 32, (0, 1))
    np.save(tmp_path / "a.npy", RAMP)
    with pytest.raises(ValueError, match="holds 1 slices, 0 to 0; asked for 3"):
        read_slices(tmp_path, [0, 3], 32, (0, 1000))
    with pytest.raises(ValueError, match="64 × 64 pixels; expected at least 128"):
        read_slices(tmp_path, [0], 128, (0, 1000))
    with pytest.raises(ValueError, match="values are"):
        read_slices(tmp_path, [0], 32, (1, 1))
