"""How often do the error bars of radio images hold the truth? Coverage of source and empty pixels of each sky; CSV.

python benchmarks/radio_error_bars.py [--skies N] [--pixels N] [--real SKY.fits… --coverage UV.npz] [--output FILE.csv]
    [--figure FILE]

Simulated skies are those of the calibration's recipe under other names, each with a coverage of its own. Real skies, of
any size, go through the given coverage at 30 dB. Source pixels are those of the truth, as of `sources`. The control's
widths follow the local rms of the residual, times one number that is right for all skies.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.ndimage import uniform_filter
from tqdm import tqdm

from lofi.drawing.style import save, style
from lofi.io.checkpoint import load_denoiser
from lofi.models.precision import with_precision
from lofi.priors.shipped import find
from lofi.radio.coverage import read_coverage
from lofi.radio.error_features import sources
from lofi.radio.error_field import load_errors
from lofi.radio.error_training import features_of
from lofi.radio.measurement import flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.products import imaging
from lofi.radio.reconstruction import reconstruct, schedule_of
from lofi.seeds import seed, stream
from simulations.receiver_noise import add_noise, sigma_from_snr
from simulations.textures import texture
from workflow.radio_case import read_sky
from workflow.scripts.figures.reliability_figure import per_sky
from workflow.scripts.radio_error_bars import DECIBEL, USUAL, coverage

NAME = "error bars benchmark"
WINDOW = 7  # pixels of the control's local rms
LEVELS = {"90": ("lo90", "hi90"), "68": ("lo68", "hi68")}


def judged(name, truth, x, y, decibel, denoiser, field, rng):
    """Errors, bounds and the control's widths of one sky, and which of its pixels are sources."""
    shape = truth.shape
    noiseless = VisibilityOperator(x, y, shape).forward(truth)
    sigma = sigma_from_snr(noiseless, decibel)
    noisy = add_noise(noiseless, sigma, rng)
    measurement = measure([flat_part(x, y, noisy[None], np.ones(len(x)), shape)], shape, np.array([sigma]))
    result = reconstruct(measurement, denoiser, schedule_of(None), seed(NAME, name) % 2**32, coarse_first=True)
    imaged = imaging(measurement, "briggs")
    model = result.images.numpy().astype(np.float64)
    (natural,), _ = measurement.residual(model, measurement.natural)
    (features,) = features_of(result, natural, denoiser)
    maps = field.error_maps(features, model[0], float(imaged.noise[0]))
    rms = np.sqrt(uniform_filter(natural[0] ** 2, WINDOW, mode="nearest"))
    return {
        "name": name,
        "pixels": shape[0],
        "snr": 20 * np.log10(np.linalg.norm(truth) / np.linalg.norm(truth - model[0])),
        "source": sources(truth, features.level),
        "truth": truth,
        "model": model[0],
        "bounds": maps.bounds,
        "rms": rms,
        "level": features.level,
    }


def line(sky, factor):
    """Coverage and mean width, in levels, of sources and of what is empty."""
    row = {key: sky[key] for key in ("name", "pixels", "snr")}
    error = sky["truth"] - sky["model"]
    for kind, pixels in (("source", sky["source"]), ("empty", ~sky["source"])):
        row[f"{kind} pixels"] = int(pixels.sum())
        for level, (low, high) in LEVELS.items():
            low, high = (sky["bounds"][bound][pixels] for bound in (low, high))
            row[f"{kind} {level}"] = np.mean((sky["truth"][pixels] >= low) & (sky["truth"][pixels] <= high))
            row[f"{kind} width {level}"] = np.mean(high - low) / sky["level"]
        row[f"{kind} control 90"] = np.mean(np.abs(error[pixels]) <= factor * sky["rms"][pixels])
        row[f"{kind} control width 90"] = np.mean(2 * factor * sky["rms"][pixels]) / sky["level"]
    return row


def draw(path, table):
    """How many skies of a table have which coverage, of source pixels and of the others."""
    figure, axes = style().subplots(1, 2, figsize=(6.4, 2.6), layout="constrained", sharey=True)
    for panel, kind in zip(axes, ("source", "empty"), strict=True):
        per_sky(panel, {level: table[f"{kind} {level}"] for level in LEVELS}, "skies")
        panel.set_title(f"{kind} pixels")
    save(figure, [path])


def main():
    """All skies, then means and how many skies are within bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skies", type=int, default=20)
    parser.add_argument("--pixels", type=int, default=128)
    parser.add_argument("--real", nargs="+", default=[], type=Path, metavar="FITS")
    parser.add_argument("--coverage", type=Path, metavar="NPZ")
    parser.add_argument("--prior", default="radio", metavar="NAME|FOLDER")
    parser.add_argument("--output", default="radio_error_bars.csv")
    parser.add_argument("--figure", type=Path, help="histogram of the simulated skies' coverage to write")
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = find(options.prior, "denoising")
    denoiser, record = load_denoiser(folder)
    field, _ = load_errors(folder, record)
    denoiser, _ = with_precision(denoiser, "fast")
    skies = []
    for number in tqdm(range(options.skies), unit="sky", mininterval=10):
        rng = stream(NAME, options.pixels, number)
        decibel = USUAL[0] if rng.random() < USUAL[1] else rng.uniform(*DECIBEL)
        truth, kind = texture(options.pixels, NAME, options.pixels, number)
        x, y = coverage(rng)
        skies.append(judged(f"{kind} {number}", truth, x, y, decibel, denoiser, field, rng))
    ratios = [np.abs(sky["truth"] - sky["model"])[sky["source"]] / sky["rms"][sky["source"]] for sky in skies]
    factor = np.quantile(np.concatenate(ratios), 0.9) if ratios else np.nan
    for path in options.real:
        x, y = read_coverage(options.coverage)
        skies.append(judged(path.stem, read_sky(path), x, y, 30.0, denoiser, field, stream(NAME, path.stem)))
    table = pd.DataFrame([line(sky, factor) for sky in skies])
    table.round(3).to_csv(options.output, index=False)
    print(table.round(2).to_string())
    simulated = table[: options.skies]
    if options.figure is not None:
        draw(options.figure, simulated)
    print(simulated.mean(numeric_only=True).round(3).to_string())
    for column in ("source 90", "source control 90"):
        print(f"{column}: within 0.80 to 0.98 on {int(simulated[column].between(0.8, 0.98).sum())} of {len(simulated)}")


if __name__ == "__main__":
    main()
