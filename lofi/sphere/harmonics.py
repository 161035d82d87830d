"""Spherical-harmonic transforms between HEALPix maps (RING order) and coefficients a_ℓm, healpy's layout."""

from dataclasses import dataclass
from functools import cached_property

import ducc0
import healpy as hp
import numpy as np

ACCURACY = 1e-5  # relative, of values at positions off the pixel centres and of iterated analyses
ITERATIONS = 20  # at most, of an analysis


def check_nside(nside: float, what: str = "nside") -> int:
    """Nside as an int; ValueError unless it is a power of two from 1 to 8192."""
    if isinstance(nside, bool) or nside != int(nside) or not 1 <= nside <= 8192 or int(nside) & (int(nside) - 1):
        raise ValueError(f"{what} is {nside}; expected a power of two from 1 to 8192")
    return int(nside)


@dataclass(frozen=True)
class Harmonics:
    """Transforms at one resolution.

    Attributes
    ----------
    nside : of the maps, RING ordered.
    lmax : largest multipole of the coefficients; None takes 2 Nside, up to which an analysis of a HEALPix map can be
        exact.
    threads : of the processor.
    """

    nside: int
    lmax: int | None = None
    threads: int = 1

    def __post_init__(self):
        check_nside(self.nside)
        object.__setattr__(self, "lmax", 2 * self.nside if self.lmax is None else self.lmax)
        if not 2 <= self.lmax <= 3 * self.nside - 1:
            raise ValueError(f"lmax is {self.lmax}; expected 2 to 3 Nside − 1 = {3 * self.nside - 1}")

    @property
    def pixels(self) -> int:
        return 12 * self.nside**2

    @cached_property
    def ell(self) -> np.ndarray:
        """ℓ of each coefficient."""
        return hp.Alm.getlm(self.lmax)[0]

    @cached_property
    def _rings(self):
        return ducc0.healpix.Healpix_Base(self.nside, "RING").sht_info()

    @property
    def _options(self):
        return {**self._rings, "lmax": self.lmax, "nthreads": self.threads}

    def synthesis(self, alm: np.ndarray, spin: int = 0) -> np.ndarray:
        """Map of coefficients: (1, n) → (1, pixels) at spin 0; gradient and curl (2, n) → (2, pixels) at spin 2."""
        return ducc0.sht.synthesis(alm=np.atleast_2d(alm), spin=spin, **self._options)

    def adjoint(self, maps: np.ndarray, spin: int = 0) -> np.ndarray:
        """The adjoint of `synthesis`: (1 or 2, pixels) → (1 or 2, n)."""
        return ducc0.sht.adjoint_synthesis(map=np.atleast_2d(maps), spin=spin, **self._options)

    def analysis(self, maps: np.ndarray, spin: int = 0, accuracy: float = ACCURACY) -> np.ndarray:
        """Coefficients whose map is nearest to `maps` in least squares (LSMR): the inverse of `synthesis`."""
        found = ducc0.sht.pseudo_analysis(
            map=np.atleast_2d(maps), spin=spin, epsilon=accuracy, maxiter=ITERATIONS, **self._options
        )
        return found[0]

    def at(self, alm: np.ndarray, colatitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        """Values (…, n positions) of maps of coefficients (…, n) at positions in radians: exact, no pixel is read."""
        positions = np.stack([np.ravel(colatitude), np.ravel(longitude) % (2 * np.pi)], axis=-1)
        options = {"spin": 0, "lmax": self.lmax, "loc": positions, "epsilon": ACCURACY, "nthreads": self.threads}
        single = np.atleast_2d(alm).astype(np.complex64)  # as accurate as asked for, in half the time
        maps = [ducc0.sht.synthesis_general(alm=coefficients[None], **options)[0] for coefficients in single]
        return np.stack(maps).reshape(*np.shape(alm)[:-1], len(positions))

    def filtered(self, alm: np.ndarray, factor: np.ndarray) -> np.ndarray:
        """Coefficients times `factor` (lmax + 1,), a function of ℓ."""
        return alm * np.asarray(factor, dtype=alm.real.dtype)[self.ell]


def spectrum(alm: np.ndarray, other: np.ndarray | None = None) -> np.ndarray:
    """C_ℓ (lmax + 1,) of coefficients, or their cross spectrum with `other`."""
    return hp.alm2cl(np.asarray(alm, dtype=np.complex128), None if other is None else np.asarray(other, np.complex128))
