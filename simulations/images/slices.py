"""A folder of tomographic slices, of heads or whatever it holds, on one scale of values.

======================================  ======================================================================
NIfTI (`.nii`, `.nii.gz`)               axial slices of a volume from the feet up, patient's left to the right
DICOM (`.dcm`)                          Hounsfield units or whatever the rescale slope gives; frames in order
pictures (PNG, JPEG, FITS, npy, npz)    as of `lofi.data.pictures`
======================================  ======================================================================

Row 0 is the bottom row: the back of a patient who lies on it. NIfTI and DICOM need the extra `ct` (docs/data.md).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lofi.data.pictures import SUFFIXES, read_pictures
from lofi.data.resampling import averaged

VOLUMES, DICOM = (".nii", ".nii.gz"), (".dcm",)
TOLERANCE = 1e-3  # of the range, by which values may leave it


def read_slices(
    path: str | Path, numbers: Sequence[int], pixels: int, values: tuple[float, float], clip: bool = False
) -> np.ndarray:
    """The slices of these `numbers`, counted from 0 in the order of the files' names and within each file.

    Parameters
    ----------
    path : folder or file. numbers : sequence of whole numbers, at least 0.
    pixels : on a side of what is returned; the largest central square of each slice is averaged down to it.
    values : (low, high), what becomes 0 and 1, in the unit of the files.
    clip : cut values off at both ends, as a window does; else values outside are refused.

    Returns
    -------
    float32 (N, pixels, pixels), 0 to 1.

    Raises FileNotFoundError without a slice; ValueError, one sentence, for what cannot be read, is smaller than
    `pixels`, constant, not finite or outside `values`, and if there are fewer slices than asked for.
    """
    low, high = values
    if not low < high:
        raise ValueError(
            f"values are {list(values)}; expected two increasing numbers: what becomes 0, and what becomes 1"
        )
    slices, last, found = {}, max(numbers), 0
    for file in _files(Path(path)):
        for image in _read(file) if found <= last else ():
            if found in numbers:
                slices[found] = _prepared(image, f"'{file}', slice {found} of the folder", pixels, (low, high), clip)
            found += 1
    if last >= found:
        raise ValueError(f"'{path}' holds {found} slices, 0 to {found - 1}; asked for {last}")
    return np.stack([slices[number] for number in numbers]).astype(np.float32)


def _files(path):
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder '{path}' with slices")
    endings = (*VOLUMES, *DICOM, *SUFFIXES)
    candidates = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in candidates if file.name.lower().endswith(endings) and not file.name.startswith(".")]
    if not files:
        raise FileNotFoundError(f"there is no slice in '{path}'; expected {', '.join(endings)}")
    return files


def _read(file):
    name = file.name.lower()
    return (
        _read_nifti(file)
        if name.endswith(VOLUMES)
        else _read_dicom(file)
        if name.endswith(DICOM)
        else read_pictures(file)
    )


def _read_nifti(file):
    try:
        import nibabel
    except ImportError as error:
        raise ValueError(f"'{file}' needs nibabel: pip install 'lofi-maps[ct]'") from error
    try:
        volume = np.asarray(nibabel.as_closest_canonical(nibabel.load(file)).dataobj, dtype=np.float32)
    except (OSError, EOFError, ValueError, nibabel.filebasedimages.ImageFileError) as error:
        raise ValueError(f"'{file}' cannot be read as NIfTI (truncated, or not NIfTI): {error}") from error
    if volume.ndim != 3:
        raise ValueError(f"'{file}' has the shape {volume.shape}; expected a volume with three axes")
    return volume[::-1].transpose(2, 1, 0)  # axes right, front, up → (up, front, left)


def _read_dicom(file):
    try:
        import pydicom
    except ImportError as error:
        raise ValueError(f"'{file}' needs pydicom: pip install 'lofi-maps[ct]'") from error
    try:
        record = pydicom.dcmread(file)
        frames = record.pixel_array.astype(np.float32)
    except (OSError, EOFError, ValueError, AttributeError, RuntimeError, pydicom.errors.InvalidDicomError) as error:
        raise ValueError(f"'{file}' cannot be read as DICOM (truncated, or not DICOM): {error}") from error
    frames = frames * float(record.get("RescaleSlope", 1)) + float(record.get("RescaleIntercept", 0))
    return (frames[None] if frames.ndim == 2 else frames)[:, ::-1]


def _prepared(image, name, pixels, values, clip):
    side, (low, high) = min(image.shape), values
    if side < pixels:
        raise ValueError(f"{name} has {image.shape[0]} × {image.shape[1]} pixels; expected at least {pixels} each way")
    lowest, highest = float(image.min()), float(image.max())
    margin = TOLERANCE * (high - low)
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        raise ValueError(f"{name} has pixels that are NaN or inf; expected finite values")
    if not clip and not (low - margin <= lowest and highest <= high + margin):
        raise ValueError(
            f"{name} has values from {lowest:g} to {highest:g}; expected {low:g} to {high:g} (or clip: true)"
        )
    scaled = ((np.asarray(image, np.float64) - low) / (high - low)).clip(0, 1)
    if scaled.max() == scaled.min():
        raise ValueError(f"{name} is the same everywhere within {low:g} to {high:g}")
    return averaged(scaled, [(length - side) / 2 for length in image.shape], side, pixels)
