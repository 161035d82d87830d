"""Tomography: a catalogue cut into bins of redshift, each mapped as the survey that it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lofi.io.user_file import guarded
from lofi.lensing.bin_correlations import plane
from lofi.lensing.bins import BinCounts, Bins, parse_bins
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.estimators import BIASES
from lofi.lensing.joint_bins import filter_bins
from lofi.lensing.mapping import load_lensing_model, serves_redshifts
from lofi.lensing.redshift_distribution import Distribution, PlanePower, combined, plane_power, read_distributions
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.tables.columns import ColumnReader
from lofi.lensing.tables.selection import Selection
from lofi.models.registry import takes
from lofi.options import given
from lofi.priors.record import read_record

ALL = ""  # the name of the map of all bins


@dataclass(frozen=True)
class Slice:
    """A map to make: `name` (bin1, bin2, …, empty for all galaxies), `options` of `lofi.mapping`, notes, n(z)."""

    name: str
    options: dict[str, Any]
    notes: tuple[str, ...] = ()
    sources: Distribution | None = None

    def beside(self, path: Path) -> Path:
        """The name of this map's file: `kappa-bin1.fits` beside `kappa.fits`."""
        return path.with_name(f"{path.stem}-{self.name}{path.suffix}") if self.name else path


def slices(file: ShearFile, options: Mapping[str, Any], prior: Path) -> list[Slice]:
    """The maps that the options `zbins` and `nz` ask for: of all galaxies, then of each bin.

    A bin is a selection of rows, so that the response of the selection is that of the bin, and `--m`, one number for
    each bin, is the bin's. Its redshift is that of the source plane with the power of its n(z), where the prior knows
    the power of planes, else the mean; without `nz`, the weighted mean of the column.

    prior : folder of the network.

    Raises ValueError, one sentence, also where `joint` asks for bins that cannot be mapped together.
    """
    options = dict(options)
    zbins, nz, joint = (options.pop(name, None) for name in ("zbins", "nz", "joint"))
    if zbins is None and nz is None:
        return [Slice(ALL, options)]
    if nz is not None and "redshift" in options:
        raise ValueError(f"'{file.path}': --redshift and --nz both say where the sources are; give one of them")
    distributions = None if nz is None else read_distributions(Path(nz))
    power = None if nz is None else _power_of_planes(prior)
    if zbins is None:
        if len(distributions) > 1:
            raise ValueError(f"'{nz}' has n(z) of {len(distributions)} bins; name their column, --zbins COLUMN")
        return [_placed(Slice(ALL, options), distributions[0], nz, power)]
    bins = parse_bins(file.path, zbins, "--zbins")
    _check_name(file.path, bins.column)
    if joint:
        _check_joint(file.path, bins, nz, options, prior)
    bins, weights, means = _bins(file, options, bins)
    if joint and len(bins.names) < 2:
        raise ValueError(f"'{file.path}' has one bin ({bins.names[0]}); --joint maps two or more together")
    found = [_whole(options, bins), *(_part(options, bins, number) for number in range(len(bins.names)))]
    if distributions is None:
        if "redshift" in options or bins.ranges is None:
            return found
        whole = float(weights @ means / weights.sum())
        return [
            _at(each, redshift, f"mean of {bins.column}") for each, redshift in zip(found, [whole, *means], strict=True)
        ]
    if len(distributions) != len(bins.names):
        raise ValueError(
            f"'{nz}' has n(z) of {len(distributions)} bins, '{file.path}' has {len(bins.names)} "
            f"({', '.join(bins.names)}); expected one for each"
        )
    distributions = [combined(distributions, weights), *distributions]
    return [_placed(each, n_of_z, nz, power) for each, n_of_z in zip(found, distributions, strict=True)]


def joint_bins(
    file: ShearFile, parts: Sequence[Slice], field: Mapping[str, Any], prior: Path
) -> dict[str, dict[str, Any]]:
    """What bins say together of each, by their names: keywords of `lofi.lensing.observing.map_plane`.

    field : centre and shape of all maps. prior : folder of the network.
    """
    found = filter_bins(file, [part.options | field for part in parts], [part.sources for part in parts], prior)
    return {
        part.name: keywords | {"notes": (*part.notes, *keywords["notes"])}
        for part, keywords in zip(parts, found, strict=True)
    }


