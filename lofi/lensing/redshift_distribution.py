"""Redshift distributions n(z) of source galaxies, and the source plane that has their power of convergence."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.cosmology import FlatLambdaCDM
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from lofi.io.user_file import guarded

COSMOLOGY = FlatLambdaCDM(H0=100.0, Om0=0.3089)  # of the priors that ship, κTNG's; distances are in Mpc/h
NEAREST = 0.01  # redshift; nearer galaxies are lensed by nothing
ENDS = 0.05  # of the peak; an n(z) that ends higher goes on beyond its table
NODES = 150  # of the integrals over n(z)
BAND = (300.0, 3000.0)  # multipoles whose power counts


@dataclass(frozen=True)
class Distribution:
    """n(z), any normalisation: `density` (k,) ≥ 0 at rising redshifts `z` (k,), linear between; `name` of its bin."""

    name: str
    z: np.ndarray
    density: np.ndarray

    @property
    def mean(self) -> float:
        """Mean redshift."""
        return float(np.trapezoid(self.z * self.density, self.z) / np.trapezoid(self.density, self.z))

    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Redshifts (NODES,), rising, and the shares (NODES,) of the sources there, of sum 1."""
        found = np.flatnonzero(self.density)
        first, last = self.z[max(found[0] - 1, 0)], self.z[min(found[-1] + 1, len(self.z) - 1)]
        z = np.linspace(max(first, NEAREST), last, NODES)
        share = np.interp(z, self.z, self.density)
        return z, share / share.sum()


