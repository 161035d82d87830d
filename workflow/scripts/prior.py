"""Copy a trained model as a prior that can ship, with its recipe."""

import json
import shutil
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.job import run


def prior(*, weights: Path, record: Path, shipped_weights: Path, shipped_record: Path, recipe: dict) -> None:
    """The weights as they are; the record says `recipe`, too (`workflow.recipe.recipe_of`)."""
    with replacing(shipped_weights) as path:
        shutil.copyfile(weights, path)
    content = json.loads(record.read_text(encoding="utf-8")) | {"recipe": recipe}
    with replacing(shipped_record) as path:
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(snakemake, prior)
