"""`experiments`: what is observed, which models learn from it, and what is shown of them. One model for each task."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from workflow.configuration.setting import (
    Fraction,
    Jobs,
    Mistake,
    Names,
    NotEmpty,
    Number,
    Positive,
    Range,
    Setting,
    Whole,
    check_known,
    setting,
)
from workflow.configuration.splits import Split, Splits, check_splits

Side = Annotated[int, Field(ge=16)]


class Dispersion(Setting):
    """Ellipticity dispersion of the galaxies."""

    value: float = setting("The dispersion.", gt=0, le=1)
    of: Literal["per_component", "total"] = setting("Of each component, or of both together.")


class Crops(Setting):
    """How crops are cut from pictures."""

    zoom: Annotated[list[Annotated[float, Field(ge=1)]], Field(min_length=2, max_length=2)] = setting(
        "Lowest and highest scale of averaging.", default=None
    )
    exponentiated: Fraction = setting("Share of the crops with a widened dynamic range.", default=None)
    sums: Fraction = setting("Share of the crops that are sums of two.", default=None)


class Pixels(Setting):
    """Size of the images."""

    pixels: Side = setting("Side of an image.", unit="pixels")


class Cropped(Pixels):
    """Size of the crops, and how they are cut."""

    crops: Crops = setting("How crops are cut.", default=None)


class Experiment(Setting):
    """What the experiments share. `kinds` are the sources that suit the task, `channels` those that are observed."""

    kinds: ClassVar[tuple[str, ...]]
    channels: ClassVar[tuple[str, ...]]
    outputs: ClassVar[int] = 1
    each_is_a_map: ClassVar[str | None] = None  # the key of a split whose numbers are one map each, at most
    splits: dict[str, Split]
    models: Names = setting("Names of the models that are trained and scored.")

    @property
    def evaluated(self) -> list[str]:
        """Names of the splits that are scored."""
        return [name for name in self.splits if name not in ("train", "validation")]

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the experiment names what does not exist, or its splits are unsound."""
        for name, split in self.splits.items():
            check_known(split.source, whole.sources, f"{key}.splits.{name}.source")
            kind = whole.sources[split.source].kind
            if kind not in self.kinds:
                expected = " or ".join(self.kinds)
                raise Mistake(
                    f"{key}.splits.{name}.source",
                    f"is of kind {kind}, which does not suit {self.task}; expected a source of kind {expected}",
                )
        check_splits(whole, f"{key}.splits", self.splits)
        for name, split in self.splits.items():
            first, last = getattr(split, self.each_is_a_map or "", None) or (0, split.maps - 1)
            if split.maps > last + 1 - first:
                raise Mistake(
                    f"{key}.splits.{name}.maps",
                    f"is {split.maps}, but the {self.each_is_a_map} {first} to {last} are {max(0, last + 1 - first)}",
                )
        for name in self.models:
            check_known(name, whole.models, f"{key}.models")
            recipe = whole.models[name].check(f"models.{name}")
            objects, maps = getattr(recipe, "objects", 1), self.splits["train"].maps
            if objects > maps:
                raise Mistake(
                    f"models.{name}.training.objects",
                    f"is {objects}, more than the {maps} images of the training split of {key.partition('.')[2]}",
                )
            whole.models[name].check_observed(f"models.{name}", self.channels, self.outputs)


class Scored(Experiment):
    """An experiment with splits that are scored."""

    splits: Splits = setting("`train`, `validation` and those that are scored, by name.")
    jobs: Jobs = setting("Jobs that the reconstructions of a model are divided among.", default=1)

    def check(self, whole: Whole, key: str) -> None:
        super().check(whole, key)
        for name in self.evaluated:
            maps = self.splits[name].maps
            if self.jobs > maps:
                raise Mistake(
                    f"{key}.jobs", f"is {self.jobs}, more than the {maps} maps of {name}; expected at most one each"
                )
        for split in getattr(self, "curves", None) or []:
            check_known(split, self.splits, f"{key}.curves")

    def check_figure(self, key: str, shown: dict[str, int]) -> None:
        """Raise Mistake if the models of the figure, or the slices or images that it shows, do not exist."""
        for model in self.figure.models:
            check_known(model, self.models, f"{key.rpartition('.')[0]}.models")
        for split, number in shown.items():
            check_known(split, self.evaluated, key)
            maps = self.splits[split].maps
            if number >= maps:
                raise Mistake(f"{key}.{split}", f"is {number}; expected a number from 0 to {maps - 1}")


