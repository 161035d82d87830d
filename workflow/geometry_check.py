"""The experiment of Figures 7 and S5 against what they draw."""

from workflow.experiment_check import evaluation_splits
from workflow.schema_check import known


def check_geometry_figure(config):
    """ValueError, one sentence, if the experiment `geometry` lacks what `figures.geometry` draws."""
    figure, experiment = config["figures"]["geometry"], config["experiments"]["geometry"]
    where = "figures.geometry"
    for model in [*figure["models"], figure["filter"]]:
        known(model, experiment["models"], f"{where}.models or .filter")
    for name in experiment["models"]:
        model = config["models"][name]
        if "training" in model and model["class"] != "lofi":
            raise ValueError(f"configuration, experiments.geometry.models: {name} is no local field of class lofi")
    if config["models"][figure["filter"]].get("filter", {}).get("kind") != "fourier":
        raise ValueError(f"configuration, {where}.filter: {figure['filter']} has no Fourier filter")
    known(figure["split"], evaluation_splits(experiment), f"{where}.split")
    maps = experiment["splits"][figure["split"]]["maps"]
    if figure["image"] >= maps:
        raise ValueError(
            f"configuration, {where}.image: {figure['split']} has images 0 to {maps - 1}, not {figure['image']}"
        )
