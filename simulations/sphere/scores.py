"""How well maps of the sphere show the truth: errors near and far from masked pixels, spectra, correlations."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics, spectrum
from lofi.sphere.pixels import pixel_arcmin

EDGE_ARCMIN, EDGE_PIXELS, FAR = 20.0, 1.5, 0.99  # far: where the mask, smoothed by the larger, is still above this


def far_from_edges(harmonics: Harmonics, seen: np.ndarray) -> np.ndarray:
    """bool (pixels,): the pixels seen that have hardly a masked one within about 45′, or 3 pixels."""
    width = max(EDGE_ARCMIN, EDGE_PIXELS * pixel_arcmin(harmonics.nside))
    mask = harmonics.analysis(seen.astype(float), accuracy=1e-2)
    smooth = harmonics.synthesis(harmonics.filtered(mask, gaussian_beam(harmonics.lmax, width)))[0]
    return seen & (smooth > FAR)


def errors(estimate: np.ndarray, truth: np.ndarray, pixels: np.ndarray) -> dict[str, float]:
    """RMSE and Pearson correlation over `pixels` (bool); means, which are unobservable, are taken off."""
    a, b = (values[pixels] - values[pixels].mean() for values in (estimate, truth))
    scale = a.std() * b.std()
    return {"rmse": float((a - b).std()), "pearson_r": float((a * b).mean() / scale) if scale else float("nan")}


def spectra_of(
    harmonics: Harmonics, maps: Mapping[str, np.ndarray], truth: np.ndarray, seen: np.ndarray, bins: int = 24
) -> Iterator[dict]:
    """Rows {method, ell, ratio, r_ell}: `C_ℓ / C_ℓ(truth)` and the correlation of coefficients, in bins of log ℓ.

    Of the pixels seen alone, all maps masked alike: ratios of pseudo-spectra, which leave the coupling of multipoles
    by the mask in.
    """

    def coefficients(values):
        return harmonics.adjoint(np.where(seen, values - values[seen].mean(), 0.0))[0]

    edges = np.unique(np.geomspace(2, harmonics.lmax + 1, bins + 1).round().astype(int))
    true = coefficients(truth)
    true_power, weight = spectrum(true), 2.0 * np.arange(harmonics.lmax + 1) + 1
    for name, values in maps.items():
        alm = coefficients(values)
        power, cross = spectrum(alm), spectrum(alm, true)
        for low, high in pairwise(edges):
            part = slice(low, high)
            estimated, common, true_sum = ((weight * c_ell)[part].sum() for c_ell in (power, cross, true_power))
            yield {
                "method": name,
                "ell": float(np.average(np.arange(low, high), weights=weight[part])),
                "ratio": estimated / true_sum,
                "r_ell": common / np.sqrt(estimated * true_sum) if estimated else float("nan"),
            }
