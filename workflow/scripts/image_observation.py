"""Image the visibilities of one observation with a trained denoiser as the prior."""

from lofi.device import choose
from lofi.radio.imaging import image_visibilities
from workflow.job import job

with job(snakemake):
    choose("cpu", snakemake.threads)
    image_visibilities(
        snakemake.input.visibilities,
        snakemake.params.options,
        checkpoint=snakemake.params.folder,
        output=snakemake.params.prefix,
        figure=snakemake.output.figure,
    )
