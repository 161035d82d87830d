"""How often the error bars of a prior for convergence maps hold the truth, on maps that made nothing of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.stack import Stack
from lofi.lensing.error_bars import QUANTILES
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.error_training import errors_by_map
from lofi.lensing.mapping import load_lensing_model
from simulations.tasks import observation_of
from workflow.job import run

BELOW = [f"below_{round(100 * level)}" for level in QUANTILES]
GUIDES = ("estimate", "density", "distance", "pixel")  # tenths along these
HIGHEST = 0.01  # of the pixels of a map


def coverage(
    *,
    data: list[Path],
    weights: Path,
    errors: Path,
    experiment: dict,
    number: int,
    table: Path,
    panels: Path,
) -> None:
    """`weights`, `errors`: of a prior. `panels`: HDF5 of the map `number`: truth, estimate, error bar."""
    model, prior = load_lensing_model(weights.parent)
    bars, _ = error_bars_of(errors.parent, prior, True)
    observation = observation_of(experiment)
    one_galaxy = observation.noise_std**2 * experiment["observation"]["galaxy_density"] * observation.pixel_arcmin**2
    observed, truths, maps = Stack(data, "observed"), Stack(data, "truth"), []
    if number >= len(observed):
        raise ValueError(f"figure.map is {number}; the maps of the split are 0 to {len(observed) - 1}")
    for index in tqdm(range(len(observed)), desc="coverage", unit="map", mininterval=5):
        channels, truth = torch.from_numpy(observed[index]), torch.from_numpy(truths[index])
        (values,) = errors_by_map(model, channels[None], truth)
        quantiles, std = bars(values["features"])
        maps.append(judged(values, quantiles, std, index, float(channels[3, 0, 0]), one_galaxy))
        if index == number:
            estimate, scale, seen = values["estimate"], values["scale"], torch.isfinite(channels[2])
            images = torch.full((3, *seen.shape), torch.nan)
            images[:, seen] = torch.stack([estimate + values["error"] * scale, estimate, std * scale])
            hdf5.write(panels, {"data": observed.record["fingerprint"]}, panels=images.numpy())
    with replacing(table) as path:
        coverage_table(pd.concat(maps, ignore_index=True)).to_csv(path, index=False, float_format="%.5g")


def judged(
    values: dict[str, torch.Tensor],
    quantiles: torch.Tensor,
    std: torch.Tensor,
    number: int,
    pixel_arcmin: float,
    one_galaxy: float,
) -> pd.DataFrame:
    """A line for each pixel of a map: where it lies along `GUIDES`, and whether its error bars hold.

    Parameters
    ----------
    values : of `errors_by_map`. quantiles (P, 5), std (P,) : in units of the scale.
    one_galaxy : squared shape noise of a galaxy, per component. Density is per square arcmin, distance in arcmin.
    """
    error, scale, estimate = (values[name] for name in ("error", "scale", "estimate"))
    rank = torch.empty(len(error))
    rank[estimate.argsort()] = (torch.arange(len(error)) + 0.5) / len(error)
    columns = {"map": torch.full((len(error),), number), "estimate": rank}
    columns["density"] = one_galaxy / (values["noise"] * pixel_arcmin) ** 2
    columns |= {"distance": values["distance"] * pixel_arcmin, "pixel": torch.full_like(error, pixel_arcmin)}
    columns |= {name: (error < quantiles[:, q]).float() for q, name in enumerate(BELOW)}
    columns |= {f"width_{p}": (quantiles[:, b] - quantiles[:, a]) * scale for p, a, b in ((90, 0, 4), (68, 1, 3))}
    return pd.DataFrame({name: value.numpy() for name, value in (columns | {"ratio": (error / std) ** 2}).items()})


def coverage_table(pixels: pd.DataFrame) -> pd.DataFrame:
    """Coverage of all `pixels` (of `judged`), the highest of each map, tenths along each guide, and each map."""
    lines = [_line(pixels, "all", 0), _line(pixels[pixels["estimate"] > 1 - HIGHEST], "highest", 0)]
    for guide in GUIDES:
        order = np.array_split(pixels[guide].to_numpy().argsort(kind="stable"), 10)
        lines += [_line(pixels.iloc[part], guide, number) for number, part in enumerate(order)]
    lines += [_line(part, "map", number) for number, part in pixels.groupby("map")]
    return pd.DataFrame(lines)


def _line(pixels, by, part):
    """`by`, `part`; `middle` of that guide; truths within the bounds and below each quantile; mean widths; `ratio`, the
    root of the mean squared error over what the standard deviation says."""
    mean = pixels[[*BELOW, "width_90", "width_68", "ratio"]].mean()
    inside = {"coverage_90": mean[BELOW[4]] - mean[BELOW[0]], "coverage_68": mean[BELOW[3]] - mean[BELOW[1]]}
    middle = pixels[by].median() if by in GUIDES else np.nan
    return (
        {"by": by, "part": part, "middle": middle, "pixels": len(pixels)}
        | inside
        | dict(mean)
        | {"ratio": mean["ratio"] ** 0.5}
    )


if __name__ == "__main__":
    run(snakemake, coverage)
