"""Experiments against the rest of the configuration: sources, splits, models, jobs and figures."""

import itertools

from simulations.survey import Depth
from workflow.schema_check import known

PARTITIONS = {  # what keeps splits apart, and the kinds of source that need it
    "boxes": ("nbody",),
    "lens_planes": ("ktng",),
    "pictures": ("pictures", "photographs"),
    "slices": ("lodopab", "slices"),
}
PARTS = {"boxes": "box", "lens_planes": "lens-plane set", "pictures": "picture", "slices": "slice"}  # one of each
TASKS = {  # and the kinds of source that suit them
    "lensing": ("nbody", "lognormal", "gaussian", "ktng"),
    "denoising": ("galaxies", "pictures", "photographs"),
    "tomography": ("chest", "brain", "lodopab", "slices"),
    "photography": ("photographs",),
    "warping": ("photographs",),
    "sphere": ("lognormal",),
}
DRAWN = {"tomography": "slices", "warping": "images"}  # what a figure shows of each split that it names


def evaluation_splits(experiment):
    """Names of the splits that are scored."""
    return [name for name in experiment["splits"] if name not in ("train", "validation")]


def check_experiment(config, name, experiment):
    """ValueError, one sentence, if an experiment names what does not exist or its splits are unsound."""
    where = f"experiments.{name}"
    for split, options in experiment["splits"].items():
        known(options["source"], config["sources"], f"{where}.splits.{split}.source")
        _check_split(config, experiment, f"{where}.splits.{split}", options)
    for model in experiment["models"]:
        known(model, config["models"], f"{where}.models")
        objects, maps = (
            config["models"][model].get("training", {}).get("objects", 1),
            experiment["splits"]["train"]["maps"],
        )
        if isinstance(objects, int) and objects > maps:
            raise ValueError(
                f"configuration, models.{model}.training: objects is {objects}, more than the {maps} images of the "
                f"training split of {name}"
            )
    _check_jobs(where, experiment)
    if experiment["task"] == "lensing":
        _check_products(where, experiment)
    if experiment["task"] == "sphere":
        _check_sphere(config, where, experiment)
    if experiment["task"] in DRAWN:
        _check_figure(where, experiment, DRAWN[experiment["task"]])
    for split in experiment.get("curves", []):
        known(split, experiment["splits"], f"{where}.curves")
    _check_photographs(config, where, experiment["splits"])
    _check_independence(where, experiment["splits"])


def check_tiny_figure(config):
    """ValueError, one sentence, if the experiments of Figures 4 and 5 do not belong together."""
    figure = config["figures"]["tiny"]
    first = figure["fixed"][0]
    for noise, names in figure.items():
        for name in names:
            where = f"figures.tiny.{noise}"
            known(name, config["experiments"], where)
            experiment = config["experiments"][name]
            if experiment["task"] != "photography" or experiment.get("noise_in_training", "fresh") != noise:
                raise ValueError(f"configuration, {where}: {name} is no experiment of photography with {noise} noise")
            if not any("training" in config["models"][model] for model in experiment["models"]):
                raise ValueError(f"configuration, {where}: {name} has no model that learns")
            if not {"train", "validation", "test"} <= set(experiment.get("curves", [])):
                raise ValueError(f"configuration, {where}: {name} needs curves: [train, validation, test]")
            for key in ("field", "observation", "splits", "models"):
                if experiment[key] != config["experiments"][first][key]:
                    raise ValueError(f"configuration, {where}: {key} of {name} and {first} differ; they are averaged")


def _check_jobs(where, experiment):
    """No job without an image."""
    splits, jobs = experiment["splits"], experiment.get("jobs", 1)
    for name, split in splits.items():
        if split.get("shards", 1) > split["maps"]:
            raise ValueError(
                f"configuration, {where}.splits.{name}: {split['shards']} shards of {split['maps']} maps in all; "
                "expected at most one shard for each map"
            )
    for name in evaluation_splits(experiment):
        if jobs > splits[name]["maps"]:
            raise ValueError(
                f"configuration, {where}.jobs: {jobs} jobs for the {splits[name]['maps']} maps of the split {name}; "
                "expected at most one job for each map"
            )


def _check_products(where, experiment):
    for model in [*experiment["figure"]["models"], experiment["export"]["model"]]:
        known(model, experiment["models"], f"{where}.figure or .export")
    for split in (experiment["figure"]["split"], experiment["export"]["split"]):
        known(split, evaluation_splits(experiment), f"{where}.figure or .export")


