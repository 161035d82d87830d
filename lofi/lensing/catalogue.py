"""Shear catalogues: positions, ellipticities and weights of galaxies, checked and in our frame."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from astropy.coordinates import ICRS

from lofi.io.sky_frame import is_modern, stated_frame, transform
from lofi.io.sky_frame import name as frame_name
from lofi.io.user_file import guarded
from lofi.lensing.calibration_options import calibration
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.census import Census
from lofi.lensing.estimators import KEYS, REQUIRED
from lofi.lensing.ordered_sums import OrderedSums
from lofi.lensing.psf_columns import psf_columns, psf_of
from lofi.lensing.rows import Near, Rows
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.shear_frames import check_signs
from lofi.lensing.tables.columns import ColumnReader
from lofi.lensing.tables.implausible import surroundings

DEFAULT = CatalogueOptions()
ARRAYS = ("ra", "dec", "e1", "e2", "weight", "psf", "psf_size")


@dataclass(frozen=True)
class ShearCatalogue:
    """Galaxies with an estimate of their shear.

    Attributes
    ----------
    ra, dec : arrays (n,), degrees, ICRS.
    e1, e2 : arrays (n,), shear estimates against each galaxy's own (West, North): e1 > 0 lies along East–West, e2 > 0
        along the diagonal from South-East to North-West.
    weight : array (n,), > 0.
    source : name of the file, for messages. notes : sentences on what was used, converted and left out.
    psf, psf_size : complex ellipticity (n,) of the point-spread function, in that frame, and its size (n,); None where
        the file was not asked for them. outside : galaxies that a mask left out.
    """

    ra: np.ndarray
    dec: np.ndarray
    e1: np.ndarray
    e2: np.ndarray
    weight: np.ndarray
    source: str = "catalogue"
    notes: tuple[str, ...] = ()
    psf: np.ndarray | None = None
    psf_size: np.ndarray | None = None
    outside: int = 0

    def __len__(self) -> int:
        return len(self.ra)

    def pieces(self, what: str | None = None) -> "Iterator[ShearCatalogue]":
        """All galaxies at once; those of a `StoredCatalogue` come in several pieces."""
        yield self

    def parts(self) -> "list[ShearCatalogue]":
        """As of `Galaxies`."""
        return [self]

    def judge(self, galaxies: int, outside: int) -> tuple[str, ...]:
        """As of `Galaxies`."""
        return self.notes


class StoredCatalogue:
    """A catalogue that stays in its file and is read piece by piece, as often as needed (`open_catalogue`).

    Attributes
    ----------
    source, notes : as of `ShearCatalogue`. census : of all its rows, for which it is read twice to begin with: to count
        what is wrong with them, and how far out they lie; and, of those that can be used, for the means that calibrate
        them.
    """

    def __init__(self, file: ShearFile, options: CatalogueOptions, *, psf: bool, census: Census | None) -> None:
        _check_options(file.path, options)
        calibrated = calibration(file, options)
        chosen = {key: column for key, column in options.named.items() if key in (*REQUIRED, "weight")}
        chosen |= calibrated.wanted | (psf_columns(file.path, options.columns) if psf else {})
        self.source, self._file, self._options, self._psf = str(file.path), file, options, psf
        self._parsed, self._frames = calibrated.bins, {}
        self._reader = ColumnReader(file, chosen, hdu=calibrated.hdu, select=options.select)
        self.census = self._counted(calibrated) if census is None else census

    @property
    def notes(self) -> tuple[str, ...]:
        return self.census.notes

    def parts(self) -> "list[StoredCatalogue]":
        """A catalogue of each file, of which every one knows the census of all."""
        files = self._file.files
        if len(files) == 1:
            return [self]
        options = {"psf": self._psf, "census": self.census}
        return [open_catalogue(replace(file, more=()), self._options, **options) for file in files]

    def judge(self, galaxies: int, outside: int) -> tuple[str, ...]:
        """As of `Galaxies`."""
        return self.notes

    def pieces(self, what: str | None = None) -> Iterator[ShearCatalogue]:
        """Some galaxies at a time, with a progress bar on a terminal where `what` names it."""
        rows, near = self._rows(), self._near(self.census.middle, self.census.limit)
        for piece in self._reader.pieces(what):
            yield self._shear(self._frame(piece), near.rows(rows.usable(piece.values)))

    def _counted(self, calibrated):
        """The census, of two readings of all rows; ValueError, one sentence, where the catalogue cannot be used."""
        rows, read, kept, notes = self._rows(), 0, 0, []
        for piece in self._reader.pieces("checking"):
            read, kept = read + len(piece.rows), kept + np.count_nonzero(piece.rows)
            notes += [note for note in piece.notes if note not in notes]
            self._frame(piece)
            rows.scan(piece.values, piece.labels)
        notes = [*self._reader.notes(read, kept), *notes]
        bins, row_notes = rows.judge(self._options.select)
        middle, limit = surroundings(rows.sample.rows)
        near, sums = self._near(middle, limit), OrderedSums(1 if bins is None else len(bins.names))
        for piece in self._reader.pieces("calibrating"):
            table = near.rows(rows.usable(piece.values))
            calibrated.add(sums, table, _index(bins, table))
        notes += [*row_notes, *near.judge()]
        solution = calibrated.solve(sums, bins)
        old = [frame_name(frame) for frame in self._frames.values() if frame is not None]
        turned = [f"positions and ellipticities brought from {name} to ICRS" for name in old]
        return Census(bins, middle, limit, solution, (*notes, *solution.notes, *dict.fromkeys(turned)))

    def _rows(self):
        return Rows(self._file.path, self._parsed, drop_invalid=self._options.drop_invalid)

    def _near(self, middle, limit):
        options = self._options
        return Near(self._file.path, middle, limit, options.max_ellipticity, drop_invalid=options.drop_invalid)

    def _frame(self, piece):
        """The old frame of the table of a piece, None where it is ICRS or J2000."""
        if piece.table not in self._frames:
            path, _ = self._reader.tables[piece.table]
            frame = stated_frame(path, piece.header)
            self._frames[piece.table] = None if is_modern(frame) else frame
        return self._frames[piece.table]

    def _shear(self, frame, table):
        e1_sign, e2_sign = self._options.e1_sign, self._options.e2_sign
        shear = self.census.solution.shear(table, _index(self.census.bins, table))
        ra, dec, turn = table["ra"], table["dec"], 0.0
        if frame is not None and len(ra):
            ra, dec, turn = transform(ra, dec, frame, ICRS())
        ellipticity = (e1_sign * shear.real + 1j * e2_sign * shear.imag) * np.exp(2j * turn)
        psf, psf_size = psf_of(table, e1_sign, e2_sign)
        psf = None if psf is None else psf * np.exp(2j * turn)
        weight, e1, e2 = table["weight"], ellipticity.real, ellipticity.imag
        return ShearCatalogue(ra, dec, e1, e2, weight, self.source, self.notes, psf, psf_size)


class Galaxies(Protocol):
    """A catalogue in memory, in its file, or a part of one."""

    source: str

    def parts(self) -> "list[Galaxies]":
        """Catalogues of its files, which can be read independently of each other."""
        ...

    def judge(self, galaxies: int, outside: int) -> tuple[str, ...]:
        """Notes, once this many galaxies were found, and this many outside a mask; ValueError where it is refused."""
        ...

    def pieces(self, what: str | None = None) -> Iterator[ShearCatalogue]:
        """Some galaxies at a time, with a progress bar on a terminal where `what` names it."""


@guarded
def open_catalogue(
    file: ShearFile, options: CatalogueOptions = DEFAULT, *, psf: bool = False, census: Census | None = None
) -> StoredCatalogue:
    """A shear catalogue in a table (`lofi.lensing.tables`); ValueError, one sentence, where it cannot be used.

    psf : read the columns of the point-spread function, too. census : of the whole catalogue, if it is known.
    """
    return StoredCatalogue(file, options, psf=psf, census=census)


def read_catalogue(file: ShearFile, options: CatalogueOptions = DEFAULT, *, psf: bool = False) -> ShearCatalogue:
    """The galaxies of `open_catalogue` in memory."""
    stored = open_catalogue(file, options, psf=psf)
    pieces = list(stored.pieces("reading"))
    columns = {name: [getattr(piece, name) for piece in pieces] for name in ARRAYS}
    arrays = {name: None if parts[0] is None else np.concatenate(parts) for name, parts in columns.items()}
    return ShearCatalogue(**arrays, source=stored.source, notes=stored.notes)


def _check_options(path, options):
    missing = [key for key in REQUIRED if key not in options.named]
    unknown = sorted(set(options.columns) - set(KEYS))
    if missing or unknown:
        problem = f"lack {missing}" if missing else f"name the unknown {unknown}"
        raise ValueError(f"the columns given for '{path}' {problem}; expected ra, dec, e1, e2 and perhaps weight")
    check_signs(path, options.e1_sign, options.e2_sign)


def _index(bins, table):
    """Number of the bin (n,) of each row."""
    return np.zeros(len(table["ra"]), int) if bins is None else bins.index(table["bin"])
