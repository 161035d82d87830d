"""`inpaintings` and `probes`: what is asked of a denoiser on photographs."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from workflow.configuration.methods import Fill
from workflow.configuration.observations import Checkpoint
from workflow.configuration.setting import (
    Count,
    Distinct,
    Mistake,
    NotEmpty,
    Pictures,
    Positive,
    Setting,
    Whole,
    check_known,
    setting,
)
from workflow.configuration.sources import Photographs

SEEN = ("train", "validation")  # what a network learned from, or was stopped by


class Inpainting(Setting):
    """Photographs with missing pixels, and the methods that fill them in."""

    pixels: int = setting("Side of a picture.", unit="pixels", ge=16)
    kept: float = setting("Probability of a pixel to be seen.", gt=0, lt=1)
    pictures: Pictures = setting("For each source of photographs the first and last number.", example={"faces": [0, 9]})
    prior: str = setting("Denoising experiment that ADMM takes its denoisers from.")
    methods: Annotated[dict[str, Fill], NotEmpty] = setting("Methods by name.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if it names what does not exist, or its prior has seen its pictures."""
        whole.check_denoising(self.prior, f"{key}.prior")
        for name, fill in self.methods.items():
            fill.check(f"{key}.methods.{name}")
            if "model" in fill.keywords:
                models = whole.experiments[self.prior].models
                check_known(fill.keywords["model"], models, f"{key}.methods.{name}.model")
        check_pictures(whole, f"{key}.pictures", self.pictures, self.prior)


class Probe(Setting):
    """What the probes share."""

    prior: Checkpoint = setting("The denoiser that is probed.")
    pictures: Pictures = setting("For each source of photographs the first and last number.")
    pixels: int = setting("Side of a picture.", unit="pixels", ge=64)
    sigma: Positive = setting("Standard deviation of the noise; pictures run from 0 to 1.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if it names what does not exist, or its denoiser has seen its pictures."""
        self.prior.check(whole, f"{key}.prior", "denoising")
        check_pictures(whole, f"{key}.pictures", self.pictures, self.prior.experiment)


class ShiftProbe(Probe):
    """Whether a shifted picture gives the shifted result."""

    shift: Count = setting("Shift.", unit="pixels")


def _with_zero(angles: list[int]) -> list[int]:
    if 0 not in angles:
        raise ValueError(f"is {angles}; expected 0 among the angles")
    return angles


class RotationProbe(Probe):
    """Whether a turned picture gives the turned result."""

    angles: Annotated[
        list[Annotated[int, Field(ge=0, le=359)]], Field(min_length=2), Distinct, AfterValidator(_with_zero)
    ] = setting("Angles, with 0.", unit="degrees")


class ResolutionProbe(Probe):
    """Memory and results at other sizes."""

    memory: Annotated[list[Annotated[int, Field(ge=64)]], Field(min_length=1), Distinct] = setting(
        "Sides of the pictures at which the peak memory is measured.", unit="pixels"
    )

    def check(self, whole: Whole, key: str) -> None:
        super().check(whole, key)
        if max(self.memory) > self.pixels:
            raise Mistake(
                f"{key}.memory", f"has {max(self.memory)}, more than the {self.pixels} pixels of the pictures"
            )


class Probes(Setting):
    """What is asked of a denoiser."""

    shift: ShiftProbe = setting("Whether a shifted picture gives the shifted result.")
    rotation: RotationProbe = setting("Whether a turned picture gives the turned result.")
    resolution: ResolutionProbe = setting("Memory and results at other sizes.")


def check_pictures(whole: Whole, key: str, pictures: dict[str, list[int]], experiment: str) -> None:
    """Raise Mistake if pictures are no photographs, or were seen in the training of an experiment."""
    splits = whole.experiments[experiment].splits
    for name, (first, last) in pictures.items():
        check_known(name, whole.sources, f"{key}.{name}")
        source = whole.sources[name]
        if not isinstance(source, Photographs):
            raise Mistake(f"{key}.{name}", f"is a source of kind {source.kind}; expected one of kind photographs")
        if first > last:
            raise Mistake(f"{key}.{name}", f"is {[first, last]}; expected the lower number first")
        for split in SEEN:
            other = whole.sources[splits[split].source]
            if not isinstance(other, Photographs) or (source.path == other.path and not source.may_share(other)):
                continue  # apart by their names; no file needs to be looked for
            shared = sorted(_files(source, (first, last)) & _files(other, splits[split].pictures))
            if shared:
                raise Mistake(
                    f"{key}.{name}",
                    f"has '{Path(shared[0]).name}', which is in the split {split} of {experiment}; they must differ",
                )


def _files(source: Photographs, numbers: tuple[int, int]) -> set[str]:
    """The photographs of these numbers of a source; none of a folder that is not there yet."""
    from simulations.images.photographs import numbered  # loads matplotlib, which every start would wait for

    try:
        return set(map(str, numbered(numbers, source.path, source.names)))
    except FileNotFoundError:
        return set()
