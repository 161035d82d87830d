"""Fit and calibration of an error field, on pixels of reconstructions whose truth is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

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


def features_of(
    reconstruction: Reconstruction, residuals: np.ndarray, denoiser: Denoiser
) -> list[Iterator[np.ndarray]]:
    """Features of each sky of a reconstruction, in stripes; residuals : (P, H, W), of natural weights, Jy/beam."""
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
    found, chosen = [np.concatenate(list(s)) for s in features_of(reconstruction, natural, denoiser)], []
    for sky, unit in enumerate(level.tolist()):
        error = (truth[sky] - images[sky]) / unit
        restored = (convolve(images[sky] - truth[sky], imaged.beam) + published[sky]) / imaged.noise[sky]
        columns = [error, images[sky] / unit, nearby(error), restored, nearby(restored)]
        source = uniform_filter(images[sky], 5, mode="nearest") > SOURCE * unit
        for part in map(np.flatnonzero, (source, ~source)):
            some = rng.permutation(part)[:count]
            weight = np.full(len(some), 1 / max(len(some), 1))
            chosen.append(
                Pixels(found[sky].reshape(-1, found[sky].shape[-1])[some], *(c.ravel()[some] for c in columns), weight)
            )
    return _joined(chosen)


def nearby(error: np.ndarray) -> np.ndarray:
    """Root mean square (H, W) of errors about each pixel."""
    return np.sqrt(uniform_filter(error**2, NEAR, mode="nearest") + LEAST**2)


def fit_errors(parts: Sequence[Pixels]) -> ErrorField:
    """The polynomial by ridge regression on all parts, skies apart; the tables on each by the polynomial of the others.

    So every sky calibrates, and none what was fitted to it, in the manner of cross-conformal prediction (Vovk 2015).
    """
    out = [_scales(_polynomial(_joined([*parts[:i], *parts[i + 1 :]])), part) for i, part in enumerate(parts)]
    scale, restored_scale = map(np.concatenate, zip(*out, strict=True))
    pixels = _joined(parts)
    guide, ratio = signal(pixels.value, scale), pixels.error / scale
    edges = weighted_quantile(guide, pixels.weight, np.arange(1, BINS) / BINS)
    bins = [np.searchsorted(edges, guide) == number for number in range(BINS)]
    bins = [inside for inside in bins if inside.any()]
    binned = [(guide[inside], ratio[inside], pixels.weight[inside]) for inside in bins]
    nodes = np.array([weighted_quantile(values, weight, [0.5])[0] for values, _, weight in binned])
    quantiles = np.array([weighted_quantile(r, weight, list(BOUNDS.values())) for _, r, weight in binned])
    rms = np.array([_rms(r, weight) for _, r, weight in binned])
    restored_rms = np.array(_rms(pixels.restored / restored_scale, pixels.weight))
    return replace(_polynomial(pixels), nodes=nodes, quantiles=quantiles, rms=rms, restored_rms=restored_rms)


def _polynomial(pixels):
    """An error field without tables."""
    columns = terms(pixels.features)
    mean, spread = columns.mean(0), columns.std(0) + 1e-6
    design = np.append((columns - mean) / spread, np.ones((len(columns), 1)), 1)
    weighted = design * pixels.weight[:, None]
    penalty = np.diag(np.append(np.full(len(mean), RIDGE), 0.0))
    wanted = np.log([pixels.near, pixels.restored_near]).T
    model, restored = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ wanted).T
    return ErrorField(mean, spread, model, restored, *(np.zeros(0) for _ in range(4)))


def _scales(field, pixels):
    """What its polynomials say of pixels, (N,) each: of the model, of the restored image."""
    return [field.scale(pixels.features, coefficients) for coefficients in (field.model, field.restored)]


def _joined(parts):
    return sum(parts[1:], parts[0])


def weighted_quantile(values: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of values (N,) with weights (N,)."""
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return values[order][np.searchsorted(below / below[-1], levels).clip(max=len(values) - 1)]


def _rms(ratio, weight):
    return np.sqrt((weight * ratio.clip(-CLIP, CLIP) ** 2).sum() / weight.sum())
