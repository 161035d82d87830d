"""How much faster is a field than a direct transcription of the paper's equations, with the same weights?"""

import time

from measure import forget_peak, interleaved, main, model_of, observations, peak_mb, seconds_of
from transcription import TILE, Transcription

TILES = (TILE, 4096, 1024, 512)  # its own, and others at which the transcription may be faster
PRECISIONS = [("paper", False), ("paper", True), ("compact", True)]
CELLS = [
    {"kind": "evaluation", "model": "paper", "size": 128, "repeats": 8},
    {"kind": "evaluation", "model": "paper", "size": 128, "repeats": 8, "kept": True},
    {"kind": "evaluation", "model": "paper", "size": 128, "repeats": 8, "threads": 2},
    {"kind": "evaluation", "model": "paper", "size": 512, "repeats": 2, "tiles": [TILE, 512]},
    {"kind": "evaluation", "model": "paper+filter", "size": 128, "repeats": 5},
    {"kind": "evaluation", "model": "compact", "size": 128, "repeats": 30},
    {"kind": "evaluation", "model": "compact", "size": 512, "repeats": 5},
    {"kind": "training", "model": "paper", "objects": 64, "repeats": 2},
    {"kind": "training", "model": "compact", "objects": 64, "repeats": 8},
    *({"kind": "memory", "model": "paper", "which": which, "objects": 64} for which in ("plain", "ours")),
    *({"kind": "gradients", "model": model, "objects": 8, "double": double} for model, double in PRECISIONS),
]
MICROBATCH = 4  # of config/models


def pair_of(name, size):
    """A model, its last layer not 0, and the transcription of its field."""
    model = model_of(name, size)
    model.network.network.mixer[-1].reset_parameters()
    return model, Transcription(model.network)


def peak_product():
    """A well-shaped product, and its number of floating-point operations."""
    import torch

    side = 1024
    factor, out = torch.randn(side, side), torch.empty(side, side)
    return lambda: torch.mm(factor, factor, out=out), 2 * side**3


def operations(model):
    """Of the network alone, per pixel."""
    return sum(2 * p.numel() for name, p in model.network.network.named_parameters() if name.endswith("weight"))


def measure(kind, **options):
    return {"evaluation": evaluation, "training": training, "memory": memory, "gradients": gradients}[kind](**options)


def evaluation(model, size, repeats, tiles=TILES, threads=1, kept=False):
    import torch

    from lofi.memory import keep_freed_memory

    if kept:
        keep_freed_memory()
    network, plain = pair_of(model, size)
    stack, _ = network.inputs(observations(size, 1)[0])
    torch.set_num_threads(threads)
    made = {"ours": network.network.evaluate(stack), "plain": plain.evaluate(stack)}
    product, count = peak_product()
    calls = {"peak": product, "ours": lambda: network.network.evaluate(stack)}
    calls |= {f"plain {tile}": lambda t=tile: plain.evaluate(stack, t) for tile in tiles}
    times = interleaved(calls, repeats, time.perf_counter if threads > 1 else time.process_time)
    peak = count / times.pop("peak")
    error = {}
    if size == 128:  # in double precision the larger one takes minutes
        exact = plain.double().evaluate(stack.double(), 1024)
        error = {name: float((o - exact).abs().max() / exact.abs().max()) for name, o in made.items()}
    return {
        "peak_gflops": round(peak / 1e9, 1),
        "microseconds_per_pixel": {name: round(1e6 * value / size**2, 2) for name, value in times.items()},
        "ratio": {name: round(value / times["ours"], 2) for name, value in times.items()},
        "of_peak": {name: round(operations(network) * size**2 / value / peak, 3) for name, value in times.items()},
        "difference": float((made["ours"] - made["plain"]).abs().max() / made["plain"].abs().max()),
        "error": error,
    }


def steps(model, objects, double=False):
    """Two calls that compute the gradients of 512 pixels per object: ours in microbatches, and the plain one."""
    import torch

    from lofi.field.coordinates import pixel_centres
    from lofi.training.batches import microbatches

    network, plain = pair_of(model, 128)
    observed, truth = observations(128, objects)
    places = network.places(objects, (128, 128), torch.Generator().manual_seed(1))
    if double:
        network, plain, observed, truth = network.double(), plain.double(), observed.double(), truth.double()
    optimisers = [torch.optim.Adam(net.parameters(), 1e-4) for net in (network, plain)]

    def ours():
        optimisers[0].zero_grad(set_to_none=True)
        for part in microbatches((observed, truth, places), MICROBATCH):
            (network.training_step(*part) * (len(part[0]) / objects)).backward()
        optimisers[0].step()

    def theirs():
        optimisers[1].zero_grad(set_to_none=True)
        stack, base = network.inputs(observed)
        centres = pixel_centres((128, 128), (128, 128), pixels=places).to(stack.dtype)
        start, goal = (image.flatten(1).gather(1, places) for image in (base, truth))
        network.loss(plain(stack, centres)[..., 0], (goal - start) / network.inputs.truth_scale).backward()
        optimisers[1].step()

    return network, plain, {"ours": ours, "plain": theirs}


def training(model, objects, repeats):
    network, _, calls = steps(model, objects)
    product, count = peak_product()
    times = interleaved({"peak": product} | calls, repeats)
    peak = count / times.pop("peak")
    work = 3 * operations(network) * objects * 512  # forward, and backward in weights and features
    return {
        "peak_gflops": round(peak / 1e9, 1),
        "seconds": {name: round(value, 3) for name, value in times.items()},
        "ratio": round(times["plain"] / times["ours"], 2),
        "of_peak": {name: round(work / value / peak, 3) for name, value in times.items()},
    }


def memory(model, objects, which):
    *_, calls = steps(model, objects)
    forget_peak()
    before = peak_mb()
    seconds_of(calls[which])
    return {"growth_mb": round(peak_mb() - before, 1)}


def gradients(model, objects, double):
    """Differences of the gradients of the worst parameter, relative to its largest one and to their norm."""
    network, plain, calls = steps(model, objects, double)
    for call in calls.values():
        call()
    named, largest, norm = dict(network.network.named_parameters()), {}, {}
    for name, value in plain.gradients().items():
        difference = named[name].grad - value
        largest[name] = float(difference.abs().max() / value.abs().max())
        norm[name] = float(difference.norm() / value.norm())
    return {"largest": max(largest.values()), "norm": max(norm.values()), "worst": max(norm, key=norm.get)}


if __name__ == "__main__":
    main(__file__, measure, CELLS)
