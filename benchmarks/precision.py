"""What do bfloat16 and 8-bit integers gain in a field of the paper's width, and lose? Trained on simulated galaxies."""

import copy
from pathlib import Path

from measure import PAPER, interleaved, main, model_of, observations
from plain import operations, peak_product
from training_step import stepper
from transcription import TILE, Transcription

MODEL = PAPER | {"inputs": {"channels": ["image"], "residual": "observed"}}
RATE, MORE, LOW_RATE = 5e-4, 150, 2e-5  # of Adam; of further steps from a trained network
STEPS, OBJECTS, IMAGES, TESTS, NOISE, SIZE = 400, 8, 48, 8, 0.05, 128
CELLS = [{"steps": STEPS}]


def pairs(number, *name):
    """Noisy galaxies (number, 2, SIZE, SIZE), of the image and its noise level, and truths."""
    import torch

    from lofi.data.denoising import DenoisingObservation
    from simulations.images.galaxies import galaxies

    skies = galaxies(number, SIZE, *name)
    images = [skies[index] for index in range(number)]
    observe = DenoisingObservation((NOISE, NOISE), levels=1).observe_all
    return [torch.from_numpy(part) for part in observe(images, *name, "noise")]


def trained(steps, precision, seed, start=None, rate=RATE):
    """A model after `steps` steps of Adam from a `start`, or none, 128 pixels of each of its objects in a step."""
    import torch

    from lofi.models.registry import build

    torch.manual_seed(seed)
    training = pairs(IMAGES, "benchmark", "training")
    if start is None:
        model = build(MODEL | {"precision": precision, "pixels": 128}, ["image", "noise_std"], (SIZE, SIZE))
        model.calibrate(training, None)
    else:
        model = with_precision(start, precision).train()
    optimiser = torch.optim.Adam(model.parameters(), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        chosen = torch.randint(IMAGES, (OBJECTS,), generator=generator)
        places = model.places(OBJECTS, (SIZE, SIZE), generator)
        optimiser.zero_grad(set_to_none=True)
        model.training_step(*(part[chosen] for part in training), places).backward()
        optimiser.step()
        schedule.step()
    return model.eval()


def psnr(estimate, truth):
    """Of every image, in dB; the truths' peaks are 1."""
    return -10 * (estimate - truth).square().mean((1, 2, 3)).log10()


def instructions():
    """Those of the processor that matter here (Linux)."""
    known = Path("/proc/cpuinfo").read_text().split()
    names = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "avx_vnni", "avx512_vnni", "amx_int8")
    return [name for name in names if name in known]


def measure(steps, seed=0, more=MORE):
    import torch

    from lofi.field.int8 import quantised

    torch.set_num_threads(1)
    models = {precision: trained(steps, precision, seed) for precision in ("exact", "fast")}
    exact, (observed, truth) = models["exact"], pairs(TESTS, "benchmark", "test")
    other = pairs(2, "benchmark", "validation")[0]
    made = {
        "float32": exact,
        "bfloat16": with_precision(exact, "fast"),
        "int8, calibrated on other images": quantised(exact, other),
        "int8, calibrated on the first image": quantised(exact, observed[:1]),
        "trained in bfloat16": with_precision(models["fast"], "exact"),
        "trained in bfloat16, bfloat16": models["fast"],
        "trained on in float32": trained(more, "exact", seed + 1, exact, LOW_RATE),
        "trained on in bfloat16, bfloat16": trained(more, "fast", seed + 1, exact, LOW_RATE),
    }
    scores = {name: psnr(model.reconstruct(observed), truth) for name, model in made.items()}
    loss = {name: scores["float32"] - score for name, score in scores.items()}
    return {
        "instructions": instructions(),
        "psnr": {"noisy": float(psnr(observed[:, :1], truth).mean())}
        | {name: float(score.mean()) for name, score in scores.items()},
        "loss_db": {name: {"mean": float(x.mean()), "largest": float(x.max())} for name, x in loss.items()},
        "evaluation": evaluation(exact, made["int8, calibrated on other images"], observed[:1]),
        "training step": training(models),
        "published, with its filter": published(),
        "quantising_seconds": round(interleaved({"": lambda: quantised(exact, observed[:1])}, 3)[""], 3),
    }


def with_precision(model, precision):
    """A copy that evaluates in another precision."""
    model = copy.deepcopy(model)
    model.network.precision = precision
    return model


def evaluation(exact, integer, observed):
    """Time of one image through the network in each precision and the plain transcription, and of a large product."""
    stack, _ = exact.inputs(observed)
    plain = Transcription(exact.network)
    product, count = peak_product()
    calls = {"peak": product, f"plain {TILE}": lambda: plain.evaluate(stack)}
    for name, model in {"float32": exact, "bfloat16": with_precision(exact, "fast"), "int8": integer}.items():
        calls |= {
            f"{name} {tile}": lambda m=model, t=tile: m.network.evaluate(stack, tile=t) for tile in (512, 1024, 2048)
        }
    times = interleaved(calls, 8)
    peak = count / times.pop("peak")
    return {
        "peak_gflops": round(peak / 1e9, 1),
        "microseconds_per_pixel": {name: round(1e6 * value / SIZE**2, 2) for name, value in times.items()},
        "ratio to float32": {name: round(times["float32 512"] / value, 2) for name, value in times.items()},
        "of_peak": {name: round(operations(exact) * SIZE**2 / value / peak, 3) for name, value in times.items()},
    }


def training(models):
    """Seconds of a step of 16 objects, 512 pixels of each, 4 objects at a time as the paper's network is trained."""
    batch = pairs(16, "benchmark", "steps")
    models = {precision: copy.deepcopy(model) for precision, model in models.items()}
    for model in models.values():
        model.pixels = 512
    steps = {precision: stepper(model, batch, 4) for precision, model in models.items()}
    product, count = peak_product()
    times = interleaved({"peak": product} | steps, 5)
    peak, work = count / times.pop("peak"), 3 * operations(models["exact"]) * 16 * 512
    return {
        "seconds": {name: round(value, 3) for name, value in times.items()},
        "ratio": round(times["exact"] / times["fast"], 2),
        "of_peak": {name: round(work / value / peak, 3) for name, value in times.items()},
    }


def published():
    """Seconds of one image and of a training step of the model of config/models/lofi_paper.yaml."""
    exact, image, batch = model_of("paper+filter", SIZE), observations(SIZE, 1)[0], observations(SIZE, 16)
    models = {precision: with_precision(exact, precision) for precision in ("exact", "fast")}
    images = interleaved({name: lambda m=model: m.reconstruct(image) for name, model in models.items()}, 4)
    steps = interleaved({name: stepper(model, batch, 4) for name, model in models.items()}, 4)
    return {
        kind: times | {"ratio": round(times["exact"] / times["fast"], 2)}
        for kind, times in {"image": images, "step": steps}.items()
    }


if __name__ == "__main__":
    main(__file__, measure, CELLS)
