"""What do 8-bit integers gain in a field of the paper's width, and what do they lose? Trained on simulated galaxies."""

from pathlib import Path

from measure import PAPER, interleaved, main
from transcription import TILE, Transcription

MODEL = PAPER | {"inputs": {"channels": ["image"], "residual": "observed"}}
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


def trained(steps):
    """A model after `steps` steps of Adam, 128 pixels of each of its objects in a step."""
    import torch

    from lofi.models.registry import build

    torch.manual_seed(0)
    training = pairs(IMAGES, "benchmark", "training")
    model = build(MODEL, ["image", "noise_std"], (SIZE, SIZE))
    model.pixels = 128
    model.calibrate(training, None)
    optimiser = torch.optim.Adam(model.parameters(), 5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    generator = torch.Generator().manual_seed(0)
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
    return [name for name in ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8") if name in known]


def measure(steps):
    import torch

    from lofi.field.int8 import quantised

    torch.set_num_threads(1)
    model = trained(steps)
    observed, truth = pairs(TESTS, "benchmark", "test")
    exact = model.reconstruct(observed)
    result = {"instructions": instructions()}
    result["psnr"] = {"noisy": float(psnr(observed[:, :1], truth).mean()), "exact": float(psnr(exact, truth).mean())}
    made = {"other images": quantised(model, pairs(2, "benchmark", "validation")[0])}
    made |= {"the first image": quantised(model, observed[:1])}
    for name, integer in made.items():
        loss = psnr(exact, truth) - psnr(integer.reconstruct(observed), truth)
        result["psnr"][f"int8, calibrated on {name}"] = float(psnr(integer.reconstruct(observed), truth).mean())
        result[f"loss_db, calibrated on {name}"] = {"mean": float(loss.mean()), "largest": float(loss.max())}
    stack, _ = model.inputs(observed[:1])
    plain, integer = Transcription(model.network), made["other images"].network
    reference = Transcription(model.network.double()).double().evaluate(stack.double(), 1024)
    model.network.float()
    outputs = {"plain": plain.evaluate(stack), "ours": model.network.evaluate(stack)}
    result["error"] = {name: float((o - reference).abs().max() / reference.abs().max()) for name, o in outputs.items()}
    calls = {f"plain {tile}": lambda t=tile: plain.evaluate(stack, t) for tile in (TILE, 512)}
    calls |= {"ours": lambda: model.network.evaluate(stack)}
    calls |= {f"int8 {tile}": lambda t=tile: integer.evaluate(stack, tile=t) for tile in (512, 1024, 2048)}
    times = interleaved(calls, 6)
    result["microseconds_per_pixel"] = {name: round(1e6 * value / SIZE**2, 2) for name, value in times.items()}
    result["quantising_seconds"] = round(interleaved({"": lambda: quantised(model, observed[:1])}, 3)[""], 3)
    return result


if __name__ == "__main__":
    main(__file__, measure, CELLS)
