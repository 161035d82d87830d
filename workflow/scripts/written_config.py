"""The merged configuration of this run, as one file beside its results."""

import yaml

from lofi.io.atomic import replacing
from workflow.job import job

with job(snakemake), replacing(snakemake.output[0]) as path:
    path.write_text(yaml.safe_dump(snakemake.params.config, allow_unicode=True, sort_keys=False))
