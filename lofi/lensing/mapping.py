"""From a binned shear map to maps of the convergence: what `lofi map` and the observation rule share."""

import sys

import numpy as np
import torch

from lofi.field.int8 import quantised
from lofi.lensing.eb_diagnostics import eb_check
from lofi.lensing.kaiser_squires import CHANNELS, kaiser_squires
from lofi.lensing.shear_map_files import shear_images
from lofi.solvers.smoothing import smooth

PIXEL_TOLERANCE, PIXEL_LIMIT = 0.02, 0.15  # relative difference from the training's pixels: warn above, refuse above
SMOOTHING_PIXELS = 1.5  # ASSUME: what validation chooses at the default depth (results/models/mass/gaussian)
SMALLEST_MARGIN = 32  # pixels; a smaller one changes the maps of small fields by several percent


def map_shear(binned, model, record, int8=False):
    """Convergence maps of an observed field.

    The field is surrounded by masked pixels, half its size on each side, so that opposite edges do not meet.

    Parameters
    ----------
    binned : `lofi.lensing.shear_map.BinnedShear`.
    model, record : a trained reconstructor and its record (`lofi.io.checkpoint.load`).
    int8 : evaluate the model, a local field, in 8-bit integers, calibrated on this observation (`lofi.field.int8`).

    Returns
    -------
    dict of HDU name → (array (H, W), unit), NaN where masked; list of notes for the header.
    """
    notes = check_fit(binned, record)
    margin = max(max(binned.shape) // 2, SMALLEST_MARGIN)
    gamma = np.pad(np.where(binned.mask, binned.gamma, 0.0), margin)
    noise = np.pad(binned.noise_std, margin, constant_values=np.inf)
    kappa = kaiser_squires(gamma)
    observed = torch.from_numpy(np.stack([kappa.real, kappa.imag, noise]).astype(np.float32))[None]
    image, noise_std = observed[:, CHANNELS.index("kappa_e")], observed[:, CHANNELS.index("noise_std")]
    maps = {}
    if int8:
        model = quantised(model, observed)
        notes.append("the field was evaluated in 8-bit integers, calibrated on this map")
    with torch.no_grad():
        maps["KAPPA"] = model.reconstruct(observed)[0, 0].numpy()
        if hasattr(model, "wiener"):
            maps["KAPPA_WIENER"] = model.wiener(image, noise_std)[0].numpy()
        maps["KAPPA_SMOOTHED"] = smooth(image, noise_std, SMOOTHING_PIXELS)[0].numpy()
    maps |= {"KAPPA_KS_E": kappa.real, "KAPPA_KS_B": kappa.imag}
    inside = (slice(margin, -margin),) * 2
    products = {}
    for name, full in maps.items():
        part = np.where(binned.mask, full[inside], np.nan)
        if not name.startswith("KAPPA_KS"):
            part -= np.nanmean(part)  # the mean of a convergence map is unobservable
        products[name] = (part, "")
    return products | shear_images(binned), notes


def depth_notes(level, low, high):
    """What is to be said of a median noise outside those that a model was trained at: a list of a sentence or none."""
    if 0.9 * low <= level <= 1.1 * high:
        return []
    return [f"median noise {level:.3g} per pixel, outside the trained range {low:.3g} to {high:.3g}"]


def check_fit(binned, record):
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
    notes += eb_check(binned).notes("2'")
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    return notes
