"""Which files a rule needs, read off the configuration."""

from workflow.configuration import evaluation_splits


def experiments_of(config, task):
    """Regular expression of the experiments of a task, for wildcards; matches nothing where there are none."""
    return "|".join(name for name, options in config["experiments"].items() if options["task"] == task) or "(?!)"


def observed_experiment(config, experiment):
    """The part of an experiment that says what is observed."""
    return {key: config["experiments"][experiment][key] for key in ("task", "field", "observation")}


def split_source(config, experiment, split):
    """The `sources` entry of a split."""
    return config["sources"][config["experiments"][experiment]["splits"][split]["source"]]


def box_files(config, experiment, split):
    options = config["experiments"][experiment]["splits"][split]
    return [f"results/nbody/{options['source']}/box{box}.h5" for box in options.get("boxes", [])]


def map_inputs(config, experiment, split):
    """Simulation boxes and transfer functions, for splits that are drawn from them."""
    if split_source(config, experiment, split)["kind"] != "nbody":
        return {}
    return {"boxes": box_files(config, experiment, split), "transfers": f"results/nbody/{experiment}.transfer.h5"}


def evaluation_files(config, experiment):
    return [f"results/data/{experiment}/{split}.h5" for split in evaluation_splits(config["experiments"][experiment])]


def score_files(config, experiment, kind=""):
    return [f"results/scores/{experiment}/{model}{kind}.csv" for model in config["experiments"][experiment]["models"]]


def checkpoint_files(config, observation):
    """Weights and record of the model that an observation is mapped with."""
    return _checkpoint(**config["observations"][observation]["checkpoint"])


def _checkpoint(experiment, model):
    folder = f"results/models/{experiment}/{model}"
    return {"weights": f"{folder}/model.safetensors", "record": f"{folder}/model.json"}


def simulated_experiment(config, observation):
    """The experiment whose map a simulated observation shows."""
    return config["experiments"][config["observations"][observation]["simulated"]["experiment"]]


def own_files(config, inversion):
    """The user's files that an inversion reads: image, pictures, coverage."""
    sky, coverage = (config["inversions"][inversion][key] for key in ("sky", "coverage"))
    return [options[key] for options, key in ((sky, "file"), (sky, "pictures"), (coverage, "file")) if key in options]


def prior_files(config, inversion, method):
    """Weights and record of a method's denoiser; nothing for methods without one."""
    model = config["methods"][method].get("model")
    return {} if model is None else _checkpoint(config["inversions"][inversion]["prior"], model)
