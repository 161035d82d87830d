"""Linear and halofit matter power, distances, growth and the convergence spectrum of one source plane."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import h5py
import numpy as np
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.special import hyp2f1

from simulations.hdf5 import reading

HUBBLE_DISTANCE = 2997.92458  # c / H0 [Mpc/h]
PARAMETERS = ("h", "omega_m", "omega_b", "n_s", "sigma_8")
REDSHIFTS, MULTIPOLES = 12, 64  # of a convergence table
TABLES = ("k", "z", "linear", "nonlinear", "distance")


@dataclass(frozen=True)
class Theory:
    """Spectra and distances of a flat ΛCDM universe, tabulated.

    Attributes
    ----------
    cosmology : dict of h, omega_m, omega_b, n_s, sigma_8.
    source_redshift : redshift of the source plane.
    k : (K,) wavenumbers [h/Mpc], equidistant in log.
    z : (Z,) redshifts from 0 to beyond the source plane.
    linear : (K,) linear matter power at z = 0 [(Mpc/h)³].
    nonlinear : (Z, K) halofit matter power [(Mpc/h)³].
    distance : (Z,) comoving distance chi(z) [Mpc/h].
    """

    cosmology: dict
    source_redshift: float
    k: np.ndarray
    z: np.ndarray
    linear: np.ndarray
    nonlinear: np.ndarray
    distance: np.ndarray

    @cached_property
    def _nonlinear_spline(self):
        return RectBivariateSpline(self.z, np.log(self.k), np.log(self.nonlinear))

    def comoving_distance(self, z: float | np.ndarray) -> float | np.ndarray:
        """Comoving distance [Mpc/h] to redshift `z`, inside the tabulated range."""
        return CubicSpline(self.z, self.distance)(self._inside(z, self.z, "redshift"))

    def redshift_at(self, chi: float | np.ndarray) -> float | np.ndarray:
        """Redshift at the comoving distance `chi` [Mpc/h], inside the tabulated range."""
        return CubicSpline(self.distance, self.z)(self._inside(chi, self.distance, "comoving distance"))

    @property
    def source_distance(self) -> float:
        """Comoving distance of the source plane [Mpc/h]."""
        return float(self.comoving_distance(self.source_redshift))

    def expansion(self, a: float | np.ndarray) -> float | np.ndarray:
        """`E(a) = H(a)/H0` of flat ΛCDM without radiation."""
        omega_m = self.cosmology["omega_m"]
        return np.sqrt(omega_m / np.asarray(a, dtype=float) ** 3 + 1.0 - omega_m)

    def growth(self, a: float | np.ndarray) -> float | np.ndarray:
        """Linear growth D(a), 1 today: `a ₂F₁(1/3, 1; 11/6; −a³ Ω_Λ/Ω_m)` of flat ΛCDM, normalised."""
        ratio = 1.0 / self.cosmology["omega_m"] - 1.0
        a = np.asarray(a, dtype=float)
        return a * hyp2f1(1 / 3, 1, 11 / 6, -ratio * a**3) / hyp2f1(1 / 3, 1, 11 / 6, -ratio)

    def growth_rate(self, a: float | np.ndarray) -> float | np.ndarray:
        """`f = d ln D / d ln a`, from the integral form `D ∝ E ∫ da / (aE)³`."""
        omega_m = self.cosmology["omega_m"]
        a = np.asarray(a, dtype=float)
        e2 = self.expansion(a) ** 2
        absolute = a * hyp2f1(1 / 3, 1, 11 / 6, -(1.0 / omega_m - 1.0) * a**3)  # -> a in matter domination
        return omega_m / (a**3 * e2) * (2.5 * a / absolute - 1.5)

    def linear_power(self, k: float | np.ndarray) -> float | np.ndarray:
        """Linear matter power at z = 0 [(Mpc/h)³] at `k` [h/Mpc]; power laws outside the table; 0 at k = 0."""
        return self._extrapolated(np.asarray(k, dtype=float), CubicSpline(np.log(self.k), np.log(self.linear)))

    def nonlinear_power(self, k: float | np.ndarray, z: float | np.ndarray) -> float | np.ndarray:
        """Halofit matter power [(Mpc/h)³] at `k` [h/Mpc] and `z`, broadcast; power laws outside the table in k."""
        k, z = np.broadcast_arrays(np.asarray(k, dtype=float), self._inside(z, self.z, "redshift"))
        return self._extrapolated(k, lambda log_k: self._nonlinear_spline.ev(z, log_k))

    def _extrapolated(self, k, log_power):
        """`exp(log_power(log k))`, `log_power` taking arrays of the shape of `k`."""
        low, high = np.log(self.k[[0, -1]])
        log_k = np.log(np.maximum(k, 1e-12))
        # ASSUME: P ∝ k^n_s below the table, the slope of its last tenth of an e-fold above it.
        steep = (log_power(np.full_like(log_k, high)) - log_power(np.full_like(log_k, high - 0.1))) / 0.1
        inside = np.clip(log_k, low, high)
        slope = np.where(log_k > high, steep, self.cosmology["n_s"])
        return np.where(k > 0, np.exp(log_power(inside) + slope * (log_k - inside)), 0.0)

    @staticmethod
    def _inside(value, table, what):
        value = np.asarray(value, dtype=float)
        if value.size and (value.min() < table[0] or value.max() > table[-1] * (1 + 1e-9)):
            raise ValueError(f"expected a {what} between {table[0]:g} and {table[-1]:g}, the range of the theory table")
        return value

    def convergence_power(
        self, ell: np.ndarray, redshift: float | None = None, between: tuple[float, float] | None = None
    ) -> np.ndarray:
        """Convergence spectrum C_ℓ [sr] of a source plane (default: this theory's): Limber, halofit, `k = (ℓ + ½)/χ`.

        `C_ℓ = (9/4) Ω_m² (H0/c)⁴ ∫ dχ (1 − χ/χ_s)² a⁻² P(k, z)` (Bartelmann & Schneider 2001, eq. 6.9).

        between : comoving distances [Mpc/h] of the matter that lenses; None: all in front of the source.
        """
        ell = np.asarray(ell, dtype=float)
        source = self.source_distance if redshift is None else float(self.comoving_distance(redshift))
        near, far = between or (0.0, source)
        nodes, weights = np.polynomial.legendre.leggauss(96)
        chi, weights = near + 0.5 * (far - near) * (nodes + 1), 0.5 * (far - near) * weights
        z = self.redshift_at(chi)
        kernel = 2.25 * self.cosmology["omega_m"] ** 2 / HUBBLE_DISTANCE**4 * ((1 - chi / source) * (1 + z)) ** 2
        return self.nonlinear_power((ell[..., None] + 0.5) / chi, z) @ (kernel * weights)

    def pixelised_power(
        self, shape: tuple[int, int], pixel_arcmin: float, aliases: int = 3, redshift: float | None = None
    ) -> np.ndarray:
        """Spectrum [sr] of a map of area-averaged square pixels: pixel window and the alias sum of the sampling.

        Parameters
        ----------
        shape : (H, W) of the map.
        pixel_arcmin : pixel side [arcmin].
        aliases : images of the spectrum on each side and axis.
        redshift : of the source plane; None takes this theory's.

        Returns
        -------
        array (H, W), in `numpy.fft.fft2` order; 0 for the mean.
        """
        size = np.deg2rad(pixel_arcmin / 60)
        ell_table = np.geomspace(1.0, 3 * np.pi * (aliases + 1) / size, 400)
        log_power = CubicSpline(np.log(ell_table), np.log(self.convergence_power(ell_table, redshift)))
        shifts = np.arange(-aliases, aliases + 1)
        rows, columns = (np.fft.fftfreq(n)[None, :] + shifts[:, None] for n in shape)  # [cycles/pixel]
        total = np.zeros(shape)
        for row in rows:
            for column in columns:
                window = np.sinc(row)[:, None] ** 2 * np.sinc(column)[None, :] ** 2
                ell = 2 * np.pi / size * np.hypot(row[:, None], column[None, :])
                total += window * np.exp(log_power(np.log(np.maximum(ell, 1.0))))
        total[0, 0] = 0.0
        return total

    def convergence_table(self, nearest: float, farthest: float) -> dict[str, list]:
        """C_ℓ [sr] of sources between two redshifts, as a record can hold it (`lofi.solvers.sky_spectrum`)."""
        redshifts, multipoles = np.geomspace(nearest, farthest, REDSHIFTS), np.geomspace(2.0, 4e5, MULTIPOLES)
        power = [self.convergence_power(multipoles, redshift) for redshift in redshifts]
        table = {"redshifts": redshifts, "multipoles": multipoles, "power": np.stack(power)}
        rounded = np.vectorize(lambda value: float(f"{value:.5g}"))
        return {name: rounded(values).tolist() for name, values in table.items()}

    def save(self, path: str | Path) -> None:
        """Write to an HDF5 file."""
        with h5py.File(path, "w") as file:
            for name in TABLES:
                file[name] = getattr(self, name)
            file.attrs["cosmology"] = json.dumps(self.cosmology)
            file.attrs["source_redshift"] = self.source_redshift

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file written by `save`."""
        with reading(path) as file:
            tables = {name: file[name][()] for name in TABLES}
            return cls(json.loads(file.attrs["cosmology"]), float(file.attrs["source_redshift"]), **tables)


def compute_theory(cosmology: Mapping, source_redshift: float) -> Theory:
    """Tabulate a cosmology with CAMB (halofit: Takahashi et al. 2012).

    Parameters
    ----------
    cosmology : mapping with exactly h, omega_m, omega_b, n_s, sigma_8; flat.
    source_redshift : redshift of the source plane, > 0.
    """
    import camb  # needed by this function only: a stored theory is read without it

    if set(cosmology) != set(PARAMETERS):
        raise ValueError(f"expected the cosmology to have exactly the keys {', '.join(PARAMETERS)}")
    if not source_redshift > 0:
        raise ValueError(f"expected a source redshift above 0, not {source_redshift}")
    cosmology = {name: float(cosmology[name]) for name in PARAMETERS}
    h, k_max = cosmology["h"], 60.0
    z = np.linspace(0.0, 1.02 * source_redshift, 48)

    def results(amplitude, redshifts, k_max):
        # ASSUME: massless neutrinos; CAMB's radiation enters distances at the 1e-4 level.
        parameters = camb.set_params(
            WantCls=False,
            H0=100 * h,
            ombh2=cosmology["omega_b"] * h**2,
            omch2=(cosmology["omega_m"] - cosmology["omega_b"]) * h**2,
            mnu=0.0,
            num_massive_neutrinos=0,
            ns=cosmology["n_s"],
            As=amplitude,
            halofit_version="takahashi",
        )
        parameters.set_matter_power(redshifts=redshifts, kmax=k_max * h, silent=True)
        return camb.get_results(parameters)

    amplitude = 2e-9
    amplitude *= (cosmology["sigma_8"] / results(amplitude, [0.0], 10.0).get_sigma8_0()) ** 2
    final = results(amplitude, z, 1.2 * k_max)
    k = np.geomspace(1e-4, k_max, 800)
    linear, nonlinear = (final.get_matter_power_interpolator(nonlinear=flag).P(z, k) for flag in (False, True))
    return Theory(cosmology, float(source_redshift), k, z, linear[0], nonlinear, final.comoving_radial_distance(z) * h)
