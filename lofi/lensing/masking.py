"""Shear of a footprint alone: galaxies or pixels outside are left out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lofi.lensing.catalogue import ARRAYS, ShearCatalogue, StoredCatalogue, open_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.census import Census
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.shear_map import BinnedShear
from lofi.options import given

if TYPE_CHECKING:
    from lofi.io.footprint import Footprint


class MaskedCatalogue:
    """The galaxies of a catalogue that a footprint covers; exact whatever the frame and the Nside of the mask."""

    def __init__(self, catalogue: StoredCatalogue, footprint: "Footprint") -> None:
        self._catalogue, self._footprint = catalogue, footprint
        self.source, self.census = catalogue.source, catalogue.census

    def parts(self) -> "list[MaskedCatalogue]":
        """As of `Galaxies`."""
        return [MaskedCatalogue(part, self._footprint) for part in self._catalogue.parts()]

    def judge(self, galaxies: int, outside: int) -> tuple[str, ...]:
        """As of `Galaxies`; ValueError where no galaxy is inside."""
        if not galaxies:
            raise ValueError(f"the mask '{self._footprint.path}' covers no galaxy of '{self.source}'")
        said = f"mask {self._footprint.path.name}: {galaxies} of {galaxies + outside} galaxies inside"
        return (*self._catalogue.judge(galaxies, outside), said)

    def pieces(self, what: str | None = None) -> Iterator[ShearCatalogue]:
        """As of `Galaxies`."""
        for piece in self._catalogue.pieces(what):
            # healsparse takes no empty array
            inside = self._footprint.contains(piece.ra, piece.dec) if len(piece) else np.zeros(0, bool)
            arrays = {name: getattr(piece, name) for name in ARRAYS}
            kept = {name: values[inside] for name, values in arrays.items() if values is not None}
            yield replace(piece, **kept, outside=int(np.count_nonzero(~inside)))


def footprint_of(options: Mapping[str, Any]) -> "Footprint | None":
    """The footprint of the option `mask`; None without it."""
    if "mask" not in options:
        return None
    from lofi.io.footprint import read_footprint  # loads healpy, which others need not wait for

    return read_footprint(Path(options["mask"]))


def open_galaxies(
    file: ShearFile, options: Mapping[str, Any], census: Census | None = None
) -> StoredCatalogue | MaskedCatalogue:
    """The catalogue of a file, its galaxies inside the mask of the options, if they name one.

    options : as of `lofi.mapping.map_observation`. census : of the whole catalogue, if it is known.
    """
    footprint = footprint_of(options)
    catalogue = open_catalogue(file, CatalogueOptions(**given(CatalogueOptions, options)), census=census)
    return catalogue if footprint is None else MaskedCatalogue(catalogue, footprint)


def masked_plane(binned: BinnedShear, footprint: "Footprint") -> BinnedShear:
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
