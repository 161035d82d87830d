"""`observations`: a user's own data, or mock data, and the model that maps them."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from lofi.lensing.estimators import DEFAULT_ESTIMATOR, ESTIMATORS, REQUIRED
from lofi.lensing.surveys import SURVEYS
from lofi.priors.shipped import names
from lofi.radio.imaging_options import POINTS, SPECTRA, ImagingOptions
from workflow.configuration.setting import Count, Mistake, Number, Pair, Positive, Setting, Whole, check_known, setting
from workflow.tomography import bin_count


class Checkpoint(Setting):
    """A trained model."""

    experiment: str = setting("Experiment that the model was trained in.", example="mass")
    model: str = setting("Name of the model.", example="lofi")

    def check(self, whole: Whole, key: str, *tasks: str) -> None:
        """Raise Mistake unless the experiment exists, has one of these tasks and trains the model."""
        check_known(self.experiment, whole.experiments, f"{key}.experiment")
        experiment = whole.experiments[self.experiment]
        if experiment.task not in tasks:
            fitting = [name for name, other in whole.experiments.items() if other.task in tasks]
            raise Mistake(
                f"{key}.experiment",
                f"is {self.experiment}, which is an experiment of {experiment.task}; expected one of "
                f"{' or '.join(tasks)}: {', '.join(fitting)}",
            )
        check_known(self.model, experiment.models, f"{key}.model")


def _kind_of_prior(prior: Any) -> str:
    return "trained" if isinstance(prior, dict | Checkpoint) else "named"


AnyPrior = Annotated[
    Annotated[str, Tag("named")] | Annotated[Checkpoint, Tag("trained")], Discriminator(_kind_of_prior)
]
PRIOR = "A name of `lofi priors`, a folder, or a model of the workflow. Default: the one that comes with the package."


def check_prior(prior: str | Checkpoint | None, whole: Whole, key: str, task: str) -> None:
    """Raise Mistake unless there is such a prior; a folder, which has a / in its name, is looked for later."""
    if isinstance(prior, Checkpoint):
        prior.check(whole, key, task)
    elif prior is not None and "/" not in prior:
        check_known(prior, names(), key)


class Column(Setting):
    """A column that is `offset + scale · values`."""

    name: str = setting("Name of the column.")
    scale: float | str = setting("Factor, or the name of an entry that holds it.", default=1)
    offset: float | str = setting("Summand, or the name of an entry that holds it.", default=0)


def _kind_of_column(column: Any) -> str:
    return "scaled" if isinstance(column, dict | Column) else "plain"


AnyColumn = Annotated[Annotated[str, Tag("plain")] | Annotated[Column, Tag("scaled")], Discriminator(_kind_of_column)]


class Columns(Setting):
    """Columns of a catalogue: names, or name, scale and offset."""

    ra: AnyColumn = setting("Right ascension.", unit="degrees", default=None)
    dec: AnyColumn = setting("Declination.", unit="degrees", default=None)
    e1: AnyColumn = setting("First component of the ellipticity.", default=None)
    e2: AnyColumn = setting("Second component of the ellipticity.", default=None)
    weight: AnyColumn = setting("Weight of the galaxy.", default=None)
    r11: AnyColumn = setting("Response of e1 to the first component of shear.", default=None)
    r12: AnyColumn = setting("Response of e1 to the second component.", default=None)
    r21: AnyColumn = setting("Response of e2 to the first component.", default=None)
    r22: AnyColumn = setting("Response of e2 to the second component.", default=None)
    rms_e: AnyColumn = setting("Intrinsic dispersion of a galaxy's distortions, of hsc-regauss.", default=None)
    m: AnyColumn = setting("Multiplicative bias.", default=None)
    c1: AnyColumn = setting("Additive bias of the first component of shear.", default=None)
    c2: AnyColumn = setting("Additive bias of the second component.", default=None)
    psf_e1: AnyColumn = setting("First component of the ellipticity of the PSF, for null tests.", default=None)
    psf_e2: AnyColumn = setting("Second component of the ellipticity of the PSF.", default=None)
    psf_size: AnyColumn = setting("Any measure of the size of the PSF.", default=None)
    psf_11: AnyColumn = setting("Second moment of the PSF, in place of its ellipticity.", default=None)
    psf_22: AnyColumn = setting("Second moment of the PSF.", default=None)
    psf_12: AnyColumn = setting("Second moment of the PSF.", default=None)

    def check(self, key: str) -> None:
        """Raise Mistake if a column that every catalogue has is not named."""
        for name in REQUIRED:
            if getattr(self, name) is None:
                raise Mistake(f"{key}.{name}", "is missing; expected the name of a column")


OneOrEach = float | list[float]


class SimulatedShear(Setting):
    """The catalogue is made by the workflow from a map of an experiment, in place of a file of yours."""

    experiment: str = setting("Lensing experiment.")
    split: str = setting("Split of the experiment.")
    map: Number = setting("Number of the map, from 0.")
    holes: Number = setting("Holes in the catalogue.", default=None)

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the experiment has no such map."""
        check_known(self.experiment, whole.experiments, f"{key}.experiment")
        splits = whole.experiments[self.experiment].splits
        check_known(self.split, splits, f"{key}.split")
        _check_number(self.map, splits[self.split].maps, f"{key}.map", f"maps of {self.split}")


