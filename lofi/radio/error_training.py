"""Fit and calibration of an error field, on pixels of reconstructions whose truth is known."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from scipy.ndimage import uniform_filter

from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import SCALES, multiscale
from lofi.radio.beam import convolve
from lofi.radio.error_features import features
from lofi.radio.error_field import ErrorField, signal, terms
from lofi.radio.error_maps import BOUNDS
from lofi.radio.measurement import Measurement
from lofi.radio.products import Imaging
from lofi.radio.reconstruction import Reconstruction
from lofi.solvers.admm import Schedule

NEAR, LEAST = 3, 0.02  # pixels over which squares of errors are averaged; of the level or noise, added to them
SOURCE = 1.0  # of the level, in the mean over 5 × 5 pixels: above it there is a source
RIDGE = 0.3  # of a standardised term
BINS = 10  # of the tables
CLIP = 10.0  # of an error over its prediction, in mean squares


@dataclass(frozen=True, eq=False)
class Pixels:
    """Pixels of reconstructions.

    Attributes
    ----------
    features : (N, F). error, value : (N,), truth less image and image, over the level. near : (N,), rms error nearby.
    restored, restored_near : (N,), error of the restored image over its noise, and its rms nearby.
    weight : (N,), of which each sky has one for its sources and one for what is empty.
    """

    features: np.ndarray
    error: np.ndarray
    value: np.ndarray
    near: np.ndarray
    restored: np.ndarray
    restored_near: np.ndarray
    weight: np.ndarray

    def __add__(self, other: "Pixels") -> "Pixels":
        pairs = ((getattr(self, part.name), getattr(other, part.name)) for part in fields(Pixels))
        return Pixels(*map(np.concatenate, pairs))


def levels_of(reconstruction: Reconstruction) -> tuple[torch.Tensor, torch.Tensor]:
    """Level σ, Jy/pixel, and penalty α (P,), float64, of each sky's last iteration."""
    last = {row["image"]: (row["sigma"], row["alpha"]) for row in reconstruction.trace}
    level, alpha = torch.tensor([last[image] for image in range(len(last))], dtype=torch.float64).T
    return level, alpha


def features_of(reconstruction: Reconstruction, residuals: np.ndarray, denoiser: Denoiser) -> np.ndarray:
    """Features (P, H, W, F) of a reconstruction; residuals : (P, H, W), of natural weights, Jy/beam."""
    level, alpha = levels_of(reconstruction)
    measurement = reconstruction.measurement
    norm = (measurement.noise * Schedule.last / level.numpy()) ** 2  # of the data term: level = last · noise / √norm
    gradient = torch.from_numpy((residuals / norm[:, None, None]).astype(np.float32))
    resolution, denoise = 2 * np.pi / measurement.longest, multiscale(denoiser.denoise, SCALES)
    return features(reconstruction.images, reconstruction.start, gradient, level, alpha, resolution, denoise)


def pixels_of(
    reconstruction: Reconstruction,
    imaged: Imaging,
    denoiser: Denoiser,
    truth: np.ndarray,
    count: int,
    rng: np.random.Generator,
) -> Pixels:
    """At most `count` pixels of the sources, and as many of what is empty, of each sky; truth : (P, H, W), Jy/pixel."""
    measurement: Measurement = reconstruction.measurement
    images, (level, _) = reconstruction.images.numpy().astype(np.float64), levels_of(reconstruction)
    (natural, published), _ = measurement.residual(images, measurement.natural, imaged.weighting)
    found, chosen = features_of(reconstruction, natural, denoiser), []
    for sky, unit in enumerate(level.tolist()):
        error = (truth[sky] - images[sky]) / unit
        restored = (convolve(images[sky] - truth[sky], imaged.beam) + published[sky]) / imaged.noise[sky]
        columns = [error, images[sky] / unit, nearby(error), restored, nearby(restored)]
        source = uniform_filter(images[sky], 5, mode="nearest") > SOURCE * unit
        for part in map(np.flatnonzero, (source, ~source)):
            some = rng.permutation(part)[:count]
            weight = np.full(len(some), 1 / max(len(some), 1))
            chosen.append(
                Pixels(found[sky].reshape(-1, found.shape[-1])[some], *(c.ravel()[some] for c in columns), weight)
            )
    return sum(chosen[1:], chosen[0])


def nearby(error: np.ndarray) -> np.ndarray:
    """Root mean square (H, W) of errors about each pixel."""
    return np.sqrt(uniform_filter(error**2, NEAR, mode="nearest") + LEAST**2)


def fit_errors(training: Pixels, calibration: Pixels) -> ErrorField:
    """The polynomial by ridge regression on some skies, the tables on others."""
    columns = terms(training.features)
    mean, spread = columns.mean(0), columns.std(0) + 1e-6
    design = np.append((columns - mean) / spread, np.ones((len(columns), 1)), 1)
    weighted = design * training.weight[:, None]
    penalty = np.diag(np.append(np.full(len(mean), RIDGE), 0.0))
    wanted = np.log([training.near, training.restored_near]).T
    model, restored = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ wanted).T
    field = ErrorField(mean, spread, model, restored, *(np.zeros(0) for _ in range(4)))
    scale = field.scale(calibration.features, model)
    guide, ratio = signal(calibration.value, scale), calibration.error / scale
    edges = weighted_quantile(guide, calibration.weight, np.arange(1, BINS) / BINS)
    bins = [np.searchsorted(edges, guide) == number for number in range(BINS)]
    bins = [inside for inside in bins if inside.any()]
    parts = [(guide[inside], ratio[inside], calibration.weight[inside]) for inside in bins]
    nodes = np.array([weighted_quantile(values, weight, [0.5])[0] for values, _, weight in parts])
    quantiles = np.array([weighted_quantile(r, weight, list(BOUNDS.values())) for _, r, weight in parts])
    rms = np.array([_rms(r, weight) for _, r, weight in parts])
    wrong = calibration.restored / field.scale(calibration.features, restored)
    return ErrorField(mean, spread, model, restored, nodes, quantiles, rms, np.array(_rms(wrong, calibration.weight)))


def weighted_quantile(values: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of values (N,) with weights (N,)."""
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return values[order][np.searchsorted(below / below[-1], levels).clip(max=len(values) - 1)]


def _rms(ratio, weight):
    return np.sqrt((weight * ratio.clip(-CLIP, CLIP) ** 2).sum() / weight.sum())
