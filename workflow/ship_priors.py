"""Put trained priors into the package (docs/training.md).

python -m workflow.ship_priors results/laptop/priors/NAME…
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from lofi.io import checkpoint
from lofi.io.atomic import replacing
from lofi.messages import one_sentence
from lofi.priors.ranges import in_words
from lofi.priors.shipped import CARD, RECORD, SHIPPED, WEIGHTS, names

LARGEST = 2_000_000  # bytes of all
ERRORS = "errors*"  # files of priors that have error bars
HEADING = "\n## This file\n"  # of the part of a card that is written here; it comes last


def ship(folder: Path, package: Path = SHIPPED) -> None:
    """Copy the prior in `folder` to the folder of its name in `package` and write the end of its card.

    Raises ValueError, one sentence, if it is no prior, has no recipe, no card or would make all priors too large.
    """
    _, record = checkpoint.load(folder)
    target = package / folder.name
    missing = [key for key in ("recipe", "training", "field") if key not in record]
    if missing:
        raise ValueError(f"{folder / RECORD} has no {', '.join(missing)}; make it by `snakemake priors`")
    if not (target / CARD).exists():
        raise ValueError(f"{target / CARD} is missing; write it first, in the sections of the other cards")
    others = (path for name in names() if name != folder.name for path in (package / name).iterdir())
    size = sum(path.stat().st_size for path in [*others, *folder.iterdir()])
    if size > LARGEST:
        raise ValueError(f"with {folder} all priors would have {size / 1e6:.2f} MB; expected at most {LARGEST / 1e6:g}")
    for path in (folder / WEIGHTS, folder / RECORD, *folder.glob(ERRORS)):
        shutil.copyfile(path, target / path.name)
    card = (target / CARD).read_text(encoding="utf-8")
    with replacing(target / CARD) as path:
        path.write_text(card.partition(HEADING)[0] + HEADING + described(record), encoding="utf-8")


def described(record: Mapping) -> str:
    """The end of a card: what the `record` of a prior says, in Markdown."""
    recipe, training = record["recipe"], record["training"]
    rows = {
        "network": f"`{record['model']['class']}`, {record['parameters']:,} parameters",
        "trained for": in_words(record["ranges"]),
        "trained on": record["data"]["description"],
        "training": f"{training['steps']:,} steps of {training['objects']} images",
        "experiment, model": f"`{recipe['experiment']}`, `{recipe['model']}` (`config/priors.yaml`)",
        "fingerprint of the recipe": recipe["fingerprint"],
        "seed": "/".join(map(str, record["seed"])),
        "weights (SHA-256)": record["weights"],
    }
    table = "\n".join(f"| {key} | {value} |" for key, value in rows.items())
    return f"\n`make ship-priors` writes this part.\n\n| | |\n| --- | --- |\n{table}\n"


if __name__ == "__main__":
    with one_sentence():
        for name in sys.argv[1:]:
            ship(Path(name))
