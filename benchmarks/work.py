"""What a job has to do: how many maps or images, and how many floating-point operations of networks."""

from dataclasses import dataclass

import torch
from measure import seconds_of
from torch.utils.flop_counter import FlopCounterMode

from lofi.models.registry import build
from lofi.options import construct
from lofi.training.recipe import Recipe
from simulations.tasks import observation_of
from workflow.configuration.splits import evaluation_splits
from workflow.methods import METHODS

OBJECTS = 1  # of the measured step; its cost is scaled to the recipe's


@dataclass(frozen=True)
class Network:
    """Measured operations, and seconds on one thread: of a training step per object, of an image at training size."""

    parameters: int
    pixels: int
    step_flops: float
    step_seconds: float
    image_flops: float
    image_seconds: float


def network_of(description, experiment):
    """The `Network` of a model's description at its configured size, by a short run on noise; None without weights."""
    observation, pixels = observation_of(experiment), experiment["field"]["pixels"]
    options = {key: value for key, value in description.items() if key != "training"}
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = build(options, observation.channels, (pixels, pixels))
    if not model.trainable:
        return None
    truth = 0.02 * torch.randn(OBJECTS, 1, pixels, pixels)
    observed = truth + 0.03 * torch.randn(OBJECTS, len(observation.channels), pixels, pixels)
    observed[:, -1] = 0.03
    model.calibrate((observed, truth), (observed, truth))
    optimiser = torch.optim.Adam(model.parameters(), 1e-4)
    places = model.places(OBJECTS, (pixels, pixels), torch.Generator().manual_seed(1))

    def step():
        optimiser.zero_grad()
        model.training_step(observed, truth, places).backward()
        optimiser.step()

    def image():
        model.reconstruct(observed[:1])

    return Network(
        sum(p.numel() for p in model.parameters()),
        pixels,
        flops_of(step) / OBJECTS,  # and everything is warm
        seconds_of(step) / OBJECTS,
        flops_of(image),
        seconds_of(image),
    )


def flops_of(call):
    """Multiplications and additions of matrix products and convolutions in a call; transforms are not counted."""
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


def steps_of(options):
    """(objects that are stepped on, objects that are drawn, validations) of a recipe."""
    recipe = Recipe.of(options)
    stepped = recipe.steps * recipe.objects
    return stepped, stepped / recipe.repeats, recipe.steps / recipe.validate_every


def observed_images(config, experiment, splits):
    """Observed images of splits: maps, each at every level where there are levels."""
    options = config["experiments"][experiment]
    levels = options["observation"].get("levels", 6) if options["task"] == "denoising" else 1
    return sum(options["splits"][split]["maps"] for split in splits) * levels


def units(job, config, stored=False):
    """What a job's time (or, `stored`, its bytes) grows with: maps, images or pixels; 1 where it does not matter."""
    named = job.wildcards
    amount = 1
    if "split" in named:
        split = config["experiments"][named["experiment"]]["splits"][named["split"]]
        if job.rule == "pictures" and not stored:
            amount = split.get("images", split["maps"])
        elif job.rule == "observe":
            amount = observed_images(config, named["experiment"], [named["split"]])
        else:
            amount = split["maps"]
    elif job.rule in ("reconstruct", "score", "score_denoising", "export"):
        experiment = named["experiment"]
        amount = observed_images(config, experiment, evaluation_splits(config["experiments"][experiment]))
    elif "inversion" in named:
        inversion = config["inversions"][named["inversion"]]
        amount = skies(inversion) * inversion["pixels"] ** 2
    return amount * job.share


def skies(inversion):
    """Images of an inversion: skies times noise realisations."""
    sky = inversion["sky"]
    first, last = sky.get("numbers", (1, sky.get("images", 1)))
    return (last - first + 1) * inversion["noise_seeds"]


def variant(job, config):
    """What else sets a job's cost per unit: the kind of sky, the model, the method."""
    named = job.wildcards
    if job.rule in ("maps", "pictures"):
        split = config["experiments"][named["experiment"]]["splits"][named["split"]]
        return config["sources"][split["source"]]["kind"]
    return named.get("model", named.get("method", ""))


def denoised_images(method):
    """Images that ADMM has denoised for one image of an inversion: in each iteration it and coarser ones."""
    made = construct(METHODS, method, "method", key="class")
    return made.schedule.iterations * sum(0.25**scale for scale in range(made.scales + 1))
