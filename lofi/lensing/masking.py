"""Shear of a footprint alone: galaxies or pixels outside are left out."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lofi.io.footprint import Footprint
from lofi.lensing.catalogue import ARRAYS, Galaxies, ShearCatalogue
from lofi.lensing.shear_map import BinnedShear


class MaskedCatalogue:
    """The galaxies of a catalogue that a footprint covers; exact whatever the frame and the Nside of the mask."""

    def __init__(self, catalogue: Galaxies, footprint: Footprint) -> None:
        self._catalogue, self._footprint = catalogue, footprint
        self.source, self._inside, self._count = catalogue.source, 0, 0

    @property
    def notes(self) -> tuple[str, ...]:
        """As of `ShearCatalogue`, of what has been read."""
        said = f"mask {self._footprint.path.name}: {self._inside} of {self._count} galaxies inside"
        return (*self._catalogue.notes, said)

    def pieces(self, what: str | None = None) -> Iterator[ShearCatalogue]:
        """As of `lofi.lensing.catalogue.StoredCatalogue`; ValueError at the end where no galaxy is inside."""
        self._inside = self._count = 0
        for piece in self._catalogue.pieces(what):
            # healsparse takes no empty array
            inside = self._footprint.contains(piece.ra, piece.dec) if len(piece) else np.zeros(0, bool)
            self._inside, self._count = self._inside + np.count_nonzero(inside), self._count + len(piece)
            arrays = {name: getattr(piece, name) for name in ARRAYS}
            yield replace(piece, **{name: values[inside] for name, values in arrays.items() if values is not None})
        if not self._inside:
            raise ValueError(f"the mask '{self._footprint.path}' covers no galaxy of '{self.source}'")


def masked_plane(binned: BinnedShear, footprint: Footprint) -> BinnedShear:
    """A map of the plane without the pixels whose centres the footprint does not cover; ValueError if none is left."""
    rows, columns = np.nonzero(binned.mask)
    inside = footprint.contains(*binned.wcs.all_pix2world(columns, rows, 0))
    if not inside.any():
        raise ValueError(f"the mask '{footprint.path}' covers no pixel of the map that has data")
    mask = np.zeros_like(binned.mask)
    mask[rows[inside], columns[inside]] = True
    note = f"mask {footprint.path.name}: {np.count_nonzero(inside)} of {len(inside)} pixels inside, by their centres"
    return replace(
        binned,
        gamma=np.where(mask, binned.gamma, 0.0),
        noise_std=np.where(mask, binned.noise_std, np.inf),
        mask=mask,
        count=None if binned.count is None else np.where(mask, binned.count, 0.0),
        weight_sum=None if binned.weight_sum is None else np.where(mask, binned.weight_sum, 0.0),
        notes=(*binned.notes, note),
    )
