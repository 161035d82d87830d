"""Fit and calibration of an error field, on pixels of reconstructions whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from scipy.ndimage import uniform_filter

from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import SCALES, multiscale
from lofi.radio.beam import convolve
from lofi.radio.error_features import Features, features, sources
from lofi.radio.error_field import ErrorField, kernel, signal, standardised, terms
from lofi.radio.error_maps import BOUNDS
from lofi.radio.measurement import Measurement
from lofi.radio.products import Imaging
from lofi.radio.reconstruction import Reconstruction
from lofi.solvers.admm import Schedule

NEAR, LEAST = 3, 0.02  # pixels over which squares of errors are averaged; of the level or noise, added to them
RIDGE = 0.3  # of a standardised term
BINS = 10  # of the tables
CLIP = 10.0  # of an error over its prediction, in mean squares
HELD = 0.9  # of the errors of a sky, less than its factor times what the polynomial says
WIDEST = 1.5  # of ln of a factor from the typical one; beyond it a sky is an exception
FEWEST = 20  # pixels of a kind that tell the factor of their sky
TINY = 1e-6  # the least factor
SCATTER = 0.05  # variance of a sky's ln factor about those of skies just like it, relative to that of all skies


@dataclass(frozen=True, eq=False)
class Pixels:
    """Pixels of one reconstruction, or of several.

    Attributes
    ----------
    features : (N, F). error, value : (N,), truth less image and image, over the level. near : (N,), rms error nearby.
    restored, restored_near : (N,), error of the restored image over its noise, and its rms nearby.
    source : (N,) bool, whether they are of a source of the truth. weight : (N,), of which each sky has one for its
        sources and one for what is empty.
    """

    features: np.ndarray
    error: np.ndarray
    value: np.ndarray
    near: np.ndarray
    restored: np.ndarray
    restored_near: np.ndarray
    source: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True, eq=False)
class Sky:
    """Features (S,) of a reconstruction, and some of its pixels."""

    features: np.ndarray
    pixels: Pixels


def levels_of(reconstruction: Reconstruction) -> tuple[torch.Tensor, torch.Tensor]:
    """Level σ, Jy/pixel, and penalty α (P,), float64, of each sky's last iteration."""
    last = {row["image"]: (row["sigma"], row["alpha"]) for row in reconstruction.trace}
    level, alpha = torch.tensor([last[image] for image in range(len(last))], dtype=torch.float64).T
    return level, alpha


def features_of(reconstruction: Reconstruction, residuals: np.ndarray, denoiser: Denoiser) -> list[Features]:
    """Features of each sky of a reconstruction; residuals : (P, H, W), of natural weights, Jy/beam."""
    level, alpha = levels_of(reconstruction)
    measurement = reconstruction.measurement
    norm = (measurement.noise * Schedule.last / level.numpy()) ** 2  # of the data term: level = last · noise / √norm
    gradient = torch.from_numpy((residuals / norm[:, None, None]).astype(np.float32))
    resolution, denoise = 2 * np.pi / measurement.longest, multiscale(denoiser.denoise, SCALES)
    return features(reconstruction.images, reconstruction.start, gradient, level, alpha, resolution, denoise)


def skies_of(
    reconstruction: Reconstruction,
    imaged: Imaging,
    denoiser: Denoiser,
    truth: np.ndarray,
    count: int,
    rng: np.random.Generator,
) -> list[Sky]:
    """Each sky with at most `count` pixels of sources, and as many of what is empty; truth : (P, H, W), Jy/pixel."""
    measurement: Measurement = reconstruction.measurement
    images = reconstruction.images.numpy().astype(np.float64)
    (natural, published), _ = measurement.residual(images, measurement.natural, imaged.weighting)
    found, skies = features_of(reconstruction, natural, denoiser), []
    for sky, unit in enumerate(one.level for one in found):
        error = (truth[sky] - images[sky]) / unit
        restored = (convolve(images[sky] - truth[sky], imaged.beam) + published[sky]) / imaged.noise[sky]
        source = sources(truth[sky], unit)
        parts = [rng.permutation(part)[:count] for part in map(np.flatnonzero, (source, ~source))]
        some, weight = np.concatenate(parts), _shares(parts)
        pixels = np.concatenate(list(found[sky].pixels())).reshape(images[sky].size, -1)[some]
        columns = [error, images[sky] / unit, nearby(error), restored, nearby(restored), source]
        skies.append(Sky(found[sky].sky(), Pixels(pixels, *(column.ravel()[some] for column in columns), weight)))
    return skies


def nearby(error: np.ndarray) -> np.ndarray:
    """Root mean square (H, W) of errors about each pixel."""
    return np.sqrt(uniform_filter(error**2, NEAR, mode="nearest") + LEAST**2)


