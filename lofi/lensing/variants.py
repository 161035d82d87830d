"""The five variants of metacalibration and metadetection: galaxies as seen, and with a small shear of either sign.

A variant of a column is another column (`mcal_g1_1p` of `mcal_g1`), or the same column of another table
(`catalog/sheared_1p` of `catalog/unsheared`, `1p` of `noshear`, `shear/1p` of `shear/00`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lofi.lensing.bins import Bins
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.tables.columns import Column, read_columns, tables_of
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
    columns: Mapping[str, Column],
    hdu: str | None,
    select: str | None,
    bins: Bins | None,
    found: list[Place],
    *,
    drop_invalid: bool,
    of_selection: bool = False,
) -> np.ndarray:
    """Response (bins, 2, 2), `R_ij = (⟨e_i⟩ of j+ − ⟨e_i⟩ of j−) / 0.02`, mean over the rows that each variant selects.

    With each variant's own ellipticities this is the whole response, that of the selection included; `of_selection`
    takes the unsheared ellipticities of the same rows, which respond by the selection alone (Sheldon & Huff 2017, §3).

    Raises ValueError for NaN in a variant, and for a bin without galaxies in one.
    """
    unsheared = read_columns(file, {"e1": columns["e1"], "e2": columns["e2"]}, hdu=hdu).values if of_selection else None
    names = Selection(file.path, select).names if select else []
    means = []
    for place in found:
        wanted = {key: place.column(columns[key]) for key in ("e1", "e2", "weight") if columns.get(key) is not None}
        if bins is not None:
            wanted["bin"] = place.name(bins.column)
        if of_selection:
            del wanted["e1"], wanted["e2"]
        read = read_columns(file, wanted, hdu=place.hdu, select=place.selection(select, names))
        table = dict(read.values)
        if of_selection:
            if len(read.rows) != len(unsheared["e1"]):
                raise ValueError(
                    f"'{file.path}' has other rows in its variant {place.variant} than unsheared; expected "
                    "the same galaxies (--estimator metadetect takes others)"
                )
            table |= {key: values[read.rows] for key, values in unsheared.items()}
        if columns.get("weight") is None:
            table["weight"] = np.ones(len(table["e1"]))
        means.append(_means(file, place, table, bins, drop_invalid))
    plus1, minus1, plus2, minus2 = means
    return np.stack([(plus1 - minus1) / STEP, (plus2 - minus2) / STEP], axis=-1)


def _means(file, place, table, bins, drop_invalid):
    """Weighted mean ellipticity (bins, 2) of a variant."""
    weight = table["weight"]
    good = np.isfinite(table["e1"]) & np.isfinite(table["e2"]) & np.isfinite(weight)
    used = weight > 0
    if not (good | ~used).all() and not drop_invalid:
        raise ValueError(
            f"'{file.path}' has NaN or missing ellipticities in {np.count_nonzero(~good & used)} rows of its variant "
            f"{place.variant}; expected finite numbers (drop_invalid, or --drop-invalid, leaves these rows out)"
        )
    index = np.zeros(len(weight), int)
    names = [""]
    if bins is not None:
        index, names = bins.assign(file.path, table["bin"], np.where(good, weight, 0.0))
    keep = good & used & (index >= 0)
    total = np.bincount(index[keep], weight[keep], minlength=len(names))
    if not (total > 0).all():
        raise ValueError(f"'{file.path}' has no galaxy of positive weight in its variant {place.variant}")
    sums = [np.bincount(index[keep], weight[keep] * table[key][keep], minlength=len(names)) for key in ("e1", "e2")]
    return np.stack(sums, axis=-1) / total[:, None]
