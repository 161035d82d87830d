"""Splits of experiments: which maps, slices or pictures a network learns from, stops by and is scored on."""

import itertools
from typing import Annotated

from pydantic import AfterValidator, Field

from lofi.data.depth import Depth as SurveyDepth
from workflow.configuration.setting import (
    Count,
    Distinct,
    Fraction,
    Jobs,
    Mistake,
    Number,
    Numbers,
    Range,
    Setting,
    Whole,
    setting,
)

PARTS = {"boxes": "box", "lens_planes": "lens-plane set", "pictures": "picture", "slices": "slice"}  # one of each


class Depth(Setting):
    """How the noise of simulated observations varies (`lofi/data/depth.py`)."""

    relative_noise: Range = setting("Lowest and highest noise level, relative to the nominal one.", default=None)
    nominal_fraction: Fraction = setting("Fraction of the maps with nominal depth and no hole.", default=None)
    gradient: float = setting(
        "Largest logarithmic amplitude of the variation across the field.", default=None, ge=0, le=3
    )
    holes: Range = setting("Fewest and most holes.", default=None)
    hole_radius: Range = setting("Smallest and largest radius of a hole.", unit="pixels", default=None)
    footprint_fraction: Fraction = setting("Fraction of the varied maps that are cut off at a footprint.", default=None)


def _is_true(seen: bool) -> bool:
    if not seen:
        raise ValueError("is false; expected true, or no such key")
    return seen


class Split(Setting):
    """A part of the data of an experiment."""

    source: str = setting("Name of a source.")
    maps: Count = setting("Number of maps, slices or crops.")
    shards: Jobs = setting("Files that the maps are spread over, each made by a job of its own.", default=1)
    boxes: Annotated[list[Number], Distinct] = setting("Numbers of the boxes (nbody).", default=None)
    lens_planes: Annotated[list[Count], Field(min_length=2, max_length=2)] = setting(
        "First and last set of lens planes (ktng).", default=None
    )
    depth: Depth = setting("Varying noise, holes and footprints (lensing).", default=None)
    pixel_arcmin: Range = setting(
        "Smallest and largest pixels (lensing), in place of those of the field.", unit="arcmin", default=None
    )
    redshift: Range = setting(
        "Lowest and highest redshift of the sources (lensing), in place of those of the field.", default=None
    )
    images: Count = setting("Number of simulated images that crops are cut from (galaxies).", default=None)
    pictures: Numbers = setting("First and last picture (pictures, photographs).", default=None)
    slices: Numbers = setting("First and last slice that the maps are spread over (lodopab, slices).", default=None)
    seen: Annotated[bool, AfterValidator(_is_true)] = setting(
        "The split shares the training pictures on purpose.", default=None
    )

    def parts(self) -> set[int]:
        """Numbers of its boxes, sets of lens planes, pictures or slices."""
        first, last = self.lens_planes or self.pictures or self.slices or (1, 0)
        return set(self.boxes or []) | set(range(first, last + 1))

    def check(self, source: Setting, key: str) -> None:
        """Raise Mistake if the split lacks what its source needs, or has what its source does not use."""
        if source.kind == "galaxies" and self.images is None:
            raise Mistake(f"{key}.images", "is missing; it is required for simulated galaxies")
        if source.kind != "galaxies" and self.images is not None:
            raise Mistake(
                f"{key}.images", f"is not allowed for a source of kind {source.kind}; it is for galaxies only"
            )
        for name in PARTS:
            given = getattr(self, name)
            if name == source.partition and not given:
                raise Mistake(f"{key}.{name}", f"is missing; a source of kind {source.kind} needs {name}")
            if name != source.partition and given is not None:
                raise Mistake(f"{key}.{name}", f"is not allowed; {self.source} is a source of kind {source.kind}")
        if self.shards > self.maps:
            raise Mistake(
                f"{key}.shards", f"is {self.shards}, more than the {self.maps} maps; expected at most one each"
            )
        try:
            SurveyDepth(**(self.depth.model_dump(exclude_unset=True) if self.depth else {}))
        except ValueError as error:
            name, _, predicate = str(error).removeprefix("depth: ").partition(" ")
            raise Mistake(f"{key}.depth.{name}", predicate) from error


def _complete(splits: dict[str, Split]) -> dict[str, Split]:
    missing = [name for name in ("train", "validation") if name not in splits]
    if missing:
        raise ValueError(f"has no {missing[0]}; expected train, validation and at least one split to evaluate")
    if len(splits) < 3:
        raise ValueError("has train and validation only; expected at least one more split to evaluate")
    return splits


Splits = Annotated[dict[str, Split], AfterValidator(_complete)]


def evaluation_splits(experiment: dict) -> list[str]:
    """Names of the splits of an experiment, a mapping, that are scored."""
    return [name for name in experiment["splits"] if name not in ("train", "validation")]


def check_splits(whole: Whole, key: str, splits: dict[str, Split]) -> None:
    """Raise Mistake if a split does not fit its source, or has data that a network learned from or was stopped by."""
    for name, split in splits.items():
        split.check(whole.sources[split.source], f"{key}.{name}")
    _check_photographs(whole, key, splits)
    _check_independence(key, splits)


def _check_photographs(whole: Whole, key: str, splits: dict[str, Split]) -> None:
    """No two sources of an experiment hold the same photographs under other numbers."""
    sources = {split.source: whole.sources[split.source] for split in splits.values()}
    for (first, one), (second, other) in itertools.combinations(sources.items(), 2):
        if one.kind == "photographs" and one.may_share(other):
            shared = ", ".join(sorted(set(one.names or []) & set(other.names or []))) or "photographs"
            raise Mistake(key, f"use the sources {first} and {second}, which share {shared}; they must differ")


def _check_independence(key: str, splits: dict[str, Split]) -> None:
    """Training and validation share no box, lens planes, picture or slice with any other split, unless it is `seen`."""
    for first, name in itertools.product(("train", "validation"), splits):
        split, learned = splits[name], splits[first]
        if name == first or split.source != learned.source:
            continue
        if "train" in (first, name) and (split.seen or learned.seen):
            continue
        shared = learned.parts() & split.parts()
        if shared:
            part = next(word for attribute, word in PARTS.items() if getattr(split, attribute) is not None)
            raise Mistake(f"{key}.{name}", f"and {first} share {split.source} {part} {min(shared)}; they must differ")
