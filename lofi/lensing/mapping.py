"""A binned shear map, mapped with a trained model."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lofi.io import checkpoint
from lofi.lensing.eb_diagnostics import eb_check
from lofi.lensing.kaiser_squires import CHANNELS, channels
from lofi.lensing.noise_check import check_shear_noise
from lofi.lensing.products import field_maps
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.shear_map_files import shear_images
from lofi.messages import say_notes
from lofi.models.precision import with_precision

PIXEL_TOLERANCE, PIXEL_LIMIT = 0.02, 0.15  # relative difference from the training's pixels: warn above, refuse above
SMALLEST_MARGIN = 32  # pixels; a smaller one changes the maps of small fields by several percent


def load_lensing_model(folder: str | Path) -> tuple[nn.Module, dict]:
    """Model and record of a checkpoint that was trained on the channels of the plane."""
    model, record = checkpoint.load(folder, CHANNELS)
    checkpoint.check_record(folder, record, "data.description", "data.pixel_arcmin", "noise_std", "depth", "seed")
    return model, record


def map_shear(
    binned: BinnedShear, model: nn.Module, record: Mapping, *, precision: str | None = None, periodic: bool = False
) -> tuple[dict[str, tuple[np.ndarray, str]], list[str]]:
    """Convergence maps of an observed field.

    A survey is surrounded by masked pixels, half its size on each side, so that opposite edges do not meet. A simulated
    periodic field has no edges and needs none: its shear is the shear of its own mass alone.

    Parameters
    ----------
    model, record : a trained reconstructor and its record (`lofi.io.checkpoint.load`).
    precision : exact, fast or int8, calibrated on this observation (`lofi.models.precision`); None: the model's own.
    periodic : whether opposite edges of the field meet.

    Returns
    -------
    the maps of `lofi.lensing.products.field_maps` and the shear by HDU name; list of notes for the header.
    """
    notes = check_fit(binned, record)
    margin = 0 if periodic else max(max(binned.shape) // 2, SMALLEST_MARGIN)
    gamma = np.pad(np.where(binned.mask, binned.gamma, 0.0), margin)
    noise_std = np.pad(binned.noise_std, margin, constant_values=np.inf)
    observed = channels(gamma, noise_std).astype(np.float32)
    batch = torch.from_numpy(observed)[None]
    model, computed = with_precision(model, precision, batch)
    say_notes(computed)
    notes += computed
    with torch.no_grad():
        kappa, wiener = model.reconstruct(batch)[0, 0].numpy(), None
        if hasattr(model, "wiener"):
            image, noise = (batch[:, CHANNELS.index(name)] for name in ("kappa_e", "noise_std"))
            wiener = model.wiener(image, noise)[0].numpy()
    return field_maps(observed, kappa, wiener, margin=margin) | shear_images(binned), notes


def depth_notes(level: float, low: float, high: float) -> list[str]:
    """What is to be said of a median noise outside those that a model was trained at: a list of a sentence or none."""
    if 0.9 * low <= level <= 1.1 * high:
        return []
    return [f"median noise {level:.3g} per pixel, outside the trained range {low:.3g} to {high:.3g}"]


def check_fit(binned: BinnedShear, record: Mapping) -> list[str]:
    """Compare an observation with what a model was trained on; returns notes, prints them, refuses other pixels."""
    trained = record["data"]["pixel_arcmin"]
    ratio = binned.pixel_arcmin / trained
    if abs(ratio - 1) > PIXEL_LIMIT:
        raise ValueError(
            f"the shear map has pixels of {binned.pixel_arcmin:.3g}′, the model was trained on {trained:.3g}′; bin the "
            f"catalogue with that pixel size, or rebin the map by a whole factor to within {PIXEL_LIMIT:.0%} of it"
        )
    notes = []
    if abs(ratio - 1) > PIXEL_TOLERANCE:
        notes.append(f"pixels of {binned.pixel_arcmin:.3g}' where the model was trained on {trained:.3g}'")
    level = float(np.median(binned.noise_std[binned.mask]))
    low, high = (record["noise_std"] * factor for factor in record["depth"].get("relative_noise", (1.0, 1.0)))
    notes += depth_notes(level, low, high)
    modes = eb_check(binned)
    notes += modes.notes("2'")
    say_notes(notes)
    noise = None if modes.suspicious else check_shear_noise(binned)  # in a wrong frame the B mode is the signal
    warnings = [] if noise is None else noise.warnings
    say_notes(warnings, "warning")
    return notes + warnings
