"""Bins of redshift filtered together: what the shear of each says of the convergence of all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lofi.lensing.bin_correlations import BinCorrelations, bin_correlations
from lofi.lensing.mapping import JointView, load_lensing_model, observed_field
from lofi.lensing.observing import is_reduced, read_binned
from lofi.lensing.redshift_distribution import Distribution
from lofi.lensing.shear_file import ShearFile
from lofi.solvers.sky_spectrum import SkySpectrum
from lofi.solvers.wiener import equivalent_noise, hermitian_weight, joint_wiener_filter

SHOWN = 1000.0  # multipole whose correlations the header says


def joint_views(observed: np.ndarray, sky: SkySpectrum, correlations: BinCorrelations) -> list[JointView]:
    """What bins of redshift say together of each.

    Each bin has its own source plane, noise and mask; all have the same pixels. The Wiener map is the posterior mean
    of the bin given the shear of all. What a network sees besides is that map with its filter undone,
    `(S + N)/S` of its modes, and a noise of so much less than the bin's own: N is that of a single observation that
    says as much (`lofi.solvers.wiener.equivalent_noise`). With one bin these are its own map, noise and Wiener map.

    # ASSUME: N is that of the mean depth of the observed pixels; where depth varies, the noise varies as the bin's own.

    Parameters
    ----------
    observed : channels (n, 5, H, W) of `lofi.lensing.mapping.observed_field`, those with redshifts.
    sky : the spectra of source planes.
    """
    channels = torch.from_numpy(observed)
    image, curl, noise_std, pixel, redshift = channels.unbind(1)
    shape = image.shape[-2:]
    signal = sky.pixelised(shape, pixel[:, 0, 0], redshift[:, 0, 0])
    mixing = correlations.mixing(shape, float(pixel[0, 0, 0]))
    wiener = joint_wiener_filter(image, noise_std, signal, mixing, curl)
    weight = noise_std**-2.0
    level = (weight.sum((1, 2)) / (weight > 0).sum((1, 2))) ** -0.5
    noise = equivalent_noise(signal, mixing, level)
    counted = signal * hermitian_weight(shape)
    factor = ((noise * counted).sum((1, 2)) / counted.sum((1, 2))).sqrt() / level  # where the signal is
    undone = torch.where(signal > 0, (signal + noise) / signal, 0.0)
    seen = channels.clone()
    seen[:, 0] = torch.fft.irfft2(undone * torch.fft.rfft2(wiener), s=shape)
    seen[:, 2] = factor[:, None, None] * noise_std
    return [JointView(*each) for each in zip(seen, wiener, strict=True)]


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
    the keywords `binned`, the bin's own shear, `joint`, what all bins say of it, and `notes`.
    """
    model, record = load_lensing_model(prior)
    bins = [read_binned(file, options, record["data"]["pixel_arcmin"]) for options in each]
    observed = [
        observed_field(binned, record, redshift=options["redshift"], reduced=is_reduced(file, options))[0]
        for binned, options in zip(bins, each, strict=True)
    ]
    correlations = correlations_of(model.wiener.sky, sources)
    views = joint_views(np.stack(observed), model.wiener.sky, correlations)
    shown = correlations.matrices[np.abs(np.log(correlations.multipoles / SHOWN)).argmin()]
    return [
        {"binned": binned, "joint": view, "notes": (_note(row),)}
        for binned, view, row in zip(bins, views, shown, strict=True)
    ]


def _note(row):
    listed = ", ".join(f"{value:.2f}" for value in row)
    return (
        f"KAPPA_WIENER_JOINT and KAPPA_JOINT: from the shear of all {len(row)} bins; this bin's correlations with them "
        f"by theory, at multipoles around {SHOWN:g}: {listed}"
    )
