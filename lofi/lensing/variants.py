"""The five variants of metacalibration and metadetection: galaxies as seen, and with a small shear of either sign.

A variant of a column is another column (`mcal_g1_1p` of `mcal_g1`), or the same column of another table
(`catalog/sheared_1p` of `catalog/unsheared`, `1p` of `noshear`, `shear/1p` of `shear/00`).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lofi.lensing.bins import Bins
from lofi.lensing.catalogue_options import CatalogueOptions, Column
from lofi.lensing.ordered_sums import OrderedSums
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.tables.columns import ColumnReader, tables_of
from lofi.lensing.tables.selection import Selection
from lofi.lensing.tables.stored import StoredTable

VARIANTS = ("1p", "1m", "2p", "2m")
STEP = 0.02  # ASSUME: the shear between 1p and 1m, ±0.01 as in all published catalogues (Sheldon & Huff 2017)
TABLES = {"unsheared": "sheared_{}", "noshear": "{}", "ns": "{}", "00": "{}"}


def unsheared_table(file: ShearFile, hdu: str | None) -> str | None:
    """The table of galaxies as seen: `hdu`, else the one that its name tells; None where no name does."""
    named = [table.name for table in tables_of(file) if table.name.rpartition("/")[2].lower() in TABLES]
    return hdu if hdu is not None or len(named) != 1 else named[0]


def variant_name(name: str, variant: str) -> str:
    """The name that the variant of a column has in the same table, `g1_1p` of `g1` and of `g1_noshear`."""
    if "noshear" in name:
        return name.replace("noshear", variant)
    base, bracket, part = name.partition("[")
    return f"{base}_{variant}{bracket}{part}"


@dataclass(frozen=True)
class Place:
    """Where a variant is: the table, which is the unsheared one itself where the variants are columns of it."""

    table: StoredTable
    hdu: str | None
    own_table: bool
    variant: str

    def name(self, name: str) -> str:
        """The column of this variant; the column itself where it has none (as positions)."""
        other = variant_name(name, self.variant)
        return other if not self.own_table and self.table.find(other) else name

    def has(self, name: str) -> bool:
        """Whether the column has this variant."""
        return (
            bool(self.table.find(name)) if self.own_table else bool(self.table.find(variant_name(name, self.variant)))
        )

    def selects(self, select: str) -> bool:
        """Whether any column of a selection has this variant."""
        return any(self.has(name) for name in Selection(Path(self.table.name), select).names)

    def column(self, column: Column) -> Column:
        """A column, by its name or its description, of this variant."""
        return self.name(column) if isinstance(column, str) else {**column, "name": self.name(column["name"])}

    def selection(self, select: str | None, names: list[str]) -> str | None:
        """A selection with its columns exchanged for those of this variant."""
        if select is None or self.own_table:
            return select
        return re.sub(r"\b[A-Za-z_]\w*", lambda word: self.name(word[0]) if word[0] in names else word[0], select)


def places(file: ShearFile, hdu: str | None) -> list[Place] | None:
    """Where the variants of a table are; None where some table of them is missing or it is unclear which is meant."""
    tables = tables_of(file)
    chosen = [table for table in tables if hdu is None or hdu.lower() in (table.number, table.name.lower())]
    if len(chosen) != 1:
        return None
    folder, slash, last = chosen[0].name.rpartition("/")
    if last.lower() not in TABLES:
        return [Place(chosen[0], hdu, False, variant) for variant in VARIANTS]
    found = []
    for variant in VARIANTS:
        name = folder + slash + TABLES[last.lower()].format(variant)
        table = next((table for table in tables if table.name.lower() == name.lower()), None)
        if table is None:
            return None
        found.append(Place(table, name, True, variant))
    return found


def response_of_means(
    file: ShearFile,
    options: CatalogueOptions,
    hdu: str | None,
    bins: Bins | None,
    found: list[Place],
    *,
    of_selection: bool = False,
) -> np.ndarray:
    """Response (bins, 2, 2), `R_ij = (⟨e_i⟩ of j+ − ⟨e_i⟩ of j−) / 0.02`, mean over the rows that each variant selects.

    With each variant's own ellipticities this is the whole response, that of the selection included; `of_selection`
    takes the unsheared ellipticities of the same rows, which respond by the selection alone (Sheldon & Huff 2017, §3).

    Parameters
    ----------
    hdu : the table of unsheared galaxies. bins : of the unsheared galaxies, their numbers known.

    Raises ValueError for NaN in a variant, and for a bin without galaxies in one.
    """
    count = 1 if bins is None else len(bins.names)
    means = []
    for place in found:
        sums, invalid = OrderedSums(count), 0
        for table in _pieces(file, options, hdu, bins, place, of_selection):
            invalid += _add(sums, table, bins)
        if invalid and not options.drop_invalid:
            raise ValueError(
                f"'{file.path}' has NaN or missing ellipticities in {invalid} rows of its variant {place.variant}; "
                "expected finite numbers (drop_invalid, or --drop-invalid, leaves these rows out)"
            )
        if not (sums["weight"] > 0).all():
            raise ValueError(f"'{file.path}' has no galaxy of positive weight in its variant {place.variant}")
        means.append(np.stack([sums.mean("e1"), sums.mean("e2")], axis=-1))
    plus1, minus1, plus2, minus2 = means
    return np.stack([(plus1 - minus1) / STEP, (plus2 - minus2) / STEP], axis=-1)


def _pieces(file, options, hdu, bins, place, of_selection):
    """The columns e1, e2, weight and bin of a variant, piece by piece."""
    columns, select = options.named, options.select
    wanted = {key: place.column(columns[key]) for key in ("e1", "e2", "weight") if key in columns}
    if bins is not None:
        wanted["bin"] = place.name(bins.column)
    unsheared = {key: columns[key] for key in ("e1", "e2")}
    names = Selection(file.path, select).names if select else []
    reader = ColumnReader(file, wanted, hdu=place.hdu, select=place.selection(select, names))
    if not of_selection:
        yield from (piece.values for piece in reader.pieces(f"variant {place.variant}"))
        return
    other = ColumnReader(file, unsheared, hdu=hdu)
    try:
        for piece, seen in zip(reader.pieces(f"variant {place.variant}"), other.pieces(), strict=True):
            yield piece.values | {key: values[piece.rows] for key, values in seen.values.items()}
    except (ValueError, IndexError):
        if reader.rows == other.rows:
            raise
        raise ValueError(
            f"'{file.path}' has other rows in its variant {place.variant} than unsheared; expected the same galaxies "
            "(--estimator metadetect takes others)"
        ) from None


def _add(sums, table, bins):
    """Add the rows of a piece that can be used; the number of those that should be but cannot."""
    weight = table.get("weight", np.ones(len(table["e1"])))
    good = np.isfinite(table["e1"]) & np.isfinite(table["e2"]) & np.isfinite(weight)
    used = weight > 0
    index = np.zeros(len(weight), int) if bins is None else bins.index(table["bin"])
    keep = good & used & (index >= 0)
    weight = weight[keep]
    sums.add(index[keep], weight=weight, e1=weight * table["e1"][keep], e2=weight * table["e2"][keep])
    return np.count_nonzero(~good & used)
