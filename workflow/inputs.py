"""Which files a rule needs, read off the configuration."""

from pathlib import Path

from lofi.priors import shipped
from workflow.configuration.observations import is_radio
from workflow.configuration.splits import evaluation_splits
from workflow.places import seen_from_here
from workflow.shards import boxes_of, maps_of, names

CALIBRATION = "calibration"  # the split that error bars are calibrated on
JUDGED = "reliability"  # the split that judges them
SPHERE_NSIDES = (512, 1024)  # that error bars of the sphere are fitted at
SPHERE_BOXES = {"training": [0, 1], "calibration": [9, 10]}  # of their skies
ROOT = Path(__file__).resolve().parents[1]


def experiments_of(config, *tasks):
    """Regular expression of the experiments of these tasks, for wildcards; matches nothing where there are none."""
    return named(name for name, options in config["experiments"].items() if options["task"] in tasks)


def named(names):
    return "|".join(names) or "(?!)"


def observed_experiment(config, experiment):
    """The part of an experiment that says what is observed."""
    return {key: config["experiments"][experiment][key] for key in ("task", "field", "observation")}


def split_source(config, experiment, split):
    """The `sources` entry of a split."""
    return config["sources"][config["experiments"][experiment]["splits"][split]["source"]]


def theory_file(config, source):
    """The spectra that a source is made from: its own where its lens planes reach farther or less far than others."""
    return f"nbody/{source}.theory.h5" if "redshift" in config["sources"][source] else "theory.h5"


def split_theory(config, experiment, split):
    """The spectra that the maps of a split are made from."""
    return _theory_of(config, config["experiments"][experiment]["splits"][split]["source"])


def _theory_of(config, source):
    return theory_file(config, source) if config["sources"][source]["kind"] == "nbody" else "theory.h5"


def box_files(config, experiment, split, boxes=None):
    """Simulation boxes of a split: all, or these."""
    options = config["experiments"][experiment]["splits"][split]
    boxes = options.get("boxes", []) if boxes is None else boxes
    return [f"nbody/{options['source']}/box{box}.h5" for box in boxes]


def map_inputs(config, experiment, split, shard):
    """Simulation boxes and transfer functions, for splits that are drawn from them; only the boxes of this shard."""
    if split_source(config, experiment, split)["kind"] != "nbody":
        return {}
    options = config["experiments"][experiment]["splits"][split]
    boxes = dict.fromkeys(boxes_of(options, maps_of(options, shard)))
    return {
        "boxes": box_files(config, experiment, split, boxes),
        "transfers": f"nbody/{experiment}.transfer.h5",
    }


def source_files(config, experiment, split):
    """The user's folder or file that a split takes its images from; nothing for simulated or packaged ones."""
    source = split_source(config, experiment, split)
    return [source[key] for key in ("folder", "path") if key in source]


def shard_files(config, kind, experiment, split):
    """The shards of a split's `maps` or `data`."""
    shards = config["experiments"][experiment]["splits"][split].get("shards", 1)
    return [f"{kind}/{experiment}/{split}/{shard}.h5" for shard in names(shards)]


def evaluation_files(config, experiment):
    splits = evaluation_splits(config["experiments"][experiment])
    return [path for split in splits for path in shard_files(config, "data", experiment, split)]


def reconstruction_files(config, experiment, *models):
    """The parts of the reconstructions of models; of all of the experiment if none is named."""
    parts = names(config["experiments"][experiment].get("jobs", 1))
    models = models or config["experiments"][experiment]["models"]
    return [f"reconstructions/{experiment}/{model}/{part}.h5" for model in models for part in parts]


def export_files(config, experiment):
    """What the exported maps of a split are made of: its data, the reconstructions and the record of the model."""
    options, models = (config["experiments"][experiment][key] for key in ("export", "models"))
    exported = [name for name in models if name in (options["model"], "wiener")]
    return {
        "data": shard_files(config, "data", experiment, options["split"]),
        "reconstructions": reconstruction_files(config, experiment, *exported),
        "record": _checkpoint(experiment, options["model"])["record"],
    }


def inversion_files(config, inversions, methods, ending="h5"):
    """The parts of what methods made of inversions."""
    return [
        f"inversions/{inversion}/{method}/{part}.{ending}"
        for inversion in inversions
        for method in methods
        for part in names(config["inversions"][inversion].get("jobs", 1))
    ]


def training_files(config, experiment):
    """What a training draws from: maps to be observed anew in every step, or pairs whose noise is fixed."""
    kind = "data" if config["experiments"][experiment].get("noise_in_training") == "fixed" else "maps"
    return shard_files(config, kind, experiment, "train")


def curve_files(config, experiment):
    """Pairs of the splits whose PSNR is logged while a network trains."""
    splits = config["experiments"][experiment].get("curves", [])
    return [path for split in splits for path in shard_files(config, "data", experiment, split)]


