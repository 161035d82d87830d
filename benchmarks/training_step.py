"""What does a training step cost? Time and peak memory against image size, and gradients accumulated in parts."""

from measure import forget_peak, interleaved, main, model_of, observations, peak_mb, seconds_of

CELLS = [
    *({"kind": "size", "model": "compact", "size": size, "objects": 16} for size in (128, 256, 512, 1024)),
    *({"kind": "size", "model": "paper", "size": size, "objects": 8} for size in (128, 512, 1024)),
    *({"kind": "size", "model": "paper+filter", "size": size, "objects": 8} for size in (128, 512)),
    *({"kind": "memory", "model": "paper", "microbatch": microbatch} for microbatch in (64, 16, 8, 4)),
    {"kind": "times", "model": "paper", "microbatches": [64, 16, 8, 4], "objects": 64, "repeats": 3},
    {"kind": "times", "model": "compact", "microbatches": [16, 8, 4], "objects": 16, "repeats": 8},
]


def stepper(model, pair, microbatch):
    """A call that takes one optimiser step of 512 pixels per object."""
    import torch

    from lofi.training.fit import _step
    from lofi.training.parallel import stepper as alone
    from lofi.training.recipe import Recipe

    recipe = Recipe(steps=1, objects=len(pair[0]), microbatch=microbatch)
    optimiser = torch.optim.Adam(model.parameters(), 1e-4)
    generator = torch.Generator().manual_seed(1)
    places = model.places(len(pair[0]), pair[0].shape[-2:], generator)
    return lambda: _step(alone(model), optimiser, (*pair, places), recipe)


def measure(kind, model, size=128, objects=64, microbatch=0, microbatches=(), repeats=1):
    network, pair = model_of(model, size), observations(size, objects)
    forget_peak()
    before = peak_mb()
    if kind == "times":
        times = interleaved({str(m): stepper(network, pair, m) for m in microbatches}, repeats)
        whole = times[str(microbatches[0])]
        return {
            "seconds": {name: round(value, 3) for name, value in times.items()},
            "ratio": {name: round(value / whole, 3) for name, value in times.items()},
        }
    step = stepper(network, pair, microbatch)
    seconds = min(seconds_of(step) for _ in range(2 if model == "compact" else 1))
    return {"seconds": round(seconds, 3), "growth_mb": round(peak_mb() - before, 1)}


if __name__ == "__main__":
    main(__file__, measure, CELLS)
