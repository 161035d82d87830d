"""The merged configuration of this run, as one file beside its results."""

from pathlib import Path

import yaml

from lofi.io.atomic import replacing
from workflow.job import run


def written_config(*, config: dict, written: Path) -> None:
    with replacing(written) as path:
        path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False))


if __name__ == "__main__":
    run(snakemake, written_config)
