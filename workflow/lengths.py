"""Files of two lengths of training of Table I: those of a shorter run, `figures.length.short`, and of this one."""

import os
from pathlib import Path

from workflow.inputs import trained_models


def length_files(config):
    """Table I, histories and records of the networks of both runs."""
    models, files = trained_models(config, "ldct"), {}
    for length, folder in {"short": config["figures"]["length"]["short"], "long": "."}.items():
        files[f"{length}_table"] = os.path.normpath(f"{folder}/tables/table1.csv")
        for kind, name in {"histories": "history.csv", "records": "model.json"}.items():
            paths = [os.path.normpath(f"{folder}/models/ldct/{model}/{name}") for model in models]
            files[f"{length}_{kind}"] = paths
    return files


def both_lengths(config, *kinds):
    """Inputs of the shorter and of the longer training, for a rule."""

    def files(name):
        return lambda wildcards: length_files(config)[name]

    return {f"{length}_{kind}": files(f"{length}_{kind}") for length in ("short", "long") for kind in kinds}


def check_lengths(config):
    """Raise ValueError, one sentence, if this run logs no score on heads or the shorter run is missing."""
    missing = {"validation", "brain"} - set(config["experiments"]["ldct"].get("curves", []))
    if missing:
        raise ValueError(
            f"experiments.ldct.curves lacks {' and '.join(sorted(missing))}, which `length` compares; add --configfile"
            " config/long.yaml"
        )
    short = Path(config["figures"]["length"]["short"]).resolve()
    table = short / "tables/table1.csv"
    if short != Path.cwd() and not table.exists():
        raise ValueError(f"{table} is missing; make the shorter run first: snakemake table1 --cores 2")


def length_table(config):
    """The table of a longer run of this one, if there is one."""
    folders = config["figures"]["length"]
    table = Path(folders["long"], "tables/length.csv")
    return [str(table)] if Path(folders["short"]).resolve() == Path.cwd() and table.exists() else []
