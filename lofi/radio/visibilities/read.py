"""Visibilities of a file of any supported format."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lofi.io.user_file import reading
from lofi.radio.visibilities.data_set import DataSet, chosen, gather
from lofi.radio.visibilities.measurement_set import MeasurementSet
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.ms_tables import EVERYTHING, opened
from lofi.radio.visibilities.npz import read_npz
from lofi.radio.visibilities.plausible import check_plausible, without_repeats
from lofi.radio.visibilities.uvfits import read_uvfits
from lofi.radio.visibilities.visibilities import Visibilities

# The name of a file decides its format, here and nowhere else. A new format is one more entry: ending and reader.
READERS = {".npz": read_npz} | {
    ending + packed: read_uvfits for ending in (".uvfits", ".uvf", ".fits", ".fit") for packed in ("", ".gz")
}

LIMIT = 2**20  # visibilities in memory, some 100 MB


def read_together(
    paths: Sequence[str | Path],
    selection: Selection | None = None,
    limit: int = LIMIT,
    sigma_scale: float = 1.0,
    band: tuple[float, float] = EVERYTHING,
) -> DataSet:
    """The `DataSet` of several files or Measurement Sets as one, each read with the same selection.

    limit : visibilities that may be in memory. sigma_scale : factor on their noise.
    band : lowest and highest frequency, Hz, of what is read.

    Raises ValueError as `read_visibilities`, and where the phase centres differ; NoVisibilities for an empty band.
    """
    sources = [File(Path(path), selection, limit, band) for path in paths]
    return gather(named(paths), sources, limit, sigma_scale)


def named(paths: Sequence[str | Path]) -> str:
    """Paths for messages."""
    return ", ".join(map(str, paths))


@dataclass(eq=False)
class File:
    """The pieces of a Measurement Set (a folder), an npz or a UVFITS (random groups) file, by its name.

    Samples that are there twice are left out. Iterating raises ValueError where the format is another one, or the file
    cannot be read or used. selection : of a Measurement Set. band : as of `read_together`.
    """

    path: Path
    selection: Selection | None
    limit: int
    band: tuple[float, float] = EVERYTHING
    notes: tuple[str, ...] = ()
    _passed: bool = False  # whether a whole pass found nothing to leave out
    _kept: list[Visibilities] | None = None  # of a file that is read as a whole

    def __iter__(self) -> Iterator[Visibilities]:
        with reading(self.path):
            if self._kept is not None:
                yield from self._kept
                return
            source = _source(self.path, self.selection, self.limit, self.band)
            if self._passed:
                yield from source
                return
            notes, passed = {}, True
            for piece in source:
                check_plausible(self.path, piece)
                unique = without_repeats(piece)
                passed = passed and unique is piece
                notes |= dict.fromkeys(unique.notes)
                if isinstance(source, list):
                    self._kept = [unique]
                yield unique
            self.notes, self._passed = (*getattr(source, "notes", ()), *notes), passed


def read_visibilities(path: str | Path, selection: Selection | None = None) -> Visibilities:
    """All `Visibilities` of one file at once; ValueError as of `File`."""
    data = read_together([path], selection, sys.maxsize)
    (piece,) = data.pieces
    return replace(piece, notes=data.notes)


def _source(path, selection, limit, band):
    if not path.exists():
        raise ValueError(f"{path} does not exist")
    if (path / "table.dat").is_file():
        return MeasurementSet(path, selection or Selection(), limit, band)
    if selection is not None and selection.given:
        options = ", ".join(f"--{name}" for name in selection.given)
        raise ValueError(f"{path} is no Measurement Set; {options} can be used with nothing else")
    reader = next((read for ending, read in READERS.items() if path.name.lower().endswith(ending)), None)
    if reader is not None:
        return list(_inside(reader(path), band))
    if path.is_dir():
        raise ValueError(f"{path} is a folder without table.dat, so no Measurement Set")
    raise ValueError(f"{path}: unknown format of visibilities; expected a name ending in one of {', '.join(READERS)}")


def _inside(visibilities, band):
    lowest, highest = band
    inside = (lowest <= visibilities.frequency) & (visibilities.frequency <= highest)
    if inside.all():
        yield visibilities
    elif inside.any():
        yield chosen(visibilities, inside)


def channels_of(paths: Sequence[str | Path], selection: Selection | None = None) -> np.ndarray:
    """Frequencies (C,) Hz, ascending, of all channels of files: in a Measurement Set also of those that are flagged."""
    found = []
    for path in map(Path, paths):
        if (path / "table.dat").is_file():
            with reading(path), opened(path, selection or Selection()) as observation:
                found += [window.frequency for window in observation.windows]
        else:
            found.append(read_visibilities(path, selection).frequency)
    return np.unique(np.concatenate(found))
