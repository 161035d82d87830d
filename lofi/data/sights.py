"""Pixel size and source redshift of each map of a split: those of the field, or drawn from its ranges."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lofi.seeds import stream

RANGED = ("pixel_arcmin", "redshift")  # keys of a field and of a split


class Sight(NamedTuple):
    """What a map shows: the side of its pixels [arcmin] and the redshift of the sources."""

    pixel_arcmin: float
    redshift: float


def nominal_pixel(field: Mapping) -> float:
    """Side [arcmin] of the pixels of a configuration's `field` mapping."""
    return field["extent_arcmin"] / field["pixels"]


def sights_of(
    field: Mapping, split: Mapping, redshift: float, numbers: Sequence[int], name: Sequence[str | int]
) -> list[Sight]:
    """The `Sight` of the maps of these `numbers` of a split.

    A `field` without ranges has one pixel size and the sources at `redshift`. From `pixel_arcmin: [low, high]` a map
    draws uniformly in the logarithm, from `redshift: [low, high]` uniformly; a range of the split replaces the field's.
    """
    if not is_ranged(field):
        return [Sight(nominal_pixel(field), redshift)] * len(numbers)
    (smallest, largest), (near, far) = (split.get(key, field[key]) for key in RANGED)
    sights = []
    for number in numbers:
        pixel, source = stream(*name, "sight", number).random(2)
        sights.append(Sight(float(smallest * (largest / smallest) ** pixel), float(near + (far - near) * source)))
    return sights


def is_ranged(field: Mapping) -> bool:
    """Whether the maps of a field differ in pixel size and source redshift."""
    return "pixel_arcmin" in field


def each_sight(record: Mapping) -> list[tuple[Sight]] | None:
    """What `Observation.observe_each` needs to know of each map of a record; None where all are alike."""
    return [(Sight(*sight),) for sight in record["sight"]] if "sight" in record else None
