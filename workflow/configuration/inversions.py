"""`inversions`: skies, their visibilities, and the methods that make images from them."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from workflow.configuration.setting import (
    Count,
    Jobs,
    Mistake,
    Names,
    Numbers,
    Positive,
    Setting,
    Whole,
    check_known,
    setting,
)


class GalaxySky(Setting):
    """Simulated galaxies."""

    source: Literal["galaxies"] = setting("Simulated galaxies.")
    images: Count = setting("Number of skies.")

    @property
    def count(self) -> int:
        return self.images


class FileSky(Setting):
    """One sky of a FITS file."""

    file: str = setting("FITS image; its peak becomes 1.", example="data/m31.fits")

    @property
    def count(self) -> int:
        return 1


class PictureSky(Setting):
    """Pictures of a file or folder."""

    pictures: str = setting("File or folder of pictures; their peaks become 1.")
    numbers: Numbers = setting("First and last number of the pictures that are skies, from 0.")

    @property
    def count(self) -> int:
        return self.numbers[1] - self.numbers[0] + 1


def _by_key(default: str, **keys: str) -> Discriminator:
    """The tag of the first key that a mapping has."""

    def tag(mapping: Any) -> str:
        return next((tag for tag, key in keys.items() if isinstance(mapping, dict) and key in mapping), default)

    return Discriminator(tag)


AnySky = Annotated[
    Annotated[GalaxySky, Tag("simulated")]
    | Annotated[FileSky, Tag("of a file")]
    | Annotated[PictureSky, Tag("of pictures")],
    _by_key("simulated", **{"of pictures": "pictures", "of a file": "file"}),
]


class TelescopeCoverage(Setting):
    """Antennas and hour angles."""

    telescope: str = setting("Name of the telescope.", example="meerkat")
    declination_deg: float = setting("Declination of the sky.", unit="degrees", ge=-90, le=90)
    hour_angles: Annotated[list[Annotated[float, Field(ge=-12, le=12)]], Field(min_length=2, max_length=2)] = setting(
        "Start and end of the observation.", unit="hours", example=[-0.5, 0.5]
    )
    dump_seconds: Positive = setting("Integration time.", unit="seconds")
    frequencies_hz: Annotated[list[Positive], Field(min_length=1)] = setting("Channels.", unit="Hz", example=[1.4e9])
    bandwidth_hz: Positive = setting(
        "Width of a channel; needed for noise from the telescope.", unit="Hz", default=None
    )
    min_elevation_deg: float = setting("Lowest elevation.", unit="degrees", default=15, ge=0, le=90)


class FileCoverage(Setting):
    """Coordinates from a file."""

    file: str = setting("File of the coordinates, in radians per pixel.", example="data/meerkat_1h_uv_rescaled.npz")


AnyCoverage = Annotated[
    Annotated[TelescopeCoverage, Tag("of a telescope")] | Annotated[FileCoverage, Tag("of a file")],
    _by_key("of a telescope", **{"of a file": "file"}),
]


class Noise(Setting):
    """Noise of the visibilities: give one of the two keys."""

    snr_db: float = setting("Signal-to-noise ratio of the visibilities.", unit="dB", default=None, ge=-20, le=100)
    peak_jy: Positive = setting("Peak of the sky; the noise is that of the telescope.", unit="Jy/pixel", default=None)

    @model_validator(mode="after")
    def _one_of_two(self) -> "Noise":
        if (self.snr_db is None) == (self.peak_jy is None):
            found = "has both snr_db and peak_jy" if self.snr_db is not None else "is empty"
            raise ValueError(f"{found}; expected either snr_db or peak_jy")
        return self


class Weighting(Setting):
    """Weights of published dirty images and of CLEAN."""

    weighting: Literal["natural", "uniform", "briggs"] = setting("Kind of the weights.")
    robust: float = setting("Robustness of Briggs weights.", default=None, ge=-5, le=5)

    @model_validator(mode="after")
    def _robust_is_of_briggs(self) -> "Weighting":
        if self.robust is not None and self.weighting != "briggs":
            raise ValueError(f"has robust, which belongs to briggs; remove it for {self.weighting} weights")
        return self


class RadioExport(Setting):
    """Which images are written as FITS."""

    method: str = setting("Method whose images are written.")
    images: Count = setting("How many skies.")


class Inversion(Setting):
    """Skies, their visibilities, and the methods that make images from them."""

    sky: AnySky = setting("The true skies; their peaks are 1.")
    pixels: int = setting("Side of the sky.", unit="pixels", ge=32)
    cell_arcsec: Positive = setting("Side of a pixel; required with a telescope.", unit="arcsec", default=None)
    coverage: AnyCoverage = setting("Where visibilities are measured.")
    noise: Noise = setting("Noise of the visibilities.")
    noise_seeds: Count = setting("Noise realisations of each sky.")
    jobs: Jobs = setting("Jobs that the images of a method are divided among.", default=1)
    weighting: Weighting = setting("Weights of published dirty images and of CLEAN.")
    prior: str = setting("Denoising experiment that ADMM takes its denoisers from.")
    methods: Names = setting("Names of methods.")
    export: RadioExport = setting("Which images are written as FITS.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if it names what does not exist, or its prior was trained on its own skies."""
        whole.check_denoising(self.prior, f"{key}.prior")
        for name in self.methods:
            check_known(name, whole.methods, f"{key}.methods")
            model = whole.methods[name].keywords.get("model")
            if model is not None:
                check_known(model, whole.experiments[self.prior].models, f"methods.{name}.model")
        check_known(self.export.method, self.methods, f"{key}.export.method")
        of_telescope = isinstance(self.coverage, TelescopeCoverage)
        if of_telescope and self.cell_arcsec is None:
            raise Mistake(f"{key}.cell_arcsec", "is missing; a coverage of a telescope needs it")
        if self.noise.peak_jy is not None and not of_telescope:
            raise Mistake(f"{key}.noise.peak_jy", "needs a coverage of a telescope; this coverage is of a file")
        if self.noise.peak_jy is not None and self.coverage.bandwidth_hz is None:
            raise Mistake(f"{key}.coverage.bandwidth_hz", "is missing; noise.peak_jy needs it")
        problems = self.sky.count * self.noise_seeds
        if self.jobs > problems:
            raise Mistake(
                f"{key}.jobs", f"is {self.jobs}, but there are {problems} images; expected at most one job each"
            )
        if isinstance(self.sky, PictureSky):
            self._check_pictures(whole, key)

    def _check_pictures(self, whole: Whole, key: str) -> None:
        """Pictures that are skies are not what the prior was trained or validated on."""
        for name in ("train", "validation"):
            split = whole.experiments[self.prior].splits[name]
            if getattr(whole.sources[split.source], "path", None) != self.sky.pictures:
                continue
            (first, last), (low, high) = self.sky.numbers, split.pictures
            if max(first, low) <= min(last, high):
                raise Mistake(
                    f"{key}.sky",
                    f"has picture {max(first, low)} of {self.sky.pictures}, which is in the split {name} of the prior "
                    f"{self.prior}; they must differ",
                )