def _check_sphere(config, where, experiment):
    """The sky is mapped with a local field, in tiles that are no smaller than a pixel, by jobs that have some."""
    options, nside = experiment["map"], experiment["field"]["nside"]
    known(options["model"], experiment["models"], f"{where}.map.model")
    kind = config["models"][options["model"]].get("class")
    if kind != "lofi":
        raise ValueError(f"configuration, {where}.map.model: {options['model']} is of class {kind}; expected lofi")
    if options["tile_nside"] > nside:
        raise ValueError(f"configuration, {where}.map: tile_nside {options['tile_nside']} is more than nside {nside}")
    if options.get("jobs", 1) > 12 * options["tile_nside"] ** 2:
        tiles = 12 * options["tile_nside"] ** 2
        raise ValueError(
            f"configuration, {where}.map: {options['jobs']} jobs for {tiles} tiles; expected at most one each"
        )
    model = config["models"][options["model"]]
    if "filter" in model or model.get("geometry", {}).get("kind") == "conditioned":
        raise ValueError(f"configuration, {where}.map.model: {options['model']} depends on more than its patch")
    for split in ("train", "validation"):
        if "depth" in experiment["splits"][split]:
            raise ValueError(f"configuration, {where}.splits.{split}: depth is that of the survey, depth_variation")
    if not -90 <= experiment["zoom"]["centre"][1] <= 90:
        raise ValueError(
            f"configuration, {where}.zoom.centre: {experiment['zoom']['centre']}; expected ra, dec in degrees"
        )
    low, high = experiment["observation"].get("declinations", (-90, 90))
    if low >= high:
        raise ValueError(
            f"configuration, {where}.observation.declinations: [{low}, {high}]; expected the lower one first"
        )


def _check_figure(where, experiment, key):
    """The models of a figure, and the slices or images that it shows, exist."""
    for model in experiment["figure"]["models"]:
        known(model, experiment["models"], f"{where}.figure.models")
    for split, number in experiment["figure"][key].items():
        known(split, evaluation_splits(experiment), f"{where}.figure.{key}")
        if number >= experiment["splits"][split]["maps"]:
            maps = experiment["splits"][split]["maps"]
            raise ValueError(f"configuration, {where}.figure.{key}: {split} has {key} 0 to {maps - 1}, not {number}")


def _check_split(config, experiment, where, split):
    """A split has what its source needs, nothing that its source ignores, and a sound depth."""
    kind = config["sources"][split["source"]]["kind"]
    if kind not in TASKS[experiment["task"]]:
        raise ValueError(f"configuration, {where}: a source of kind {kind} does not suit {experiment['task']}")
    if (kind == "galaxies") != ("images" in split):
        raise ValueError(f"configuration, {where}: images are what splits of simulated galaxies need, and they alone")
    for key, owners in PARTITIONS.items():
        if kind in owners and not split.get(key):
            raise ValueError(f"configuration, {where}: a source of kind {kind} needs {key}")
        if kind not in owners and key in split:
            owner = " and ".join(owners)
            raise ValueError(f"configuration, {where}: {key} belong to {owner} sources, {split['source']} is {kind}")
    part = "pictures" if experiment["task"] == "photography" else "slices"  # of which each is one map
    first, last = split.get(part, (0, split["maps"] - 1))
    if split["maps"] > last + 1 - first:
        raise ValueError(
            f"configuration, {where}: {split['maps']} maps are asked for of the {part} {first} to {last}, "
            f"which are {max(0, last + 1 - first)}"
        )
    train = experiment["splits"]["train"]["source"]
    if kind == "nbody" and split["source"] != train:
        raise ValueError(
            f"configuration, {where}: source {split['source']} takes its transfer functions from the training boxes, "
            f"but train uses {train}"
        )
    try:
        Depth(**split.get("depth", {}))
    except ValueError as error:
        raise ValueError(f"configuration, {where}: {error}") from error


def may_share(one, other):
    """Whether two sources can hold the same photographs, by their folders and names."""
    if not one["kind"] == other["kind"] == "photographs" or one.get("path") != other.get("path"):
        return False
    return "names" not in one or "names" not in other or bool(set(one["names"]) & set(other["names"]))


def _check_photographs(config, where, splits):
    """No two sources of an experiment hold the same photographs under other numbers."""
    sources = {split["source"]: config["sources"][split["source"]] for split in splits.values()}
    for (one, options), (other, others) in itertools.combinations(sources.items(), 2):
        if may_share(options, others):
            shared = sorted(set(options.get("names", [])) & set(others.get("names", [])))
            words = ", ".join(shared) or "photographs"
            raise ValueError(f"configuration, {where}: the sources {one} and {other} share {words}; they must differ")


def _check_independence(where, splits):
    """Training and validation share no box, lens planes, picture or slice with any other split, unless it is `seen`."""
    for first in ("train", "validation"):
        for name, split in splits.items():
            if name == first or split["source"] != splits[first]["source"]:
                continue
            if "train" in (first, name) and ("seen" in split or "seen" in splits[first]):
                continue
            shared = _parts(splits[first]) & _parts(split)
            if shared:
                part = next(PARTS[key] for key in PARTS if key in split)
                raise ValueError(
                    f"configuration, {where}: splits {name} and {first} share {split['source']} {part} {min(shared)}; "
                    "they must differ"
                )


def _parts(split):
    """Numbers of the boxes, lens-plane sets, pictures or slices of a split."""
    first, last = next((split[key] for key in ("lens_planes", "pictures", "slices") if key in split), (1, 0))
    return set(split.get("boxes", [])) | set(range(first, last + 1))