class SimulatedVisibilities(Setting):
    """The visibilities are made by the workflow from a sky of an inversion, in place of a file of yours."""

    inversion: str = setting("Inversion.")
    image: Number = setting("Number of the sky, from 0.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the inversion has no such sky."""
        check_known(self.inversion, whole.inversions, f"{key}.inversion")
        _check_number(self.image, whole.inversions[self.inversion].sky.count, f"{key}.image", "skies")


def _check_number(number: int, count: int, key: str, things: str) -> None:
    """Raise Mistake if `number`, the value of `key`, is none of `count` that are counted from 0."""
    if number >= count:
        raise Mistake(key, f"is {number}; the {things} are 0 to {count - 1}")


class ShearObservation(Setting):
    """A shear catalogue or map."""

    file: str | Annotated[list[str], Field(min_length=1)] = setting(
        "Catalogue or map of the shear, or a list of the files of one catalogue.", example="data/catalogue.fits"
    )
    prior: AnyPrior = setting(PRIOR, default=None)
    simulated: SimulatedShear = setting("Make the catalogue from a simulated map.", default=None)
    survey: Literal[tuple(SURVEYS)] = setting(
        "Preset of columns, estimator and signs (`lofi surveys` prints them); keys beside it win.", default=None
    )
    columns: Columns = setting("Columns of the catalogue.", default=None)
    e1_sign: Literal[1, -1] = setting("Factor on e1, so that it is measured as docs/conventions.md says.", default=None)
    e2_sign: Literal[1, -1] = setting("Factor on e2.", default=None)
    responsivity: Positive = setting(
        "R of the estimator (docs/survey.md). Default: of columns or variants, else 1.", default=None
    )
    estimator: Literal[tuple(ESTIMATORS)] = setting(
        f"What the ellipticities are (docs/survey.md). Default: that of the survey, else {DEFAULT_ESTIMATOR}.",
        default=None,
    )
    bins: str = setting("COLUMN or COLUMN=EDGE,EDGE,…: galaxies that are calibrated together.", default=None)
    m: OneOrEach = setting("Multiplicative bias, a number or one for each bin.", default=None)
    c1: OneOrEach = setting("Additive bias of the first component of shear.", default=None)
    c2: OneOrEach = setting("Additive bias of the second component.", default=None)
    select: str = setting("Rows of a catalogue to keep, such as flag == 0 & z > 0.5.", default=None)
    hdu: str = setting("Numbers or names of the tables or images to read, or all.", default=None)
    max_ellipticity: Positive = setting("Galaxies with larger ellipticities are refused.", default=None)
    drop_invalid: bool = setting("Leave out galaxies with invalid values instead of refusing the file.", default=None)
    sigma_e: Positive = setting("Ellipticity dispersion per component. Default: measured.", default=None)
    pixel_arcmin: Positive = setting("Side of a pixel. Default: that of the experiment.", unit="arcmin", default=None)
    redshift: Positive = setting("Redshift of the sources. Default: the middle of the prior's range.", default=None)
    nz: str = setting("n(z) of the sources: text (z, n of bin 1, n of bin 2, …) or SACC.", default=None)
    zbins: str = setting("COLUMN or COLUMN=EDGE,EDGE,…: a map of each bin of redshift, too.", default=None)
    joint: bool = setting("Whether each bin has maps from the shear of all bins, too.", default=None)
    mask: str = setting("HEALPix, healsparse, MOC or regions of DS9 or CASA; nothing outside is used.", default=None)
    centre: Pair = setting("Right ascension and declination of the centre.", unit="degrees", default=None)
    shape: Annotated[list[Count], Field(min_length=2, max_length=2)] = setting(
        "Rows and columns of the map.", unit="pixels", default=None
    )
    x_axis: Literal["west", "east"] = setting("Where columns of a map without a header run.", default=None)
    rebin: Count = setting("Pixels of a map that become one, on a side.", default=None)
    reduced_shear: bool = setting(
        "Whether the shear is the reduced one, as galaxies measure it. Default: unless it is simulated.", default=None
    )
    errors: bool = setting("Whether the map has error bars. Default: where the prior has them.", default=None)
    samples: Count = setting("Maps drawn from what the data leave open (docs/survey.md).", default=None)
    precision: Literal["exact", "fast", "int8"] = setting(
        "How exactly layers are computed (docs/running.md). Default: as the model was trained for.", default=None
    )

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the model or the simulated map does not exist, or if bins cannot be mapped."""
        check_prior(self.prior, whole, f"{key}.prior", "lensing")
        if self.columns and not self.survey:
            self.columns.check(f"{key}.columns")
        if self.simulated:
            self.simulated.check(whole, f"{key}.simulated")
            if not isinstance(self.file, str):
                raise Mistake(f"{key}.file", "is a list; a simulated catalogue is one file")
        try:
            bins = bin_count(self.model_dump(exclude_unset=True))
        except ValueError as error:
            raise Mistake(f"{key}.zbins", f"is {self.zbins!r}: {error}") from error
        if self.joint:
            self._check_joint(f"{key}.joint", bins)

    def _check_joint(self, key: str, bins: int) -> None:
        """Raise Mistake unless the redshift of each bin is known; `bins` as of `bin_count`."""
        if self.zbins is None:
            raise Mistake(key, "maps bins of redshift together; name them with zbins")
        if self.redshift is not None:
            raise Mistake(key, "needs the redshift of each bin, not one redshift; give nz, or neither")
        if not bins and self.nz is None:
            raise Mistake(
                key, f"needs the redshift of each bin, and zbins ({self.zbins}) only numbers them; give nz, or edges"
            )


class RadioObservation(Setting):
    """Visibilities."""

    file: str | Annotated[list[str], Field(min_length=1)] = setting(
        "Visibilities: a Measurement Set, UVFITS or npz (docs/data.md), or a list of them that is one data set.",
        example="data/obs.uvfits",
    )
    pixels: Count | Annotated[list[Count], Field(min_length=2, max_length=2)] = setting(
        "Side of the image, or its rows and columns.", unit="pixels"
    )
    prior: AnyPrior = setting(PRIOR, default=None)
    cell_arcsec: Positive = setting(
        "Side of a pixel. Default: a third of the resolution of the longest baseline.", unit="arcsec", default=None
    )
    weighting: Literal["natural", "uniform", "briggs"] = setting(
        "Weights of the published dirty image; the reconstruction weighs naturally.", default="briggs"
    )
    robust: float = setting("Robustness of Briggs weights.", default=0, ge=-5, le=5)
    iterations: int = setting("Iterations of ADMM, at most.", default=80, ge=2)
    sigma_scale: Positive = setting("Factor on the noise that the weights state.", default=1)
    centre: Pair = setting(
        "Right ascension and declination of the phase centre. Default: those of the file.", unit="degrees", default=None
    )
    primary_beam: float | str = setting(
        "auto, none, meerkat, or the effective diameter of a dish (docs/visibilities.md).", default="auto", unit="m"
    )
    total_flux: Pair = setting(
        "Flux of the field and its error. Default: from the shortest baselines, where short ones are missing.",
        unit="Jy",
        default=None,
    )
    mask: str = setting("FITS image that is not 0 where emission is allowed, or regions of DS9 or CASA.", default=None)
    points: Literal[POINTS] = setting(
        "auto: bright unresolved sources are taken out first and put back as components.", default="auto"
    )
    spectrum: Literal[SPECTRA] = setting(
        "Of a pixel: flat, or index with a spectral index; auto: index for bands wider than 10 %.", default="auto"
    )
    errors: bool = setting("Whether the image has error bars. Default: where the prior has them.", default=None)
    replicas: int = setting("Reconstructions of simulated visibilities, for error bars (at least 2).", default=0)
    cube: Count = setting("Groups of neighbouring channels, each a plane of cubes. Default: one image.", default=None)
    field: str = setting("Field of a Measurement Set, number or name.", default=None)
    spw: str = setting("Its spectral windows, numbers or names, separated by commas.", default=None)
    channels: str = setting("Channels of each window, FIRST~LAST, both included.", default=None)
    datacolumn: str = setting("Column. Default: CORRECTED_DATA where there is one, else DATA.", default=None)
    scan: str = setting("Numbers of scans, separated by commas.", default=None)
    time: str = setting("START~END, UTC, such as 2021-05-03T18:00:00~2021-05-03T19:30:00.", default=None)
    simulated: SimulatedVisibilities = setting("Make the visibilities from a simulated sky.", default=None)

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the model or the simulated sky does not exist."""
        check_prior(self.prior, whole, f"{key}.prior", "denoising")
        if self.simulated:
            self.simulated.check(whole, f"{key}.simulated")
            if not isinstance(self.file, str):
                raise Mistake(f"{key}.file", "is a list; simulated visibilities are one file")
        try:
            ImagingOptions(**self.model_dump(exclude_unset=True, exclude={"file", "prior", "simulated"}))
        except ValueError as error:
            raise Mistake(key, f"cannot be imaged: {error}") from error


def is_radio(observation: Any) -> bool:
    """Whether an observation, a mapping, is of visibilities; all others are of shear."""
    return "pixels" in observation or "cell_arcsec" in observation


def is_catalogue(observation: Any) -> bool:
    """Whether an observation, a mapping, is surely of a shear catalogue: columns or a survey are named."""
    return "columns" in observation or "survey" in observation


def _instrument(observation: Any) -> str:
    return (
        "radio"
        if isinstance(observation, RadioObservation) or (isinstance(observation, dict) and is_radio(observation))
        else "shear"
    )


AnyObservation = Annotated[
    Annotated[ShearObservation, Tag("shear")] | Annotated[RadioObservation, Tag("radio")], Discriminator(_instrument)
]
