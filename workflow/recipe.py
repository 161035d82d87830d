"""What a training is a function of, beside the code: the recipe of a prior that ships."""

import hashlib
import json

TRAINED_ON = ("train", "validation")
SIMULATED = ("lensing", "sphere")  # tasks whose skies follow the cosmology


def recipe_of(config: dict, experiment: str, model: str) -> dict:
    """Experiment, model and the fingerprint, 16 hexadecimal digits, of all entries of a configuration that matter.

    Files that maps are spread over do not.
    """
    options = config["experiments"][experiment]
    splits = {name: dict(options["splits"][name]) for name in TRAINED_ON}
    for split in splits.values():
        split.pop("shards", None)
    entries = {
        "model": config["models"][model],
        "experiment": {key: options.get(key) for key in ("task", "field", "observation", "noise_in_training")},
        "splits": splits,
        "sources": {name: config["sources"][split["source"]] for name, split in splits.items()},
        "skies": [config["cosmology"], config["source_redshift"]] if options["task"] in SIMULATED else [],
        "seed": [config["seed"], experiment, model],
    }
    digest = hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()
    return {"experiment": experiment, "model": model, "fingerprint": digest[:16]}
