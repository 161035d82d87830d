"""Which files a rule needs, read off the configuration."""

from workflow.configuration import evaluation_splits


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
    folder = "results/models/{experiment}/{model}".format(**config["observations"][observation]["checkpoint"])
    return {"weights": f"{folder}/model.safetensors", "record": f"{folder}/model.json"}


def simulated_experiment(config, observation):
    """The experiment whose map a simulated observation shows."""
    return config["experiments"][config["observations"][observation]["simulated"]["experiment"]]
