"""Map the dark matter of one observation with a trained model."""

from lofi.device import choose
from lofi.mapping import map_observation
from workflow.job import job

with job(snakemake):
    choose("cpu", snakemake.threads)
    map_observation(
        snakemake.input.shear,
        snakemake.params.options,
        checkpoint=snakemake.params.folder,
        output=snakemake.output.maps,
        figure=snakemake.output.figure,
    )
