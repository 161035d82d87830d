"""Particle-mesh gravity: 2LPT initial conditions and FastPM steps (Feng et al. 2016, arXiv:1603.00476).

Lengths are mesh cells, 0 ≤ position < mesh; momenta are `a³ E dx/da` in cells. Particles stay in lattice order, so
that neighbours in memory are neighbours in space and painting and reading run at the speed of the cache.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import scipy.fft

from lofi.seeds import stream
from simulations.theory import Theory

CHUNK = 1 << 15  # particles handled at once: temporaries stay in the cache


def wavenumbers(size: int, cells: float | None = None) -> list[np.ndarray]:
    """Three broadcastable arrays [rad/cell] of `rfftn` on a `size`³ grid that spans `cells` cells; Nyquist included."""
    full = 2 * np.pi * np.fft.fftfreq(size) * size / (cells or size)
    half = np.abs(full[: size // 2 + 1])
    shapes = (full[:, None, None], full[None, :, None], half[None, None, :])
    return [axis.astype(np.float32) for axis in shapes]


def _squared(k):
    total = k[0] ** 2 + k[1] ** 2 + k[2] ** 2
    total[0, 0, 0] = np.inf
    return total


def _odd(k):
    """The wavenumbers of a first derivative: the Nyquist mode of a real field has none."""
    k = k.copy()
    k.ravel()[k.size // 2 if k.shape[2] == 1 else -1] = 0.0
    return k


def _gradient(spectrum, slopes, size):
    """Yield the three fields `F⁻¹ i d_j spectrum` (size³, float32), `d_j` the `slopes`: k_j or a difference's."""
    for slope in slopes:
        yield scipy.fft.irfftn(spectrum * (1j * slope), s=(size,) * 3, workers=1, overwrite_x=True)


def gaussian_density(power: Callable, particles: int, box_size: float, name: Sequence[str | int]) -> np.ndarray:
    """Fourier modes of the linear density contrast today.

    Parameters
    ----------
    power : function of k [h/Mpc], linear matter power [(Mpc/h)³] at z = 0.
    particles : modes per axis. box_size : side [Mpc/h]. name : name of the random stream, a tuple.

    Returns complex64 (particles, particles, particles // 2 + 1), numpy normalisation.
    """
    white = stream(*name).standard_normal((particles,) * 3, dtype=np.float32)
    modes = scipy.fft.rfftn(white, workers=1, overwrite_x=True)
    k = np.sqrt(sum(axis**2 for axis in wavenumbers(particles, box_size)))
    table = np.linspace(0.0, float(k.max()), 4096)
    amplitude = np.sqrt(power(table) * (particles / box_size) ** 3)  # <|delta_k|²> = P N² / V, <|white_k|²> = N
    modes *= np.interp(k, table, amplitude).astype(np.float32)
    modes[0, 0, 0] = 0.0
    return modes


