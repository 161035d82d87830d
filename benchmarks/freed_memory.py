"""What does keeping freed memory in the process save? Each task with and without, in fresh processes taken in turn."""

import resource
from pathlib import Path

from measure import forget_peak, main, peak_mb, seconds_of

TURNS = 3
CELLS = [
    {"task": task, "kept": kept} for _ in range(TURNS) for task in ("dncnn", "lofi", "box") for kept in (False, True)
]


def training(description, objects, microbatch):
    """A call that takes one training step of a denoiser on images of 128 pixels, `microbatch` of them at a time."""
    import torch

    from lofi.models.denoiser import CHANNELS
    from lofi.models.registry import build
    from lofi.training.batches import microbatches

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = build(description, CHANNELS, (128, 128))
    optimiser = torch.optim.Adam(model.parameters(), 1e-4)
    truth = torch.rand(objects, 1, 128, 128)
    observed = torch.cat([truth + 0.01 * torch.randn_like(truth), torch.full_like(truth, 0.01)], dim=1)
    places = model.places(objects, truth.shape[-2:], torch.Generator().manual_seed(1))

    def step():
        optimiser.zero_grad(set_to_none=True)
        for parts in microbatches((observed, truth, places), microbatch):
            model.training_step(*parts).backward()
        optimiser.step()

    return step


def particle_mesh():
    """A call that makes one box of the laptop scale, 128³ particles and 256³ cells, in half its steps."""
    import yaml

    from simulations.images.nbody.planes import BoxSettings, simulate_box
    from simulations.theory import compute_theory

    with Path("config/config.yaml").open() as file:
        config = yaml.safe_load(file)
    theory = compute_theory(config["cosmology"], config["source_redshift"])
    settings = BoxSettings(steps=10)
    return lambda: simulate_box(theory, settings, ("benchmark", "box"))


def denoiser(name):
    """A description of `config/models/denoisers.yaml`, without its training."""
    import yaml

    with Path("config/models/denoisers.yaml").open() as file:
        description = yaml.safe_load(file)["models"][name]
    return {key: value for key, value in description.items() if key != "training"}


TASKS = {
    "dncnn": (lambda: training(denoiser("dncnn_denoiser"), 8, 8), 20),
    "lofi": (lambda: training(denoiser("lofi_denoiser"), 32, 4), 20),
    "box": (particle_mesh, 1),
}


def measure(task, kept):
    from lofi.memory import keep_freed_memory

    if kept:
        keep_freed_memory()
    prepare, repeats = TASKS[task]
    call = prepare()
    for _ in range(repeats // 4):  # the first steps plan and allocate
        call()
    forget_peak()
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    seconds = min(seconds_of(call) for _ in range(repeats))
    faults = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults) // repeats
    return {"ms": round(1000 * seconds, 1), "faults": faults, "peak_mb": round(peak_mb())}


if __name__ == "__main__":
    main(__file__, measure, CELLS)
