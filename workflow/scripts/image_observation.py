"""Image the visibilities of one observation with a trained denoiser as the prior."""

from pathlib import Path

from lofi.device import choose
from lofi.radio.imaging import image_visibilities
from lofi.radio.imaging_options import ImagingOptions
from workflow.job import run


def image_observation(
    *, visibilities: list[Path], weights: Path, options: dict, prefix: str, figure: Path, threads: int
) -> None:
    """`options`: the observation's entry of the configuration. `prefix`: how the names of all other files begin."""
    choose("cpu", threads)
    chosen = imaging_options(options)
    image_visibilities(visibilities, chosen, prior=weights.parent, output=prefix, figure=figure, threads=threads)


def imaging_options(observation: dict) -> ImagingOptions:
    """The options among the keys of an observation."""
    keys = {key: value for key, value in observation.items() if key not in ("file", "prior", "simulated")}
    return ImagingOptions(**keys, simulated="simulated" in observation)


if __name__ == "__main__":
    run(snakemake, image_observation)
