"""How the convergences of bins of redshift are correlated, by theory, multipole by multipole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lofi.lensing.redshift_distribution import COSMOLOGY, Distribution, PlanePower
from lofi.solvers.wiener import radial_frequency

THIN = 0.005  # half the width in redshift of sources that are taken for one plane


@dataclass(frozen=True)
class BinCorrelations:
    """Roots (L, n, n) of the correlation matrices of n bins at multipoles (L,): `R = M Mᵀ`, rows of unit length.

    Roots are linear in ln ℓ between the multipoles, and as at the ends beyond; rows are brought back to unit length.
    """

    multipoles: np.ndarray
    roots: np.ndarray

    @property
    def matrices(self) -> np.ndarray:
        """Correlation matrices (L, n, n)."""
        return self.roots @ self.roots.swapaxes(1, 2)

    def mixing(self, shape: tuple[int, int], pixel_arcmin: float) -> torch.Tensor:
        """Roots (n, n, H, W//2 + 1) at the `rfft2` modes of images of `shape`, float32."""
        ell = 2 * np.pi * radial_frequency(shape).double().numpy() / np.deg2rad(pixel_arcmin / 60)
        wanted, nodes = np.log(np.maximum(ell, self.multipoles[0])), np.log(self.multipoles)
        count = self.roots.shape[1]
        found = np.stack([np.interp(wanted, nodes, self.roots[:, i, j]) for i in range(count) for j in range(count)])
        found = found.reshape(count, count, *ell.shape)
        return torch.from_numpy((found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32))


def plane(redshift: float) -> Distribution:
    """Sources at one redshift."""
    return Distribution("plane", redshift + THIN * np.array([-1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0]))


def bin_correlations(
    distributions: Sequence[Distribution], redshifts: np.ndarray, multipoles: np.ndarray, power: np.ndarray
) -> BinCorrelations:
    """Of bins with these n(z), from the spectra of source planes that a prior knows.

    The cross spectrum of two bins is the integral over both n(z) of that of two planes
    (`lofi.lensing.redshift_distribution.PlanePower.pairs`).

    Parameters
    ----------
    redshifts, multipoles, power : C_ℓ (redshifts, multipoles) of source planes.
    """
    nodes = [each.nodes() for each in distributions]
    z, places = np.unique(np.concatenate([z for z, _ in nodes]), return_inverse=True)
    shares = np.zeros((len(nodes), len(z)))
    for number, (share, place) in enumerate(zip((s for _, s in nodes), places.reshape(len(nodes), -1), strict=True)):
        shares[number, place] = share
    chi = COSMOLOGY.comoving_distance(z).value
    roots = []
    for spectrum in np.transpose(power):
        covariance = shares @ PlanePower(redshifts, spectrum).pairs(chi) @ shares.T
        deviation = np.sqrt(np.diag(covariance))
        values, vectors = np.linalg.eigh(covariance / np.outer(deviation, deviation))
        root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        roots.append(root / np.linalg.norm(root, axis=1, keepdims=True))
    return BinCorrelations(np.asarray(multipoles), np.stack(roots))