def _check_joint(path, bins, nz, options, prior):
    """ValueError where nobody tells how the bins are correlated, or the prior cannot map them together."""
    if "redshift" in options:
        raise ValueError(f"'{path}': --joint needs the redshift of each bin, not one --redshift; give --nz, or neither")
    if nz is None and bins.ranges is None:
        raise ValueError(
            f"'{path}': --joint needs the redshift of each bin, and {bins.column} only numbers them; give --nz, or "
            "edges in redshift, --zbins COLUMN=EDGE,EDGE,…"
        )
    record = read_record(prior)
    if not serves_redshifts(record):
        raise ValueError(
            f"the prior '{prior.name}' knows one source redshift; --joint needs one for all redshifts (`lofi priors`)"
        )
    if not takes(record.get("model"), "filtered"):
        raise ValueError(
            f"the prior '{prior.name}' cannot begin with the Wiener map of all bins; --joint needs a local field "
            "(`lofi priors`)"
        )


def _check_name(path, column):
    """ValueError for the name of a column that a selection, which is text, would take for something else."""
    try:
        names = Selection(path, f"{column} > 0").names
    except ValueError:
        names = []
    if names != [column]:
        raise ValueError(
            f"the column '{column}' of '{path}' cannot part it into maps (--zbins); expected a name of letters, digits "
            "and _, such as Z_B"
        )


@guarded
def _bins(file: ShearFile, options: Mapping[str, Any], bins: Bins) -> tuple[Bins, np.ndarray, np.ndarray]:
    """The bins, their numbers known, and the weight and the mean of the column (bins,) in each."""
    of_catalogue = CatalogueOptions(**given(CatalogueOptions, options))
    columns = {"bin": bins.column} | {key: of_catalogue.named[key] for key in ("weight",) if key in of_catalogue.named}
    counts = BinCounts(file.path, bins, "--zbins")
    for piece in ColumnReader(file, columns, hdu=of_catalogue.hdu, select=of_catalogue.select).pieces("redshift bins"):
        values = piece.values["bin"]
        weight = piece.values.get("weight", np.ones(len(values)))
        counts.add(values, np.where(weight > 0, weight, 0.0))
    bins = counts.bins()
    weights, sums = counts.sums(bins)
    return bins, weights, sums / weights


def _whole(options, bins):
    """All bins together, each calibrated by itself."""
    if "bins" in options:
        return Slice(ALL, _selected(options, " | ".join(f"({each})" for each in bins.selections)))
    return Slice(ALL, options | {"bins": bins.text})


def _part(options, bins, number):
    own = _selected(options, bins.selections[number])
    if "bins" not in options:  # else the numbers are of those bins
        own |= {key: options[key][number] for key in BIASES if np.ndim(options.get(key)) and len(options[key]) > number}
    return Slice(
        f"bin{number + 1}", own, (f"bin {number + 1} of {len(bins.names)}: {bins.column} {bins.names[number]}",)
    )


def _selected(options, expression):
    select = options.get("select")
    return options | {"select": expression if select is None else f"({select}) & ({expression})"}


def _placed(each: Slice, n_of_z: Distribution, nz: str, power: PlanePower | None) -> Slice:
    if power is None:
        return _at(each, n_of_z.mean, f"mean of n(z) {n_of_z.name} of {Path(nz).name}", n_of_z)
    redshift = power.effective_redshift(n_of_z)
    how = f"source plane with the power of n(z) {n_of_z.name} of {Path(nz).name}, whose mean is {n_of_z.mean:.3g}"
    return _at(each, redshift, how, n_of_z)


def _at(each, redshift, how, sources=None):
    note = f"redshift {redshift:.3g}: {how}"
    options = each.options | {"redshift": float(redshift)}
    return Slice(each.name, options, (*each.notes, note), plane(redshift) if sources is None else sources)


def _power_of_planes(prior):
    """The power of source planes that a prior for many redshifts knows; None of others."""
    try:
        model, record = load_lensing_model(prior)
    except ValueError:  # a prior of the sphere, of one redshift
        return None
    if not serves_redshifts(record):
        return None
    sky = model.wiener.sky
    return plane_power(*(table.double().numpy() for table in (sky.redshifts, sky.multipoles, sky.power)))
