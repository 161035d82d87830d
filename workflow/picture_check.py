"""In-painting and the probes against the rest of the configuration."""

from pathlib import Path

from workflow.experiment_check import may_share
from workflow.inversion_check import denoising_experiments
from workflow.schema_check import known

SEEN = ("train", "validation")  # what a network learned from, or was stopped by


def check_inpainting(config, name, inpainting):
    """ValueError, one sentence, if an in-painting names what does not exist, or its prior has seen its pictures."""
    where = f"inpaintings.{name}"
    known(inpainting["prior"], denoising_experiments(config), f"{where}.prior")
    for method, options in inpainting["methods"].items():
        if "model" in options:
            models = config["experiments"][inpainting["prior"]]["models"]
            known(options["model"], models, f"{where}.methods.{method}.model")
    _check_pictures(config, where, inpainting["pictures"], inpainting["prior"])


def check_inpainting_figure(config):
    """ValueError, one sentence, if Figure 9 shows what is not there."""
    figure = config["figures"]["fig09"]
    for name in figure["inpaintings"]:
        known(name, config["inpaintings"], "figures.fig09.inpaintings")
        inpainting = config["inpaintings"][name]
        for method in ["biharmonic", *figure["methods"], *figure["traces"]]:
            known(method, inpainting["methods"], f"figures.fig09, methods of {name}")
    first = config["inpaintings"][figure["inpaintings"][0]]
    for name in figure["inpaintings"]:
        if set(config["inpaintings"][name]["pictures"]) != set(first["pictures"]):
            raise ValueError("configuration, figures.fig09: its inpaintings have pictures of different sources")


def check_probe(config, name, probe):
    """ValueError, one sentence, if a probe names what does not exist, or its denoiser was trained on its pictures."""
    where, checkpoint = f"probes.{name}", probe["checkpoint"]
    known(checkpoint["experiment"], denoising_experiments(config), f"{where}.checkpoint.experiment")
    known(checkpoint["model"], config["experiments"][checkpoint["experiment"]]["models"], f"{where}.checkpoint.model")
    _check_pictures(config, where, probe["pictures"], checkpoint["experiment"])
    sides = probe.get("memory", [probe["pixels"]])
    if max(sides) > probe["pixels"]:
        raise ValueError(
            f"configuration, {where}.memory: {max(sides)} is more than the pictures' {probe['pixels']} pixels"
        )


def _check_pictures(config, where, pictures, experiment):
    splits = config["experiments"][experiment]["splits"]
    for name, (first, last) in pictures.items():
        known(name, config["sources"], f"{where}.pictures")
        kind = config["sources"][name]["kind"]
        if kind != "photographs":
            raise ValueError(
                f"configuration, {where}.pictures: {name} is a source of kind {kind}; expected photographs"
            )
        if first > last:
            raise ValueError(f"configuration, {where}.pictures.{name}: {[first, last]}; expected [first, last]")
        for split in SEEN:
            own, other = config["sources"][name], config["sources"][splits[split]["source"]]
            if other["kind"] != kind or (own.get("path") == other.get("path") and not may_share(own, other)):
                continue  # apart by their names; no file needs to be looked for
            shared = sorted(_files(own, (first, last)) & _files(other, splits[split]["pictures"]))
            if shared:
                raise ValueError(
                    f"configuration, {where}.pictures: '{Path(shared[0]).name}' of {name} is in the split {split} of "
                    f"{experiment}; they must differ"
                )


def _files(source, numbers):
    """The photographs of these numbers of a source; none of a folder that is not there yet."""
    from simulations.images.photographs import numbered  # loads matplotlib, which every start would wait for

    try:
        return set(map(str, numbered(numbers, source.get("path"), source.get("names"))))
    except FileNotFoundError:
        return set()
