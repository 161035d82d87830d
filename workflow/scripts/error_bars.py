"""Train and calibrate the error bars of a prior for convergence maps."""

from pathlib import Path

import torch

from lofi.data.sights import each_sight
from lofi.io import hdf5
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_files import save_errors
from lofi.lensing.error_training import calibrate_errors, pixels_of, standardise, train_errors
from lofi.lensing.mapping import load_lensing_model
from lofi.seeds import seed
from simulations.tasks import observation_of
from workflow.job import run

WIDTH, STEPS = 32, 2000
EVERY, PIXELS = {"training": 3, "calibration": 1}, {"training": 2000, "calibration": 3000}  # maps, and pixels of each
BATCH = 8  # maps at a time


def error_bars(
    *,
    weights: Path,
    record: Path,
    training: list[Path],
    calibration: list[Path],
    errors: Path,
    errors_record: Path,
    experiment: dict,
    depth: dict,
    name: list,
) -> None:
    """The network learns on the maps that the prior learned from, the tables on maps that nothing learned from."""
    model, prior = load_lensing_model(weights.parent)
    observation, pixels = observation_of(experiment, depth), {}
    for part, files in {"training": training, "calibration": calibration}.items():
        drawn = [_pixels(model, observation, file, [*name, part], EVERY[part], PIXELS[part]) for file in files]
        pixels[part] = [torch.cat([each[key] for each in drawn]) for key in ("features", "error")]
    boxes = sorted({box for file in calibration for box in hdf5.read(file)[0]["box"]})
    torch.manual_seed(seed(*name, "network"))
    bars = ErrorBars(WIDTH)
    standardise(bars, pixels["training"][0])
    train_errors(bars, *pixels["training"], STEPS, torch.Generator().manual_seed(seed(*name, "batches")))
    calibrate_errors(bars, *pixels["calibration"])
    description = f"quantiles calibrated on {len(pixels['calibration'][1]):,} pixels of N-body boxes {boxes}"
    save_errors(errors.parent, bars, WIDTH, prior, description=description, depth=depth, seed=name)


def _pixels(model, observation, file, name, every, count):
    record, images = hdf5.read(file, "images")
    first, sights, images, parts = record["shard"]["images"][0], each_sight(record)[::every], images[::every], []
    for start in range(0, len(images), BATCH):
        chosen = slice(start, start + BATCH)
        options = {"first": first + start, "each": sights[chosen]}
        observed, truth = map(torch.from_numpy, observation.observe_all(images[chosen], *name, **options))
        generator = torch.Generator().manual_seed(seed(*name, "pixels", first + start))
        parts.append(pixels_of(model, observed, truth[:, 0], count, generator))
    return {key: torch.cat([part[key] for part in parts]) for key in parts[0]}


if __name__ == "__main__":
    run(snakemake, error_bars)
