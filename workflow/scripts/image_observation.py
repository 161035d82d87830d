"""Image the visibilities of one observation with a trained denoiser as the prior."""

from lofi.device import choose
from lofi.radio.imaging import image_visibilities
from lofi.radio.imaging_options import ImagingOptions
from workflow.job import job


def imaging_options(observation):
    """The options among the keys of an observation."""
    keys = {key: value for key, value in observation.items() if key not in ("file", "checkpoint", "simulated")}
    return ImagingOptions(**keys, simulated="simulated" in observation)


with job(snakemake):
    choose("cpu", snakemake.threads)
    image_visibilities(
        snakemake.input.visibilities,
        imaging_options(snakemake.params.options),
        checkpoint=snakemake.params.folder,
        output=snakemake.params.prefix,
        figure=snakemake.output.figure,
    )