class LensingField(Setting):
    """The field of view."""

    extent_arcmin: float = setting("Side of the field.", unit="arcmin", gt=0, le=1200)
    pixels: int = setting("Side of a map.", unit="pixels", ge=32)
    pixel_arcmin: Range = setting(
        "Smallest and largest pixels, where maps differ in them; `extent_arcmin` is then that of the nominal noise. "
        "Needs `redshift`.",
        unit="arcmin",
        default=None,
    )
    redshift: Range = setting(
        "Lowest and highest redshift of the sources, where maps differ in it. Needs `pixel_arcmin`.", default=None
    )


class LensingObservation(Setting):
    """Galaxies whose shapes are measured."""

    galaxy_density: Positive = setting("Galaxies per area.", unit="per arcmin²")
    ellipticity_dispersion: Dispersion = setting("Dispersion of the ellipticities.")
    cutout_margin: Number = setting(
        "Pixels around the field that the shear is computed with; 0: the shear is periodic.",
        unit="pixels",
        default=None,
    )
    mean: Literal["remove", "keep"] = setting("Whether the mean of a map is removed.", default=None)


class MapFigure(Setting):
    """Which map is drawn."""

    models: Annotated[list[str], Field(min_length=1)] = setting("Models that are drawn.")
    split: str = setting("Split of the map.")
    map: Number = setting("Number of the map, from 0.")


class MapExport(Setting):
    """Whose maps are written as FITS."""

    model: str = setting("Model that becomes `KAPPA`.")
    split: str = setting("Split of the maps.")


def _with(needed: str) -> AfterValidator:
    def check(models: list[str]) -> list[str]:
        if needed not in models:
            raise ValueError(f"is {', '.join(models)}; expected {needed} among them")
        return models

    return AfterValidator(check)


