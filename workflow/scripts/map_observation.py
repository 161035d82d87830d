"""Map the dark matter of one observation with a trained model."""

from lofi.device import choose
from workflow.job import job
from workflow.observing import map_observation

with job(snakemake):
    choose("cpu", snakemake.threads)
    map_observation(
        snakemake.input.shear,
        snakemake.params.options,
        checkpoint=snakemake.params.folder,
        output=snakemake.output.maps,
        figure=snakemake.output.figure,
    )