def initial_conditions(modes: np.ndarray, mesh: int, a: float, theory: Theory) -> tuple[np.ndarray, np.ndarray]:
    """Second-order Lagrangian displacements of a lattice (Bouchet et al. 1995).

    `x = q + D ψ1 + (3/7) D² Ω_m(a)^(−1/143) ψ2`, `ψ1 = F⁻¹ (i k/k²) δ`,
    `ψ2 = F⁻¹ (i k/k²) Σ_{i<j} (φ_ii φ_jj − φ_ij²)`, `φ = F⁻¹ (−1/k²) δ`.

    Returns positions and momenta, float32 (3, particles³), cells.
    """
    size = modes.shape[0]
    k = wavenumbers(size, mesh)
    inverse = 1.0 / _squared(k)

    def hessian(i, j):
        product = k[i] ** 2 if i == j else _odd(k[i]) * _odd(k[j])
        return scipy.fft.irfftn(modes * (product * inverse), s=(size,) * 3, workers=1, overwrite_x=True)

    xx, yy, zz = (hessian(i, i) for i in range(3))
    source = xx * yy + xx * zz + yy * zz
    del xx, yy, zz
    for i, j in ((0, 1), (0, 2), (1, 2)):
        source -= hessian(i, j) ** 2
    second = scipy.fft.rfftn(source, workers=1, overwrite_x=True)

    growth, expansion, rate = theory.growth(a), theory.expansion(a), theory.growth_rate(a)
    matter = theory.cosmology["omega_m"] / (a**3 * expansion**2)
    first_order = np.float32(growth)
    second_order = np.float32(3 / 7 * growth**2 * matter ** (-1 / 143))
    to_momentum = a**2 * expansion
    first_momentum = np.float32(to_momentum * rate * first_order)
    # ASSUME: d ln D2 / d ln a = 2 Ω_m^(6/11), good to a per cent or better.
    second_momentum = np.float32(to_momentum * 2 * matter ** (6 / 11) * second_order)

    positions = np.empty((3, size**3), np.float32)
    momenta = np.empty_like(positions)
    # Half a cell off the mesh points: there a cloud in cell is linear in small displacements, on them it has a kink.
    lattice = np.arange(size, dtype=np.float32) * np.float32(mesh / size) + np.float32(0.5)
    slopes = [_odd(axis) for axis in k]
    fields = zip(_gradient(modes * inverse, slopes, size), _gradient(second * inverse, slopes, size), strict=True)
    for axis, (psi1, psi2) in enumerate(fields):
        sites = lattice.reshape([-1 if i == axis else 1 for i in range(3)])
        positions[axis] = (sites + first_order * psi1 + second_order * psi2).ravel()
        momenta[axis] = (first_momentum * psi1 + second_momentum * psi2).ravel()
    return np.mod(positions, np.float32(mesh)), momenta


def _corners(positions, tables):
    """Yield (flat index, weight) of the eight mesh points around each particle: cloud in cell."""
    low = positions.astype(np.int32)  # positions are not negative
    high_weight = positions - low.astype(np.float32)  # float32 − int32 would be float64, and slow
    index = [(table[cell], table[cell + 1]) for table, cell in zip(tables, low, strict=True)]
    weight = [(1 - fraction, fraction) for fraction in high_weight]
    for i in range(2):
        for j in range(2):
            plane, plane_weight = index[0][i] + index[1][j], weight[0][i] * weight[1][j]
            for m in range(2):
                yield plane + index[2][m], plane_weight * weight[2][m]


def _tables(mesh):
    # offsets of cell 0 … mesh+1 in the flat mesh, periodic: a position rounded up to `mesh` is position 0
    cells = (np.arange(mesh + 2) % mesh).astype(np.int32)
    return cells * np.int32(mesh**2), cells * np.int32(mesh), cells


def chunks(count: int) -> Iterator[slice]:
    """Slices that cover `count` particles, some at a time."""
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


def paint(positions: np.ndarray, mesh: int) -> np.ndarray:
    """Density contrast (mesh³, float32) of `positions` (3, n) [cells] by cloud in cell; its mean is 0."""
    density = np.zeros(mesh**3, np.float32)
    tables = _tables(mesh)
    for part in chunks(positions.shape[1]):
        for index, weight in _corners(positions[:, part], tables):
            np.add.at(density, index, weight)
    density *= np.float32(mesh**3 / positions.shape[1])
    density -= 1
    return density.reshape((mesh,) * 3)


def _difference(ahead, behind, far_ahead, far_behind, out, scratch):
    """Four-point derivative; the exact derivative rings around single particles."""
    np.subtract(ahead, behind, out=out)
    out *= np.float32(8 / 12)
    np.subtract(far_ahead, far_behind, out=scratch)
    scratch *= np.float32(1 / 12)
    out -= scratch


