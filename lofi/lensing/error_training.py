"""Training and calibration of error bars, on pixels of maps whose truth is known."""

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch import nn
from tqdm import tqdm

from lofi.lensing.error_bars import BINS, GUIDES, NODES, QUANTILES, ErrorBars
from lofi.lensing.error_features import FEATURES, plane_features

BATCH, RATE, ROUNDS = 4096, 3e-3, 4


def pixels_of(
    model: nn.Module, observed: torch.Tensor, truth: torch.Tensor, count: int, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """At most `count` unmasked pixels of each map, drawn at random: `errors_by_map` of all maps together."""
    maps = []
    for values in errors_by_map(model, observed, truth):
        chosen = torch.randperm(len(values["error"]), generator=generator)[:count]
        maps.append({name: value[chosen] for name, value in values.items()})
    return {name: torch.cat([each[name] for each in maps]) for name in maps[0]}


def errors_by_map(model: nn.Module, observed: torch.Tensor, truth: torch.Tensor) -> list[dict[str, torch.Tensor]]:
    """Of each map all unmasked pixels, in the order of the image, and what the model got wrong there.

    Parameters
    ----------
    model : is told pixel size and redshift. observed : (B, 5, H, W), periodic. truth : (B, H, W).

    Returns
    -------
    of each map {name: (P, ...)}: `features`; `scale`; `error`, truth less estimate in units of the scale, means
    removed as in products; `estimate`, `wiener`, `noise` and the `distance` to the mask [pixels].
    """
    with torch.no_grad():
        filtered = model.wiener(observed)
        estimates = model.reconstruct(observed, filtered=filtered)[:, 0]
    maps = []
    for channels, kappa, wiener, true in zip(observed, estimates, filtered, truth, strict=True):
        noise_std, (pixel, redshift) = channels[2], channels[3:, 0, 0]
        signal = model.wiener.sky.pixelised(true.shape, pixel[None], redshift[None])[0]
        found, scale = plane_features(kappa, wiener, noise_std, float(pixel), float(redshift), signal)
        seen = torch.isfinite(noise_std)
        kappa, wiener, true = (image[seen] - image[seen].mean() for image in (kappa, wiener, true))
        values = {"features": found, "scale": scale, "error": (true - kappa) / scale, "estimate": kappa}
        values |= {"wiener": wiener, "noise": noise_std[seen], "distance": _to_the_mask(seen)[seen]}
        maps.append(values)
    return maps


def _to_the_mask(seen):
    """Distance of each pixel to the nearest masked one [pixels]; as far as can be where nothing is masked."""
    farthest = float(max(seen.shape))
    distance = np.full(seen.shape, farthest) if seen.all() else distance_transform_edt(seen.numpy())
    return torch.from_numpy(np.minimum(distance, farthest).astype(np.float32))


def quantile_loss(said: torch.Tensor, error: torch.Tensor) -> torch.Tensor:
    """Check loss of quantiles (Koenker & Bassett 1978) and likelihood of the deviation; said (P, 6), error (P,)."""
    beyond = error[:, None] - said[:, :-1]
    level = torch.tensor(QUANTILES)
    check = torch.maximum(level * beyond, (level - 1) * beyond).sum(1)
    return (check + 0.5 * (error / said[:, -1].exp()).square().clamp(max=100.0) + said[:, -1]).mean()


def standardise(bars: ErrorBars, features: torch.Tensor) -> None:
    """Set the mean and the spread that the network takes features (P, FEATURES) relative to: before it is trained."""
    bars.mean.copy_(features.mean(0))
    bars.spread.copy_(features.std(0).clamp(min=1e-6))


def train_errors(
    bars: ErrorBars, features: torch.Tensor, error: torch.Tensor, steps: int, generator: torch.Generator
) -> None:
    """Train the network, from where it is, on pixels: features (P, FEATURES) and error (P,) in units of its scale."""
    optimiser = torch.optim.AdamW(bars.network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in tqdm(range(steps), desc="error bars", unit="step", mininterval=5):
        chosen = torch.randint(len(error), (BATCH,), generator=generator)
        optimiser.zero_grad()
        quantile_loss(bars.predicted(features[chosen]), error[chosen]).backward()
        optimiser.step()
        schedule.step()


@torch.no_grad()
def calibrate_errors(bars: ErrorBars, features: torch.Tensor, error: torch.Tensor) -> None:
    """Set the tables on pixels that the network was not trained on.

    Conformalised quantile regression (Romano et al. 2019) with one score per quantile: in each bin of a guide, the
    quantile is moved by that of what lies beyond it, in units of the 68 % interval. One guide after the other, and
    again, until all hold at once.
    """
    said = bars.predicted(features)
    inner = said[:, 3] - said[:, 1]
    bars.shifts.zero_()
    positions = []
    for guide, name in enumerate(GUIDES):
        values = features[:, FEATURES.index(name)].contiguous()
        edges = _quantiles(values, NODES[1:-1])
        positions.append(torch.bucketize(values, edges))
        bars.nodes[guide] = torch.stack(
            [
                values[positions[-1] == i].median() if (positions[-1] == i).any() else edges[min(i, BINS - 2)]
                for i in range(BINS)
            ]
        )
    total = torch.zeros_like(said)
    for _ in range(ROUNDS):
        for guide, position in enumerate(positions):
            before = bars.shift(features, guide)
            for i in range(BINS):
                inside = position == i
                if inside.sum() < 100:
                    continue
                now, unit, wrong = said[inside] + total[inside] * _unit(inner[inside]), inner[inside], error[inside]
                for q, level in enumerate(QUANTILES):
                    bars.shifts[guide, i, q] += _quantiles((wrong - now[:, q]) / unit, (level,))[0]
                bars.shifts[guide, i, -1] += (wrong / now[:, -1].exp()).square().mean().log() / 2
            total += bars.shift(features, guide) - before


def _unit(inner):
    unit = inner[:, None].repeat(1, len(QUANTILES) + 1)
    unit[:, -1] = 1.0
    return unit


def _quantiles(values, levels):
    """Quantiles of any number of values (`torch.quantile` takes 16 million)."""
    ordered, place = values.sort()[0], torch.tensor(levels, dtype=torch.float64) * (len(values) - 1)
    return ordered[place.round().long()]