class Lensing(Scored):
    """Maps of the convergence from the shapes of galaxies."""

    kinds: ClassVar = ("nbody", "lognormal", "gaussian", "ktng")
    task: Literal["lensing"] = setting("Task of the experiment.")
    field: LensingField = setting("The field of view.")
    observation: LensingObservation = setting("The survey.")
    models: Annotated[Names, _with("wiener")] = setting("Names of models; `wiener` is one of them.")
    figure: MapFigure = setting("Which map is drawn.")
    export: MapExport = setting("Which maps are written as FITS.")

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the observed channels."""
        sight = ("pixel_arcmin", "redshift") if self.field.pixel_arcmin else ()
        return ("kappa_e", "kappa_b", "noise_std", *sight)

    def check(self, whole: Whole, key: str) -> None:
        super().check(whole, key)
        self._check_transfer(whole, key)
        self._check_ranges(whole, key)
        for model in self.figure.models:
            check_known(model, self.models, f"{key}.figure.models")
        check_known(self.export.model, self.models, f"{key}.export.model")
        check_known(self.figure.split, self.evaluated, f"{key}.figure.split")
        check_known(self.export.split, self.evaluated, f"{key}.export.split")

    def _check_transfer(self, whole: Whole, key: str) -> None:
        train = self.splits["train"].source
        for name, split in self.splits.items():
            if whole.sources[split.source].kind == "nbody" and split.source != train:
                raise Mistake(
                    f"{key}.splits.{name}.source",
                    f"is {split.source}, but train uses {train}; the transfer functions come from the training boxes",
                )

    def _check_ranges(self, whole: Whole, key: str) -> None:
        """Maps differ in pixel size and redshift, both or none, within those of the field, and a source has them."""
        ranges = {name: getattr(self.field, name) for name in ("pixel_arcmin", "redshift")}
        if (ranges["pixel_arcmin"] is None) != (ranges["redshift"] is None):
            raise Mistake(f"{key}.field", "has one of pixel_arcmin and redshift; expected both, or none")
        for name, split in self.splits.items():
            for what, outer in ranges.items():
                _check_range(getattr(split, what), outer, f"{key}.splits.{name}.{what}")
            if ranges["redshift"] and self._reach(whole, split.source) < ranges["redshift"][1]:
                raise Mistake(
                    f"{key}.splits.{name}.source",
                    f"is {split.source}; expected a source of kind nbody with a redshift of at least "
                    f"{ranges['redshift'][1]:g}, the highest of the field",
                )
        for what, given in ranges.items():
            _check_range(given, given, f"{key}.field.{what}")

    @staticmethod
    def _reach(whole: Whole, name: str) -> float:
        """The highest redshift that a source can be seen from; 0 of a kind without lens planes."""
        source = whole.sources[name]
        if source.kind != "nbody":
            return 0.0
        return whole.source_redshift if source.redshift is None else source.redshift


def _check_range(given: list[float] | None, outer: list[float] | None, key: str) -> None:
    if given is None:
        return
    if outer is None:
        raise Mistake(key, "is not allowed; the field has no ranges")
    if not 0 < given[0] <= given[1] or not outer[0] <= given[0] <= given[1] <= outer[1]:
        raise Mistake(key, f"is {given}; expected two numbers in order, above 0, within those of the field, {outer}")


class DenoisingObservation(Setting):
    """Noise of the images."""

    noise: Annotated[list[Positive], Field(min_length=2, max_length=2)] = setting(
        "Lowest and highest level, relative to the peak; training draws uniformly in the logarithm."
    )
    levels: int = setting(
        "How many levels, at equal ratios, each evaluated image is observed at.", default=None, ge=1, le=32
    )


class Denoising(Scored):
    """Images with noise of known level. Its networks are the priors of inversions and in-painting."""

    kinds: ClassVar = ("galaxies", "pictures", "photographs")
    channels: ClassVar = ("image", "noise_std")
    task: Literal["denoising"] = setting("Task of the experiment.")
    field: Cropped = setting("The crops.")
    observation: DenoisingObservation = setting("Noise of the images.")


class TomographyObservation(Setting):
    """Projections of a slice."""

    angles: int = setting("Projections over 180°.", ge=1, le=2000)
    snr_db: float = setting("Signal-to-noise ratio of every sinogram (docs/conventions.md).", unit="dB", ge=-20, le=100)


class SliceFigure(Setting):
    """What Figure 3 shows."""

    models: Annotated[list[str], Field(min_length=1)] = setting("Models that are drawn.")
    slices: Annotated[dict[str, Number], NotEmpty] = setting("Number of the slice, for each split that is drawn.")


NOISE = "`fresh`: new noise in every step. `fixed`: the same noise in every step and for every model."
CURVES = "Splits whose PSNR is logged whenever a model is validated: columns `psnr_SPLIT` of `history.csv`."


class Tomography(Scored):
    """Slices from their projections; `identity` is the filtered back-projection."""

    kinds: ClassVar = ("chest", "brain", "lodopab", "slices")
    channels: ClassVar = ("fbp",)
    each_is_a_map: ClassVar = "slices"
    task: Literal["tomography"] = setting("Task of the experiment.")
    field: Pixels = setting("The slices.")
    observation: TomographyObservation = setting("The projections.")
    figure: SliceFigure = setting("What Figure 3 shows.")
    noise_in_training: Literal["fresh", "fixed"] = setting(NOISE, default="fresh")
    curves: Names = setting(CURVES, default=None)

    def check(self, whole: Whole, key: str) -> None:
        super().check(whole, key)
        self.check_figure(f"{key}.figure.slices", self.figure.slices)


class PhotographyObservation(Setting):
    """Noise of the pictures."""

    sigma: Positive = setting("Standard deviation of the noise; pictures run from 0 to 1.")


class Photography(Scored):
    """Colour photographs with noise; `identity` is the noisy picture."""

    kinds: ClassVar = ("photographs",)
    channels: ClassVar = ("red", "green", "blue")
    outputs: ClassVar = 3
    each_is_a_map: ClassVar = "pictures"
    task: Literal["photography"] = setting("Task of the experiment.")
    field: Pixels = setting("The largest central square of a picture is resampled to this size.")
    observation: PhotographyObservation = setting("Noise of the pictures.")
    noise_in_training: Literal["fresh", "fixed"] = setting(NOISE, default="fresh")
    curves: Names = setting(CURVES, default=None)


class Transpose(Setting):
    """Rows and columns are exchanged."""

    kind: Literal["transpose"] = setting("Kind of the change of coordinates (docs/conventions.md).")
    sigma: float = setting("Noise of the observed picture.", default=0, ge=0)


class Rotation(Setting):
    """The picture is turned."""

    kind: Literal["rotation"] = setting("Kind of the change of coordinates (docs/conventions.md).")
    angle_deg: float = setting("Angle, counter-clockwise.", unit="degrees", ge=-180, le=180)
    sigma: float = setting("Noise of the observed picture.", default=0, ge=0)


class Shear(Setting):
    """The picture is sheared."""

    kind: Literal["shear"] = setting("Kind of the change of coordinates (docs/conventions.md).")
    factor: float = setting("Shift of x per y.", ge=-2, le=2)
    sigma: float = setting("Noise of the observed picture.", default=0, ge=0)


class ImageFigure(Setting):
    """What Figure 8 shows."""

    models: Annotated[list[str], Field(min_length=1)] = setting("Models that are drawn.")
    images: Annotated[dict[str, Number], NotEmpty] = setting("Number of the crop, for each split that is drawn.")


class Warping(Scored):
    """Pictures in other coordinates; `identity` is the picture as observed."""

    kinds: ClassVar = ("photographs",)
    channels: ClassVar = ("image",)
    task: Literal["warping"] = setting("Task of the experiment.")
    field: Cropped = setting("The crops.")
    observation: Annotated[Transpose | Rotation | Shear, Field(discriminator="kind")] = setting(
        "Change of coordinates."
    )
    models: Annotated[Names, _with("inr_lofi")] = setting("Names of models; `inr_lofi` is one of them.")
    figure: ImageFigure = setting("What Figure 8 shows.")

    def check(self, whole: Whole, key: str) -> None:
        super().check(whole, key)
        self.check_figure(f"{key}.figure.images", self.figure.images)


class SphereField(Setting):
    """The pixels of the sphere."""

    nside: Literal[32, 64, 128, 256, 512, 1024, 2048, 4096, 8192] = setting("HEALPix Nside of the maps.")
    pixels: int = setting("Side of the patches that are trained on (docs/sphere.md).", unit="pixels", ge=32)


class SphereObservation(Setting):
    """The survey."""

    galaxy_density: Positive = setting("Galaxies per area.", unit="per arcmin²")
    ellipticity_dispersion: Dispersion = setting("Dispersion of the ellipticities.")
    galactic_cut: float = setting(
        "Galactic latitudes below this are not observed.", unit="degrees", default=None, ge=0, lt=90
    )
    declinations: Annotated[list[Annotated[float, Field(ge=-90, le=90)]], Field(min_length=2, max_length=2)] = setting(
        "Lowest and highest declination.", unit="degrees", default=None
    )
    holes: Number = setting("Holes over the whole sphere.", default=None)
    hole_radius: Range = setting("Smallest and largest radius of a hole.", unit="arcmin", default=None)
    depth_variation: float = setting("Variation of the noise.", unit="e-foldings", default=None, ge=0, le=2)


def _of_sphere(splits: dict[str, Split]) -> dict[str, Split]:
    if set(splits) - {"test"} != {"train", "validation"}:
        raise ValueError(
            f"has the splits {', '.join(splits) or 'none'}; expected train and validation, perhaps test, and no other"
        )
    return splits


class SphereMap(Setting):
    """How the sky is mapped."""

    model: str = setting("The local field that maps the sky.")
    tile_nside: Literal[4, 8, 16, 32, 64] = setting("The sky is mapped in 12 tile_nside² tiles.")
    jobs: Jobs = setting("Jobs that the tiles are divided among.", default=1)


class Zoom(Setting):
    """The field of the figure and of `zoom.fits`."""

    centre: Annotated[list[Annotated[float, Field(ge=-90, le=360)]], Field(min_length=2, max_length=2)] = setting(
        "Right ascension and declination.", unit="degrees"
    )
    pixels: int = setting("Side of the field.", unit="pixels", ge=16, le=1024)


class Sphere(Experiment):
    """A convergence map of the curved sky."""

    kinds: ClassVar = ("lognormal", "nbody")
    channels: ClassVar = ("kappa_wiener", "kappa_e", "precision")
    task: Literal["sphere"] = setting("Task of the experiment.")
    field: SphereField = setting("The pixels of the sphere.")
    observation: SphereObservation = setting("The survey.")
    splits: Annotated[dict[str, Split], AfterValidator(_of_sphere)] = setting(
        "`train` and `validation`, patches of a sky each. `test` is the sky that is mapped, if it is not as that of "
        "`train`."
    )
    noise_in_training: Literal["fixed"] = setting("`fixed`: the same noise in every step and for every model.")
    map: SphereMap = setting("How the sky is mapped.")
    zoom: Zoom = setting("The field of the figure and of `zoom.fits`.")

    def check(self, whole: Whole, key: str) -> None:
        options = self.map
        check_known(options.model, self.models, f"{key}.map.model")
        check_known(options.model, whole.models, f"{key}.map.model")
        model = whole.models[options.model]
        if model.kind != "lofi":
            raise Mistake(
                f"{key}.map.model", f"is {options.model}, which is of class {model.kind}; expected class lofi"
            )
        if "filter" in model.keywords or model.keywords.get("geometry", {}).get("kind") == "conditioned":
            raise Mistake(f"{key}.map.model", f"is {options.model}, which depends on more than its patch")
        super().check(whole, key)
        if "test" not in self.splits and whole.sources[self.splits["train"].source].kind == "nbody":
            raise Mistake(
                f"{key}.splits.test", "is missing; the sky that is mapped needs boxes that train does not have"
            )
        if options.tile_nside > self.field.nside:
            raise Mistake(f"{key}.map.tile_nside", f"is {options.tile_nside}, more than nside {self.field.nside}")
        tiles = 12 * options.tile_nside**2
        if options.jobs > tiles:
            raise Mistake(
                f"{key}.map.jobs", f"is {options.jobs}, more than the {tiles} tiles; expected at most one each"
            )
        for name, split in self.splits.items():
            if split.depth is not None:
                raise Mistake(f"{key}.splits.{name}.depth", "is not allowed; set observation.depth_variation instead")
        if not -90 <= self.zoom.centre[1] <= 90:
            raise Mistake(
                f"{key}.zoom.centre", f"is {self.zoom.centre}; expected right ascension and declination in degrees"
            )
        low, high = self.observation.declinations or (-90, 90)
        if low >= high:
            raise Mistake(f"{key}.observation.declinations", f"is [{low:g}, {high:g}]; expected the lower one first")


AnyExperiment = Annotated[
    Lensing | Denoising | Tomography | Photography | Warping | Sphere, Field(discriminator="task")
]
