"""Shear catalogues: positions, ellipticities and weights of galaxies, checked and in our frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from astropy.coordinates import ICRS

from lofi.io.sky_frame import is_modern, stated_frame, transform
from lofi.io.sky_frame import name as frame_name
from lofi.io.user_file import guarded
from lofi.lensing.calibration_options import calibration
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.estimators import KEYS, REQUIRED
from lofi.lensing.ordered_sums import OrderedSums
from lofi.lensing.psf_columns import psf_columns, psf_of
from lofi.lensing.rows import Near, Rows
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.shear_frames import check_signs
from lofi.lensing.tables.columns import ColumnReader

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
        the file was not asked for them.
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

    def __len__(self) -> int:
        return len(self.ra)

    def pieces(self, what: str | None = None) -> "Iterator[ShearCatalogue]":
        """All galaxies at once; those of a `StoredCatalogue` come in several pieces."""
        yield self


class StoredCatalogue:
    """A catalogue that stays in its file and is read piece by piece, as often as needed (`open_catalogue`).

    It is read twice to begin with: to count what is wrong with its rows, and how far out they lie; and, of those that
    can be used, for the means that calibrate them.

    Attributes
    ----------
    source, notes : as of `ShearCatalogue`.
    """

    def __init__(self, file: ShearFile, options: CatalogueOptions, *, psf: bool) -> None:
        path, drop_invalid = file.path, options.drop_invalid
        _check_options(path, options)
        calibrated = calibration(file, options)
        chosen = {key: column for key, column in options.named.items() if key in (*REQUIRED, "weight")}
        chosen |= calibrated.wanted | (psf_columns(path, options.columns) if psf else {})
        self.source, self._options = str(path), options
        self._reader = ColumnReader(file, chosen, hdu=calibrated.hdu, select=options.select)
        self._rows, self._bins = Rows(path, calibrated.bins, drop_invalid=drop_invalid), None
        read, kept, notes, headers = 0, 0, [], {}
        for piece in self._reader.pieces("checking"):
            read, kept = read + len(piece.rows), kept + np.count_nonzero(piece.rows)
            notes += [note for note in piece.notes if note not in notes]
            headers[piece.table] = piece.header
            self._rows.scan(piece.values, piece.labels)
        notes = [*self._reader.notes(read, kept), *notes]
        self._bins, row_notes = self._rows.judge(options.select)
        self._near = Near(path, self._rows.sample.rows, options.max_ellipticity, drop_invalid=drop_invalid)
        sums = OrderedSums(1 if self._bins is None else len(self._bins.names))
        for _, table in self._tables("calibrating"):
            calibrated.add(sums, table, self._index(table))
        notes += [*row_notes, *self._near.judge()]
        self._solution = calibrated.solve(sums, self._bins)
        paths = [name for name, _ in self._reader.tables]
        self._frames = {number: _old_frame(paths[number], header) for number, header in headers.items()}
        old = [frame_name(frame) for frame in self._frames.values() if frame is not None]
        turned = [f"positions and ellipticities brought from {name} to ICRS" for name in old]
        self.notes = (*notes, *self._solution.notes, *dict.fromkeys(turned))

    def pieces(self, what: str | None = None) -> Iterator[ShearCatalogue]:
        """Some galaxies at a time, with a progress bar on a terminal where `what` names it."""
        for number, table in self._tables(what):
            yield self._shear(self._frames[number], table)

    def _tables(self, what):
        for piece in self._reader.pieces(what):
            yield piece.table, self._near.rows(self._rows.usable(piece.values))

    def _index(self, table):
        return np.zeros(len(table["ra"]), int) if self._bins is None else self._bins.index(table["bin"])

    def _shear(self, frame, table):
        e1_sign, e2_sign = self._options.e1_sign, self._options.e2_sign
        shear = self._solution.shear(table, self._index(table))
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
    notes: tuple[str, ...]

    def pieces(self, what: str | None = None) -> Iterator[ShearCatalogue]:
        """Some galaxies at a time, with a progress bar on a terminal where `what` names it."""


@guarded
def open_catalogue(file: ShearFile, options: CatalogueOptions = DEFAULT, *, psf: bool = False) -> StoredCatalogue:
    """A shear catalogue in a table (`lofi.lensing.tables`); ValueError, one sentence, where it cannot be used.

    psf : read the columns of the point-spread function, too.
    """
    return StoredCatalogue(file, options, psf=psf)


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


def _old_frame(path, header):
    """The frame that a header states, None where it is ICRS or J2000."""
    frame = stated_frame(path, header)
    return None if is_modern(frame) else frame
