"""Bins of redshift filtered together: what the shear of each says of the convergence of all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lofi.lensing.bin_correlations import BinCorrelations, bin_correlations
from lofi.lensing.mapping import load_lensing_model, observed_field
from lofi.lensing.observing import is_reduced, read_binned
from lofi.lensing.redshift_distribution import Distribution
from lofi.lensing.shear_file import ShearFile
from lofi.solvers.sky_spectrum import SkySpectrum
from lofi.solvers.wiener import joint_wiener_filter

SHOWN = 1000.0  # multipole whose correlations the header says


def joint_wiener(observed: np.ndarray, sky: SkySpectrum, correlations: BinCorrelations) -> torch.Tensor:
    """Wiener maps (n, H, W) of bins of redshift, each from the shear of all.

    Each bin has its own source plane, noise and mask; all have the same pixels. With one bin it is the Wiener map of
    the prior.

    Parameters
    ----------
    observed : channels (n, 5, H, W) of `lofi.lensing.mapping.observed_field`, those with redshifts.
    sky : the spectra of source planes.
    """
    image, curl, noise_std, pixel, redshift = torch.from_numpy(observed).unbind(1)
    signal = sky.pixelised(image.shape[-2:], pixel[:, 0, 0], redshift[:, 0, 0])
    mixing = correlations.mixing(image.shape[-2:], float(pixel[0, 0, 0]))
    return joint_wiener_filter(image, noise_std, signal, mixing, curl)


def correlations_of(sky: SkySpectrum, sources: Sequence[Distribution]) -> BinCorrelations:
    """The correlations of bins with these n(z), from the spectra that a prior knows."""
    return bin_correlations(sources, *(t.double().numpy() for t in (sky.redshifts, sky.multipoles, sky.power)))


def filter_bins(
    file: ShearFile, each: Sequence[Mapping[str, Any]], sources: Sequence[Distribution], prior: Path
) -> list[dict[str, Any]]:
    """The bins of a catalogue filtered together: what `lofi.lensing.observing.map_plane` takes of each.

    each : the options of each bin, as of `map_plane`, all with the same centre and shape. sources : n(z) of each.
    prior : folder of a network that is told the redshift.

    Returns
    -------
    the keywords `binned`, the bin's own shear, `joint`, its Wiener map from the shear of all, and `notes`.
    """
    model, record = load_lensing_model(prior)
    bins = [read_binned(file, options, record["data"]["pixel_arcmin"]) for options in each]
    observed = [
        observed_field(binned, record, redshift=options["redshift"], reduced=is_reduced(file, options))[0]
        for binned, options in zip(bins, each, strict=True)
    ]
    correlations = correlations_of(model.wiener.sky, sources)
    maps = joint_wiener(np.stack(observed), model.wiener.sky, correlations)
    shown = correlations.matrices[np.abs(np.log(correlations.multipoles / SHOWN)).argmin()]
    return [
        {"binned": binned, "joint": wiener, "notes": (_note(row),)}
        for binned, wiener, row in zip(bins, maps, shown, strict=True)
    ]


def _note(row):
    listed = ", ".join(f"{value:.2f}" for value in row)
    return (
        f"KAPPA_WIENER_JOINT and KAPPA_JOINT: from the shear of all {len(row)} bins; this bin's correlations with them "
        f"by theory, at multipoles around {SHOWN:g}: {listed}"
    )
