"""The whole configuration: one model, whose fields are the top-level keys."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from lofi.priors.shipped import SERVES
from workflow.configuration.comparisons import Comparison
from workflow.configuration.costs import Cost
from workflow.configuration.downloads import Download
from workflow.configuration.experiments import AnyExperiment
from workflow.configuration.figures import Figures
from workflow.configuration.inversions import Inversion
from workflow.configuration.methods import Method
from workflow.configuration.networks import AnyModel
from workflow.configuration.observations import AnyObservation, Checkpoint
from workflow.configuration.pictures import Inpainting, Probes
from workflow.configuration.scoreboard import Scoreboard
from workflow.configuration.setting import Count, Mistake, Name, NotEmpty, Setting, check_known, setting
from workflow.configuration.sources import AnySource

DRAWN = ("mass", "galaxies", "ldct", "geometry", "transposed")  # experiments that tables and figures are made of


class Training(Setting):
    """Processes that train one model (docs/training.md)."""

    devices: Count = setting("Processes per node, one for each GPU; with `device: cpu` on the processor.", example=1)
    nodes: Count = setting("Nodes of a SLURM job.", example=1)


class Build(Setting):
    """What the default target builds, beside the experiments `mass` and `galaxies`."""

    observations: list[str] = setting("Observations.")
    inversions: list[str] = setting("Inversions.")


class Cosmology(Setting):
    """Flat ΛCDM with massless neutrinos, for CAMB."""

    h: float = setting("Hubble constant.", unit="100 km/s/Mpc", ge=0.4, le=1)
    omega_m: float = setting("Density of matter.", ge=0.05, le=0.99)
    omega_b: float = setting("Density of baryons.", ge=0.01, le=0.1)
    n_s: float = setting("Spectral index.", ge=0.7, le=1.3)
    sigma_8: float = setting("Amplitude of the fluctuations.", ge=0.3, le=1.5)


class Jobs(Setting):
    """What every job asks SLURM for."""

    partition: Name = setting("Partition.", default=None)
    account: Name = setting("Account.", default=None)
    qos: Name = setting("Quality of service.", default=None)
    constraint: Name = setting("Constraint on the nodes.", default=None)


def _one_gpu(gres: str) -> str:
    if not re.fullmatch(r"gpu(:[A-Za-z0-9_.]+)?:1", gres):
        raise ValueError(f"is {gres!r}; expected one GPU, such as gpu:1 or gpu:a100:1")
    return gres


class GpuJobs(Jobs):
    """What jobs that train or reconstruct ask for, over what every job asks for."""

    gres: Annotated[str, AfterValidator(_one_gpu)] = setting("One GPU.", default=None, example="gpu:a100:1")


class Cluster(Setting):
    """What jobs ask a cluster for (docs/cluster.md)."""

    jobs: Jobs = setting("All jobs.")
    gpus: GpuJobs = setting("Jobs that train or reconstruct, over those.")


def _plain(pattern: str) -> AfterValidator:
    def check(mapping: dict) -> dict:
        for name in mapping:
            if not re.fullmatch(pattern, name):
                raise ValueError(f"has the name {name!r}; expected small letters, digits and _")
        return mapping

    return AfterValidator(check)


class Configuration(Setting):
    """The configuration of a run."""

    scale: str = setting(
        "Name of the run: of its folder below `results/`, in captions and verdicts. Letters, digits, `-` and `_`.",
        pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$",
        example="laptop",
    )
    seed: str | int = setting("Root word of all random streams.", example="lofi")
    device: Literal["auto", "cpu", "cuda"] = setting("Where models are trained and evaluated.")
    training: Training = setting("Processes that train one model.")
    build: Build = setting("What the default target builds, beside the experiments `mass` and `galaxies`.")
    cosmology: Cosmology = setting("Flat ΛCDM with massless neutrinos, for CAMB.")
    source_redshift: float = setting("Redshift of the sources.", ge=0.1, le=5)
    sources: dict[str, AnySource] = setting("Skies, slices and pictures by name (docs/data.md).")
    experiments: dict[str, AnyExperiment] = setting("Experiments by name; `task` decides about the other keys.")
    models: dict[str, AnyModel] = setting("Models by name.")
    observations: dict[str, AnyObservation] = setting(
        "Data of your own, or mock data, by name (docs/survey.md, docs/visibilities.md)."
    )
    methods: dict[str, Method] = setting("Ways to make an image from visibilities, by name.")
    inversions: dict[str, Inversion] = setting("Skies and their visibilities by name.")
    comparisons: Annotated[dict[str, Comparison], NotEmpty, _plain("[a-z0-9_]+")] = setting(
        "Measurement Sets that `lofi image` and WSClean both image, by name."
    )
    inpaintings: Annotated[dict[str, Inpainting], NotEmpty] = setting("Photographs with missing pixels by name.")
    probes: Probes = setting("What is asked of a denoiser.")
    figures: Figures = setting("What the figures of more than one entry show.")
    downloads: Annotated[dict[str, Download], _plain("[a-z0-9_]+")] = setting(
        "Public data by name, fetched by `snakemake fetch_NAME --cores 1` (docs/data.md)."
    )
    priors: Annotated[dict[str, Checkpoint], _plain("[a-z0-9_]+")] = setting(
        "Trained networks that come with the package, by name (docs/training.md)."
    )
    costs: Annotated[dict[str, Cost], _plain("[a-z][a-z0-9_]*")] = setting(
        "What training costs, by name (docs/costs.md)."
    )
    scoreboard: Scoreboard = setting("Public files that others published numbers on (docs/scoreboard.md).")
    cluster: Cluster = setting("What jobs ask a cluster for (docs/cluster.md).")

    def check(self) -> None:
        """Raise Mistake if an entry names what does not exist, or entries do not fit each other."""
        for name in self.build.observations:
            check_known(name, self.observations, "build.observations")
        for name in self.build.inversions:
            check_known(name, self.inversions, "build.inversions")
        for name in DRAWN:
            if name not in self.experiments:
                raise Mistake(f"experiments.{name}", "is missing; tables and figures are made of it")
        for noun in ("models", "methods"):
            for name, entry in getattr(self, noun).items():
                entry.check(f"{noun}.{name}")
        for noun in ("experiments", "inversions", "comparisons", "inpaintings", "costs", "observations"):
            for name, entry in getattr(self, noun).items():
                entry.check(self, f"{noun}.{name}")
        for name, entry in self.priors.items():
            entry.check(self, f"priors.{name}", *SERVES)
        for name in type(self.probes).model_fields:
            getattr(self.probes, name).check(self, f"probes.{name}")
        self.figures.check(self, "figures")

    def check_denoising(self, name: str, key: str) -> None:
        """Raise Mistake if `name`, the value of `key`, is no experiment of denoising."""
        denoising = [other for other, experiment in self.experiments.items() if experiment.task == "denoising"]
        if name in self.experiments and name not in denoising:
            raise Mistake(
                key, f"is {name}, which is no experiment of denoising; expected one of {', '.join(denoising)}"
            )
        check_known(name, denoising, key)
