"""From a binned shear map to maps of the convergence: what `lofi map` and the observation rule share."""

import sys

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from simulations.eb_diagnostics import eb_check
from simulations.lensing import kaiser_squires
from simulations.observation import CHANNELS
from simulations.shear_map_files import shear_images

PIXEL_TOLERANCE, PIXEL_LIMIT = 0.02, 0.15  # relative difference from the training's pixels: warn above, refuse above
SMOOTHING_PIXELS = 1.5


def map_shear(binned, model, record):
    """Convergence maps of an observed field.

    The field is surrounded by masked pixels, half its size on each side, so that opposite edges do not meet.

    Parameters
    ----------
    binned : `simulations.shear_map.BinnedShear`.
    model, record : a trained reconstructor and its record (`lofi.checkpoint.load`).

    Returns
    -------
    dict of HDU name → (array (H, W), unit), NaN where masked; list of notes for the header.
    """
    notes = check_fit(binned, record)
    margin = max(binned.shape) // 2
    gamma = np.pad(np.where(binned.mask, binned.gamma, 0.0), margin)
    noise = np.pad(binned.noise_std, margin, constant_values=np.inf)
    kappa = kaiser_squires(gamma)
    channels = dict(zip(CHANNELS, (kappa.real, kappa.imag, noise), strict=True))
    observed = np.stack([channels[name] for name in record["channels"]]).astype(np.float32)
    with torch.no_grad():
        estimate = model.reconstruct(torch.from_numpy(observed)[None])[0, 0].numpy()
    maps = {"KAPPA": estimate}
    if hasattr(model, "inputs"):
        image, noise_std = torch.from_numpy(observed[None, 0]), torch.from_numpy(noise[None].astype(np.float32))
        maps["KAPPA_WIENER"] = model.inputs.wiener(image, noise_std)[0].numpy()
    valid = np.isfinite(noise)
    weight = np.where(valid, noise, np.inf) ** -2.0
    smooth = [gaussian_filter(part, SMOOTHING_PIXELS, mode="constant") for part in (weight * kappa.real, weight)]
    maps["KAPPA_SMOOTHED"] = np.divide(smooth[0], smooth[1], out=np.zeros_like(weight), where=smooth[1] > 0)
    maps |= {"KAPPA_KS_E": kappa.real, "KAPPA_KS_B": kappa.imag}
    inside = (slice(margin, -margin),) * 2
    maps = {name: np.where(binned.mask, image[inside], np.nan) for name, image in maps.items()}
    for name in ("KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED"):
        if name in maps:
            maps[name] = maps[name] - np.nanmean(maps[name])  # the mean of a convergence map is unobservable
    products = {name: (image, "") for name, image in maps.items()} | shear_images(binned)
    return products, notes


def check_fit(binned, record):
    """Compare an observation with what a model was trained on; returns notes, prints warnings, refuses other pixels."""
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
    if not 0.9 * low <= level <= 1.1 * high:
        notes.append(f"median noise {level:.3g} per pixel, outside the trained range {low:.3g} to {high:.3g}")
    check = eb_check(binned)
    notes.append(f"var(E)/var(B) smoothed by 2': {check.ratio:.2f}; with e2 flipped {check.ratio_flipped:.2f}")
    if check.suspicious:
        notes.append("the sign of e2 looks wrong: flipping it gives a purer E mode")
    elif check.ratio > 1 + 2 * check.scatter and check.skewness < -0.1:
        notes.append("the map is skewed to negative values: the signs of e1 and e2 may both be wrong")
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    return notes