def fit_errors(parts: Sequence[Sequence[Sky]]) -> ErrorField:
    """Polynomial, factors of skies, and tables.

    The polynomial is fitted by ridge regression to all parts, skies apart; the factors, to what the polynomial of the
    other parts says of each; the tables, to what the polynomial and the factors of the other parts do. So every sky
    calibrates, and none what was fitted to it, in the manner of cross-conformal prediction (Vovk 2015).
    """
    skies = [sky for part in parts for sky in part]
    part_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    others = [_polynomial([sky for other in (*parts[:i], *parts[i + 1 :]) for sky in other]) for i in range(len(parts))]
    scales = [_scales(others[i], sky.pixels) for i, sky in zip(part_of, skies, strict=True)]
    needed = np.array([_needed(sky.pixels, scale) for sky, (scale, _) in zip(skies, scales, strict=True)])
    field, crossed = _with_factors(_polynomial(skies), np.array([sky.features for sky in skies]), needed, part_of)
    pixels, (scale, restored_scale) = _joined(skies), map(np.concatenate, zip(*scales, strict=True))
    factors = [np.where(sky.pixels.source, *pair) for sky, pair in zip(skies, np.exp(crossed), strict=True)]
    width = scale * np.concatenate(factors)
    tables = [_tables(pixels, width, kind if kind.any() else ~kind) for kind in (pixels.source, ~pixels.source)]
    nodes, quantiles, rms = map(np.stack, zip(*tables, strict=True))
    restored_rms = np.array(_rms(pixels.restored / restored_scale, pixels.weight))
    return replace(field, nodes=nodes, quantiles=quantiles, rms=rms, restored_rms=restored_rms)


def _needed(pixels, scale):
    """ln of the factor on predicted errors that holds `HELD` of the errors of each of `KINDS`; NaN: too few pixels."""
    ratio = np.abs(pixels.error) / scale
    kinds = ratio[pixels.source], ratio[~pixels.source]
    needed = [np.quantile(kind, HELD) if len(kind) >= FEWEST else np.nan for kind in kinds]
    return np.log(np.maximum(needed, TINY))


def _with_factors(field, features, needed, part_of):
    """The field with factors of skies, features (C, S), that need `needed` (C, 2); and ln of those of other parts."""
    mean, spread = features.mean(0), features.std(0) + 1e-6
    skies = standardised(features, mean, spread)
    columns = [_regression(skies, column, part_of) for column in needed.T]
    typical, weights, crossed = (np.stack(each, -1) for each in zip(*columns, strict=True))
    return replace(field, sky_mean=mean, sky_spread=spread, skies=skies, weights=weights, typical=typical), crossed


def _regression(skies, wanted, part_of):
    """Kernel ridge regression of what skies need: its constant, weights (C,), and what other parts say of each (C,)."""
    tell = np.isfinite(wanted)
    typical = np.median(wanted[tell]) if tell.any() else 0.0
    rest = (wanted - typical).clip(-WIDEST, WIDEST)

    def weights_of(known):
        weights = np.zeros(len(skies))
        alike = kernel(skies[known], skies[known]) + SCATTER * np.eye(np.count_nonzero(known))
        weights[known] = np.linalg.solve(alike, rest[known])
        return weights

    crossed = np.empty(len(skies))
    for part in np.unique(part_of):
        own = part_of == part
        crossed[own] = typical + kernel(skies[own], skies) @ weights_of(tell & ~own)
    return typical, weights_of(tell), crossed


def _tables(pixels, width, kind):
    """Nodes (B,), quantiles (B, 4) and rms (B,) of errors over predicted ones (N,), of those pixels of a kind."""
    guide, ratio, weights = signal(pixels.value, width)[kind], (pixels.error / width)[kind], pixels.weight[kind]
    edges = weighted_quantile(guide, weights, np.arange(1, BINS) / BINS)
    bins = [np.searchsorted(edges, guide) == number for number in range(BINS)]
    bins = [inside for inside in bins if inside.any()]
    bins += bins[-1:] * (BINS - len(bins))
    binned = [(guide[inside], ratio[inside], weights[inside]) for inside in bins]
    nodes = np.array([weighted_quantile(values, weight, [0.5])[0] for values, _, weight in binned])
    quantiles = np.array([weighted_quantile(r, weight, list(BOUNDS.values())) for _, r, weight in binned])
    return nodes, quantiles, np.array([_rms(r, weight) for _, r, weight in binned])


def _polynomial(skies):
    """An error field without tables and factors."""
    pixels = _joined(skies)
    columns = terms(pixels.features)
    mean, spread = columns.mean(0), columns.std(0) + 1e-6
    design = np.append((columns - mean) / spread, np.ones((len(columns), 1)), 1)
    weighted = design * pixels.weight[:, None]
    penalty = np.diag(np.append(np.full(len(mean), RIDGE), 0.0))
    wanted = np.log([pixels.near, pixels.restored_near]).T
    model, restored = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ wanted).T
    return ErrorField(mean, spread, model, restored, *(np.zeros(0) for _ in range(9)))


def _scales(field, pixels):
    """What its polynomials say of pixels, (N,) each: of the model, of the restored image."""
    return [field.scale(pixels.features, coefficients) for coefficients in (field.model, field.restored)]


def _joined(skies):
    pixels = [sky.pixels for sky in skies]
    return Pixels(*(np.concatenate([getattr(some, part.name) for some in pixels]) for part in fields(Pixels)))


def _shares(parts):
    """Weights of what is in `parts`, each of which has 1 in all."""
    return np.concatenate([np.full(len(part), 1 / max(len(part), 1)) for part in parts])


def weighted_quantile(values: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of values (N,) with weights (N,)."""
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return values[order][np.searchsorted(below / below[-1], levels).clip(max=len(values) - 1)]


def _rms(ratio, weight):
    return np.sqrt((weight * ratio.clip(-CLIP, CLIP) ** 2).sum() / weight.sum())