class Gravity:
    """The force `F⁻¹ (i k/k²) δ` of a particle distribution, per axis and in cells: `ψ1` while growth is linear."""

    def __init__(self, mesh: int) -> None:
        self.mesh = mesh
        self.inverse = 1.0 / _squared(wavenumbers(mesh))
        self.forces = np.empty((3, mesh, mesh, mesh), np.float32)  # kept: fresh pages cost more than the arithmetic

    def _differentiate(self, potential):
        """Gradient of `potential`, slab by slab while it is in the cache."""
        mesh = self.mesh
        rows, columns = np.empty((mesh + 4, mesh), np.float32), np.empty((mesh, mesh + 4), np.float32)
        scratch = np.empty((mesh, mesh), np.float32)
        for i, slab in enumerate(potential):
            neighbours = (potential[(i + shift) % mesh] for shift in (1, -1, 2, -2))
            _difference(*neighbours, self.forces[0, i], scratch)
            rows[2:-2], rows[:2], rows[-2:] = slab, slab[-2:], slab[:2]
            _difference(rows[3:-1], rows[1:-3], rows[4:], rows[:-4], self.forces[1, i], scratch)
            columns[:, 2:-2], columns[:, :2], columns[:, -2:] = slab, slab[:, -2:], slab[:, :2]
            _difference(columns[:, 3:-1], columns[:, 1:-3], columns[:, 4:], columns[:, :-4], self.forces[2, i], scratch)

    def kick(self, momenta: np.ndarray, positions: np.ndarray, factor: float) -> None:
        """Add `factor` times the force at `positions` to `momenta`, in place."""
        spectrum = scipy.fft.rfftn(paint(positions, self.mesh), workers=1, overwrite_x=True)
        spectrum *= self.inverse
        self._differentiate(scipy.fft.irfftn(spectrum, s=(self.mesh,) * 3, workers=1, overwrite_x=True))
        fields = [force.ravel() for force in self.forces]
        tables = _tables(self.mesh)
        for part in chunks(positions.shape[1]):
            total = np.zeros((3, positions[0, part].size), np.float32)
            value = np.empty(total.shape[1], np.float32)
            for index, weight in _corners(positions[:, part], tables):
                for axis, field in enumerate(fields):
                    np.take(field, index, out=value, mode="clip")  # indices are in range: clip spares the check
                    value *= weight
                    total[axis] += value
            total *= np.float32(factor)
            momenta[:, part] += total


def schedule(a_start: float, outputs: Sequence[float], steps: int) -> np.ndarray:
    """Scale factors of about `steps` equal steps from `a_start`, with a stop at each of the increasing `outputs`."""
    if not a_start < outputs[0] or np.any(np.diff(outputs) <= 0):
        raise ValueError("expected output scale factors that increase from above the starting scale factor")
    edges = np.concatenate([[a_start], outputs])
    step = (edges[-1] - a_start) / steps
    times = [np.linspace(low, high, max(1, round((high - low) / step)) + 1)[1:] for low, high in pairwise(edges)]
    return np.concatenate([[a_start], *times])


def evolve(
    positions: np.ndarray,
    momenta: np.ndarray,
    mesh: int,
    a_start: float,
    outputs: Sequence[float],
    steps: int,
    theory: Theory,
) -> Iterator[tuple[float, np.ndarray]]:
    """Kick–drift–kick from `a_start` (FastPM factors: linear growth is exact for any step); arrays change in place.

    Yields (index, positions) at each scale factor of `outputs`.
    """

    def momentum(a):  # G = a² E f D, the momentum of unit ψ1 in linear theory
        return a**2 * theory.expansion(a) * theory.growth_rate(a) * theory.growth(a)

    gravity = Gravity(mesh)
    times = schedule(a_start, outputs, steps)
    known, done = a_start, 0  # the epoch of the momenta; snapshots given
    for a, a_next in pairwise(times):
        middle = np.sqrt(a * a_next)
        gravity.kick(momenta, positions, (momentum(middle) - momentum(known)) / theory.growth(a))
        positions += momenta * np.float32((theory.growth(a_next) - theory.growth(a)) / momentum(middle))
        np.mod(positions, np.float32(mesh), out=positions)
        known = middle
        if np.isclose(a_next, outputs[done], rtol=1e-9):
            yield done, positions
            done += 1