@guarded
def read_distributions(path: Path) -> list[Distribution]:
    """The n(z) of a SACC file (its tracers of type NZ), or of a text file: columns z, n of bin 1, n of bin 2, ….

    Raises ValueError, one sentence, where redshifts do not rise, where n(z) is negative, empty or not finite, and where
    it does not fall to zero inside its table.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no n(z) '{path}'")
    with path.open("rb") as file:
        is_sacc = file.read(6) == b"SIMPLE" or path.suffix in (".sacc", ".hdf5", ".h5")
    found = _of_sacc(path) if is_sacc else _of_text(path)
    for distribution in found:
        _check(path, distribution)
    return found


def _of_text(path):
    try:
        lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
        first = next(filter(None, lines), "")
        table = np.loadtxt(path, ndmin=2, delimiter="," if "," in first else None)
    except ValueError as error:
        raise ValueError(f"'{path}' is no table of n(z): {error}; expected columns z, n, n, … of numbers") from error
    if table.shape[1] < 2 or len(table) < 3:
        raise ValueError(
            f"'{path}' has {len(table)} rows of {table.shape[1]} columns; expected z, n, n, … in 3 rows or more"
        )
    return [Distribution(f"{number}", table[:, 0], table[:, number]) for number in range(1, table.shape[1])]


def _of_sacc(path):
    try:
        import sacc
    except ImportError as error:
        raise ValueError(f"'{path}': SACC files need sacc; install it with: pip install sacc") from error
    tracers = [tracer for tracer in sacc.Sacc.load_fits(str(path)).tracers.values() if hasattr(tracer, "nz")]
    sources = [tracer for tracer in tracers if "source" in tracer.name.lower()] or tracers
    if not sources:
        raise ValueError(f"'{path}' has no tracer with an n(z)")
    return [Distribution(tracer.name, np.asarray(tracer.z, float), np.asarray(tracer.nz, float)) for tracer in sources]


def _check(path, distribution):
    z, density, what = distribution.z, distribution.density, f"n(z) of bin {distribution.name} in '{path}'"
    if not (np.isfinite(z).all() and np.isfinite(density).all()):
        raise ValueError(f"{what} is not finite in {np.count_nonzero(~np.isfinite(z + density))} of {len(z)} rows")
    if not (np.diff(z) > 0).all():
        row = int(np.argmin(np.diff(z) > 0))
        raise ValueError(f"{what}: redshifts are not sorted, {z[row + 1]:g} follows {z[row]:g}; expected rising ones")
    if z[0] < 0 or z[-1] > 20:
        raise ValueError(f"{what} goes from z = {z[0]:g} to {z[-1]:g}; expected redshifts from 0 to 20")
    if (density < 0).any():
        raise ValueError(f"{what} is negative at z = {z[int(density.argmin())]:g}; expected numbers ≥ 0")
    if not np.trapezoid(density, z) > 0:
        raise ValueError(f"{what} does not integrate: it is zero everywhere")
    for end in (0, -1):
        if density[end] > ENDS * density.max() and z[end] > NEAREST:
            raise ValueError(
                f"{what} does not cover its galaxies: at z = {z[end]:g}, where it ends, it is "
                f"{density[end] / density.max():.0%} of its peak; expected a table in which it falls to zero"
            )


def combined(distributions: list[Distribution], weights: np.ndarray) -> Distribution:
    """n(z) of all bins together, each normalised times the weight of its galaxies."""
    z = np.unique(np.concatenate([each.z for each in distributions]))
    density = np.zeros(len(z))
    for each, weight in zip(distributions, weights, strict=True):
        inside = np.interp(z, each.z, each.density, left=0.0, right=0.0)
        density += weight * inside / np.trapezoid(each.density, each.z)
    return Distribution("all", z, density)


@dataclass(frozen=True)
class PlanePower:
    """The variance of convergence (k,) in a band of multipoles, or at one, for source planes at redshifts (k,).

    It is a table by halofit. Between them, ln variance is a spline of ln distance; beyond, it goes on with the slope at
    the end.
    """

    redshifts: np.ndarray
    variance: np.ndarray

    def effective_redshift(self, distribution: Distribution) -> float:
        """The redshift of the source plane whose convergence has the variance of that of the distribution."""
        z, weight = distribution.nodes()
        chi = COSMOLOGY.comoving_distance(z).value
        wanted = np.log(weight @ self.pairs(chi) @ weight)
        distance = brentq(lambda log_chi: self._at(log_chi)[0] - wanted, np.log(chi[0]), np.log(chi[-1]))
        return float(CubicSpline(chi, z)(np.exp(distance)))

    def pairs(self, chi: np.ndarray) -> np.ndarray:
        """The covariance (n, n) of source planes at rising distances (n,).

        With `D(χ) = χ² C(χ)`, C the power of a plane at distance χ in a flat universe, that of two planes χ₁ ≤ χ₂ is
        `[D(χ₁) + (χ₂ − χ₁) D′(χ₁)/2] / (χ₁ χ₂)`: it follows from Limber's integral over `(1 − χ/χ₁)(1 − χ/χ₂)`,
        whose integrand is, twice, the second derivative of D divided by χ.
        """
        log_variance, slope = self._at(np.log(chi))
        d = chi**2 * np.exp(log_variance)
        near = np.minimum.outer(np.arange(len(chi)), np.arange(len(chi)))
        between = np.abs(np.subtract.outer(chi, chi))
        return (d[near] + between * (d * (2 + slope) / chi)[near] / 2) / np.multiply.outer(chi, chi)

    def _at(self, log_chi):
        """ln variance, and its slope, at ln distances."""
        nodes = np.log(COSMOLOGY.comoving_distance(self.redshifts).value)
        spline = CubicSpline(nodes, np.log(self.variance))
        inside = np.clip(log_chi, nodes[0], nodes[-1])
        slope = spline(inside, 1)
        return spline(inside) + slope * (log_chi - inside), slope


def plane_power(redshifts: np.ndarray, multipoles: np.ndarray, power: np.ndarray) -> PlanePower:
    """Of a table of C_ℓ (redshifts, multipoles) [sr], `∫ dlnℓ ℓ² C_ℓ / 2π` in `BAND`."""
    ell = np.geomspace(*BAND, 64)
    spectra = np.exp([np.interp(np.log(ell), np.log(multipoles), np.log(row)) for row in power])
    return PlanePower(np.asarray(redshifts), np.trapezoid(ell**2 * spectra / (2 * np.pi), np.log(ell), axis=1))
