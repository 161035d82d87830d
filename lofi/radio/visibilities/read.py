"""Visibilities of a file of any supported format."""

from collections.abc import Sequence
from pathlib import Path

from lofi.io.user_file import guarded
from lofi.radio.visibilities.measurement_set import read_measurement_set
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.npz import read_npz
from lofi.radio.visibilities.plausible import check_plausible, without_repeats
from lofi.radio.visibilities.uvfits import read_uvfits
from lofi.radio.visibilities.visibilities import Visibilities, joined

# The name of a file decides its format, here and nowhere else. A new format is one more entry: ending and reader.
READERS = {".npz": read_npz} | {
    ending + packed: read_uvfits for ending in (".uvfits", ".uvf", ".fits", ".fit") for packed in ("", ".gz")
}


def read_together(paths: Sequence[str | Path], selection: Selection | None = None) -> Visibilities:
    """`Visibilities` of several files or Measurement Sets as one, each read with the same selection.

    Raises ValueError as `read_visibilities`, and where the phase centres differ.
    """
    parts = [read_visibilities(path, selection) for path in paths]
    return parts[0] if len(parts) == 1 else joined(named(paths), parts)


def named(paths: Sequence[str | Path]) -> str:
    """Paths for messages."""
    return ", ".join(map(str, paths))


@guarded
def read_visibilities(path: str | Path, selection: Selection | None = None) -> Visibilities:
    """`Visibilities` of a Measurement Set (a folder), an npz or a UVFITS (random groups) file, by its name.

    Samples that are there twice are left out. selection : of a Measurement Set.

    Raises ValueError where the format is another one, or the file cannot be read or used.
    """
    visibilities = _read(Path(path), selection)
    check_plausible(path, visibilities)
    return without_repeats(visibilities)


def _read(path, selection):
    if not path.exists():
        raise ValueError(f"{path} does not exist")
    if (path / "table.dat").is_file():
        return read_measurement_set(path, selection)
    if selection is not None and selection.given:
        options = ", ".join(f"--{name}" for name in selection.given)
        raise ValueError(f"{path} is no Measurement Set; {options} can be used with nothing else")
    reader = next((read for ending, read in READERS.items() if path.name.lower().endswith(ending)), None)
    if reader is not None:
        return reader(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder without table.dat, so no Measurement Set")
    raise ValueError(f"{path}: unknown format of visibilities; expected a name ending in one of {', '.join(READERS)}")
