"""From the channels of a survey of the sphere to what a local field adds to its base map, tile by tile."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import healpy as hp
import numpy as np
import torch
from torch import nn

from lofi.io import checkpoint
from lofi.priors.record import check_record
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.pixels import CHANNELS, nside_of, pixel_arcmin
from lofi.sphere.tiles import MARGIN, Plane, Tiling, around

GRID_POINTS = 4_000_000  # of tiles whose channels are evaluated at a time


def load_sphere_model(folder: str | Path, nside: int | None = None) -> tuple[nn.Module, dict]:
    """Model, a local field, and record of a checkpoint that was trained on patches of the sphere.

    Raises ValueError for another model, and where it was trained at another Nside than `nside`.
    """
    model, record = checkpoint.load(folder, CHANNELS)
    check_local(model, record, folder)
    check_record(folder, record, "data.description", "data.spectrum", "noise_std", "pixel_arcmin", "seed")
    if nside is not None:
        check_fit(record, nside, folder)
    return model, record


def check_local(model: nn.Module, record: Mapping, folder: str | Path) -> None:
    """ValueError unless a model is a local field, the same everywhere."""
    geometry = getattr(getattr(model, "network", None), "geometry", None)
    if not hasattr(model, "correction_at") or model.network.filter is not None or not geometry.shared:
        kind = record["model"]["class"]
        raise ValueError(
            f"{folder} holds a model {kind} that depends on more than its patch; the sphere needs a local field (class "
            "lofi) without a filter and with a geometry that all pixels share"
        )


def check_fit(record: Mapping, nside: int, folder: str | Path) -> None:
    """ValueError unless a model was trained at this Nside."""
    trained = nside_of(record["pixel_arcmin"])
    if nside != trained:
        raise ValueError(
            f"the map has Nside {nside}, pixels of {pixel_arcmin(nside):.3g}′; {folder} was trained at Nside "
            f"{trained}, {record['pixel_arcmin']:.3g}′: bring the map to Nside {trained}, or train at {nside}"
        )


def tiling_of(model: nn.Module, record: Mapping, nside: int, tile_nside: int) -> Tiling:
    """Tiles wide enough for the patches of a model."""
    reach, length = _patch(model, record)
    return Tiling(nside, min(tile_nside, nside), reach, length, 1.0)


def _patch(model, record):
    """How far a patch reaches, in the training's pixels, and their side in radians."""
    offsets = model.network.geometry.offsets.detach()
    return float(offsets.norm(dim=-1).max()), float(np.radians(record["pixel_arcmin"] / 60.0))


def _correction(model, tile, image, device=None):
    """What the model adds to its base map at the pixels of a tile, (P,); `image` (C, H·W), channels in its plane."""
    image = image.reshape(1, -1, *tile.plane.shape)
    inputs = (torch.from_numpy(a.astype(np.float32)).to(device) for a in (image, tile.coordinates, tile.frames))
    return model.correction_at(*inputs)[0, 0].cpu().numpy()


def corrections(
    model: nn.Module,
    harmonics: Harmonics,
    alms: np.ndarray,
    tiling: Tiling,
    seen: np.ndarray,
    numbers: Iterable[int],
    device: torch.device | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pixels (P,) and values (P,) of one tile after another: what the model adds to its base map.

    Parameters
    ----------
    harmonics : its threads each take a tile at a time, which is faster than to share one, and cannot stall.
    alms : coefficients (C, n) of the channels.
    seen : bool (pixels,), the pixels that are wanted. numbers : of the tiles.
    """

    def corrected(tile, image):
        return tile.pixels, _correction(model, tile, image, device)

    with ThreadPoolExecutor(harmonics.threads, initializer=torch.set_num_threads, initargs=(1,)) as threads:
        for tiles in _batches(tiling, seen, numbers):
            directions = np.concatenate([tile.plane.directions() for tile in tiles])
            values = harmonics.at(alms, *hp.vec2dir(directions.T))
            sizes = [tile.plane.shape[0] * tile.plane.shape[1] for tile in tiles]
            yield from threads.map(corrected, tiles, np.split(values, np.cumsum(sizes)[:-1], axis=1))


def _batches(tiling, seen, numbers):
    batch, points = [], 0
    for number in numbers:
        tile = tiling.tile(number, seen)
        if tile is None:
            continue
        batch.append(tile)
        points += tile.plane.shape[0] * tile.plane.shape[1]
        if points > GRID_POINTS:
            yield batch
            batch, points = [], 0
    if batch:
        yield batch


def base_map(model: nn.Module, wiener: np.ndarray) -> np.ndarray:
    """The map (pixels,) that the corrections are added to, of the Wiener-filtered map: exact, no tile is read."""
    return wiener.copy() if _adds_to_wiener(model) else np.zeros_like(wiener)


def _adds_to_wiener(model):
    """Whether the field corrects the Wiener-filtered map, or finds the convergence by itself."""
    return model.inputs.residual != "none"


def cut_out(
    model: nn.Module, record: Mapping, harmonics: Harmonics, alms: np.ndarray, vectors: np.ndarray
) -> np.ndarray:
    """The convergence (P,) that a model finds at unit vectors (P, 3) near each other; no pixel of a map is read."""
    reach, length = _patch(model, record)
    centre = vectors.mean(axis=0)
    plane = Plane(centre / np.linalg.norm(centre), length)
    tile = around(np.arange(len(vectors)), vectors, plane, length, reach + MARGIN)
    added = _correction(model, tile, harmonics.at(alms, *hp.vec2dir(tile.plane.directions().T)))
    if not _adds_to_wiener(model):
        return added
    return added + harmonics.at(alms[CHANNELS.index("kappa_wiener")], *hp.vec2dir(vectors.T))