def tiny_experiments(config):
    """The experiments on nine photographs that are drawn, first those with fixed noise."""
    figure = config["figures"]["tiny"]
    return [*figure["fixed"], *figure["fresh"]]


def tiny_histories(config):
    """Histories and parameter counts of all trainings that Figure 4 shows, and the pictures that they train on."""
    experiments = tiny_experiments(config)
    folders = [f"models/{name}/{model}" for name in experiments for model in trained_models(config, name)]
    return {
        "histories": [f"{folder}/history.csv" for folder in folders],
        "records": [f"{folder}/model.json" for folder in folders],
        "train": shard_files(config, "data", experiments[0], "train"),
    }


def warped_experiments(config):
    """The experiments that show pictures through a change of coordinates."""
    return [name for name, options in config["experiments"].items() if options["task"] == "warping"]


def coordinate_files(config):
    """Errors of the coordinates that models have learned, of all that learn them."""
    return [
        f"coordinates/{experiment}/{model}.csv"
        for experiment in warped_experiments(config)
        for model in config["experiments"][experiment]["models"]
        if config["models"][model]["class"] == "inr_lofi"
    ]


def drawn_files(config, experiment):
    """Pairs of the first split that the figure of an experiment shows."""
    return shard_files(config, "data", experiment, next(iter(config["experiments"][experiment]["figure"]["images"])))


def trained_models(config, experiment):
    """The models of an experiment that learn by gradient descent."""
    return [name for name in config["experiments"][experiment]["models"] if "training" in config["models"][name]]


def learning(config, how):
    """Pattern of the names of models that are trained by `descent`, `calibrated`, or `shipped` with the package."""
    return named(name for name, options in config["models"].items() if _learns(options) == how)


def _learns(model):
    return "shipped" if model["class"] == "shipped" else "descent" if "training" in model else "calibrated"


def methods_of(config, with_prior):
    """Pattern of the names of methods that image with a network, or else of the others."""
    return named(name for name, options in config["methods"].items() if ("model" in options) is with_prior)


def score_files(config, experiment, kind=""):
    return [f"scores/{experiment}/{model}{kind}.csv" for model in config["experiments"][experiment]["models"]]


def checkpoint_files(config, observation):
    """Weights and record of the model that an observation is mapped with: trained, or a prior by name or folder."""
    options = config["observations"][observation]
    prior = options.get("prior", shipped.DEFAULT["denoising" if is_radio(options) else "lensing"])
    return _checkpoint(**prior) if isinstance(prior, dict) else shipped_files(prior)


def prior_folder(prior):
    """Folder of a prior of the package, by its name, or of the user, from the working directory."""
    return seen_from_here(ROOT, f"lofi/priors/{prior}" if prior in shipped.names() else prior)


def shipped_files(prior):
    """Weights and record of a prior of the package, by its name, or of a folder of the user."""
    folder = prior_folder(prior)
    return {"weights": f"{folder}/{shipped.WEIGHTS}", "record": f"{folder}/{shipped.RECORD}"}


def prior_checkpoint(config, prior):
    """Weights and record of the model that ships as a prior."""
    return _checkpoint(**config["priors"][prior])


def calibrated_priors(config):
    """The priors whose error bars are made: their experiments have a split for that."""
    experiments = ((name, prior["experiment"]) for name, prior in config["priors"].items())
    return [name for name, experiment in experiments if CALIBRATION in config["experiments"][experiment]["splits"]]


def priors_of_images(config):
    """The priors for radio images; their error bars are made from skies of their own."""
    tasks = {name: config["experiments"][prior["experiment"]]["task"] for name, prior in config["priors"].items()}
    return [name for name, task in tasks.items() if task == "denoising"]


def calibration_files(config, prior):
    """Maps that the error bars of a prior are trained on, those of its own training, and calibrated on."""
    experiment = config["priors"][prior]["experiment"]
    splits = {"training": "train", "calibration": CALIBRATION}
    return {name: shard_files(config, "maps", experiment, split) for name, split in splits.items()}


def judged_files(config, prior):
    """A prior of the package with its error bars, and observed maps that neither trained nor calibrated it."""
    files = shipped_files(prior)
    errors = str(Path(files["weights"]).with_name("errors.safetensors"))
    return files | {
        "errors": errors,
        "data": shard_files(config, "data", config["priors"][prior]["experiment"], JUDGED),
    }


def calibration_depth(config, prior):
    """How the noise of the maps varies that error bars are calibrated on."""
    return config["experiments"][config["priors"][prior]["experiment"]]["splits"][CALIBRATION].get("depth", {})


def _checkpoint(experiment, model):
    folder = f"models/{experiment}/{model}"
    return {"weights": f"{folder}/model.safetensors", "record": f"{folder}/model.json"}


