"""Visibilities of a file of any supported format."""

from pathlib import Path

from lofi.radio.visibilities.npz import read_npz
from lofi.radio.visibilities.uvfits import read_uvfits

READERS = {".npz": read_npz, ".uvfits": read_uvfits, ".uvf": read_uvfits, ".fits": read_uvfits, ".fit": read_uvfits}


def read_visibilities(path):
    """`Visibilities` of an npz or a UVFITS (random groups) file; the format follows from the file's name.

    Raises ValueError where the format is another one, or the file cannot be read or used.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a directory; a Measurement Set: export it as UVFITS (CASA exportuvfits)")
    if not path.exists():
        raise ValueError(f"{path} does not exist")
    if path.suffix.lower() not in READERS:
        known = ", ".join(READERS)
        raise ValueError(f"{path}: unknown format of visibilities; expected a name ending in one of {known}")
    return READERS[path.suffix.lower()](path)