def simulated_experiment(config, observation):
    """The experiment whose map a simulated observation shows."""
    return config["experiments"][config["observations"][observation]["simulated"]["experiment"]]


def simulated_maps(config, observation):
    """The maps of the split that a simulated observation shows one of."""
    simulated = config["observations"][observation]["simulated"]
    return shard_files(config, "maps", simulated["experiment"], simulated["split"])


def own_files(config, inversion):
    """The user's files that an inversion reads: image, pictures, coverage."""
    sky, coverage = (config["inversions"][inversion][key] for key in ("sky", "coverage"))
    return [options[key] for options, key in ((sky, "file"), (sky, "pictures"), (coverage, "file")) if key in options]


def prior_files(config, inversion, method):
    """Weights and record of a method's denoiser; nothing for methods without one."""
    model = config["methods"][method].get("model")
    return {} if model is None else _checkpoint(config["inversions"][inversion]["prior"], model)


def compared_files(config, comparison):
    """The user's files that the skies of a comparison are read from."""
    sky = config["comparisons"][comparison]["sky"]
    return [sky[key] for key in ("file", "pictures") if key in sky]


def compared_checkpoint(config, comparison):
    """Weights and record of the denoiser of a comparison."""
    return _checkpoint(**config["comparisons"][comparison]["prior"])


def compared_skies(config, file):
    """A file of each sky of each comparison."""
    return [
        f"comparisons/{name}/{number}/{file}"
        for name, options in config["comparisons"].items()
        for number in range(sky_count(options["sky"]))
    ]


def compared_images(config, ending):
    """What every imager makes of each sky of each comparison."""
    return [
        f"comparisons/{name}/{number}/{imager}{ending}"
        for name, options in config["comparisons"].items()
        for number in range(sky_count(options["sky"]))
        for imager in ["lofi", *(f"wsclean_{threshold:g}" for threshold in options["thresholds"])]
    ]


def sky_count(sky):
    """The number of skies that a `sky` of the configuration describes."""
    if "numbers" in sky:
        return sky["numbers"][1] - sky["numbers"][0] + 1
    return sky.get("images", 1)


def picture_sources(config, pictures):
    """The `sources` entries of a mapping {source: numbers of its photographs}."""
    return {name: config["sources"][name] for name in pictures}


def picture_files(config, pictures):
    """The user's folders among those sources."""
    return [source["path"] for source in picture_sources(config, pictures).values() if "path" in source]


def fill_prior_files(config, inpainting, fill):
    """Weights and record of the denoiser that a method of in-painting uses; nothing for methods without one."""
    options = config["inpaintings"][inpainting]
    model = options["methods"][fill].get("model")
    return {} if model is None else _checkpoint(options["prior"], model)


def inpainting_files(config, ending, methods=None, inpaintings=None):
    """What methods (all of them, if none are named) made of in-paintings (all)."""
    return [
        f"inpaintings/{name}/{method}.{ending}"
        for name in inpaintings or config["inpaintings"]
        for method in methods or config["inpaintings"][name]["methods"]
    ]


def probe_files(config, probe):
    """Weights and record of the denoiser of a probe, and the user's folders of its pictures."""
    options = config["probes"][probe]
    return _checkpoint(**options["prior"]) | {"folders": picture_files(config, options["pictures"])}


def sphere_experiments(config):
    """The experiments that map the sphere."""
    return [name for name, options in config["experiments"].items() if options["task"] == "sphere"]


def _sky_split(config, experiment, sky):
    """The split of a sky of the sphere; the sky `test` is as that of `train` where it has none."""
    splits = config["experiments"][experiment]["splits"]
    return splits.get(sky, splits["train"])


def sky_source(config, experiment, sky):
    """The `sources` entry of a sky of the sphere."""
    return config["sources"][_sky_split(config, experiment, sky)["source"]]


def sky_theory(config, experiment, sky):
    """The spectra that a sky of the sphere is made from."""
    return _theory_of(config, _sky_split(config, experiment, sky)["source"])


def particle_files(config, experiment, sky):
    """The particles that a sky of the sphere is made of; none of one that is not made of boxes."""
    split = _sky_split(config, experiment, sky)
    return [f"nbody/{split['source']}/particles{box}.h5" for box in split.get("boxes", [])]


def sphere_files(config, experiment):
    """What the maps of a sky are made of: its truth and channels, and the checkpoint."""
    folder, model = f"spheres/{experiment}/test", config["experiments"][experiment]["map"]["model"]
    return {name: f"{folder}/{name}.h5" for name in ("sky", "channels")} | _checkpoint(experiment, model)


def sphere_parts(config, experiment):
    """The parts of the tiles of a sky."""
    options = config["experiments"][experiment]["map"]
    return [f"spheres/{experiment}/test/{options['model']}/{part}.h5" for part in names(options.get("jobs", 1))]
