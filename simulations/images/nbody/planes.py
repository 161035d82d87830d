"""Lens planes of one N-body box: snapshots on the light cone, projected; one HDF5 file per box."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import numpy as np
import scipy.fft

from simulations.hdf5 import reading
from simulations.images.nbody.particle_mesh import chunks, evolve, gaussian_density, initial_conditions
from simulations.theory import Theory

SLABS = 2  # per axis and snapshot


@dataclass(frozen=True)
class BoxSettings:
    """Sizes of an N-body box; `box_size` [Mpc/h] is SLABS lens planes thick."""

    box_size: float = 205.0
    particles: int = 128  # per axis
    mesh: int = 256  # per axis
    steps: int = 20
    a_start: float = 0.1
    plane_pixels: int = 1024  # per axis

    def __post_init__(self):
        if any(size < 2 or size % 2 for size in (self.particles, self.mesh, self.plane_pixels)):
            raise ValueError("expected positive even numbers of particles, mesh and plane_pixels")
        if not 0 < self.a_start < 1 or self.box_size <= 0 or self.steps < 1:
            raise ValueError("expected 0 < a_start < 1, a positive box_size and at least 1 step")


@dataclass(frozen=True)
class Box:
    """Lens planes of one box.

    Attributes
    ----------
    planes : (snapshots, 3 axes, 2 slabs, n, n) float16 surface overdensity, mean 0; None when only spectra were read.
        Snapshot 0 is the nearest. Axes of a plane: the two box axes other than the line of sight, in order.
    k : (n // 2,) wavenumbers [h/Mpc] of the spectra.
    power : (snapshots, n // 2) mean two-dimensional power of the planes [(Mpc/h)²].
    redshifts : (snapshots,) redshifts.
    lens_distances : (L,) comoving distances [Mpc/h] of the lens planes; plane i belongs to snapshot i // 2.
    lens_scale_factors : (L,) scale factors of the lens planes.
    source_distance : comoving distance of the source plane [Mpc/h].
    settings, cosmology, source_redshift, name : what made it; `name` is that of the random stream.
    """

    planes: np.ndarray | None
    k: np.ndarray
    power: np.ndarray
    redshifts: np.ndarray
    lens_distances: np.ndarray
    lens_scale_factors: np.ndarray
    source_distance: float
    settings: BoxSettings
    cosmology: dict
    source_redshift: float
    name: tuple


def light_cone(theory: Theory, thickness: float) -> tuple[np.ndarray, np.ndarray]:
    """Distances of the lens planes [Mpc/h] and redshifts of the snapshots, nearest first.

    # ASSUME: the distance to the source is divided into the whole number of lens planes next to χ_s / `thickness`
    # (20 at z_s = 0.8575); their spacing then differs from the slab's thickness by up to 1 / (2 × number).
    """
    source = theory.source_distance
    number = max(1, round(source / thickness))
    spacing = source / number
    shells = np.minimum((np.arange(-(-number // SLABS)) + 0.5) * SLABS * spacing, source)
    return (np.arange(number) + 0.5) * spacing, theory.redshift_at(shells)


def project(positions: np.ndarray, mesh: int, axis: int, pixels: int) -> np.ndarray:
    """Surface overdensity of the two slabs along `axis`, by cloud in cell.

    Parameters
    ----------
    positions : float32 (3, n) [mesh cells].

    Returns
    -------
    float32 (2, pixels, pixels). Each is divided by the mean of the box, then its own mean is removed.
    """
    density = np.zeros(SLABS * pixels**2, np.float32)
    first, second = (other for other in range(3) if other != axis)
    periodic = (np.arange(pixels + 2) % pixels).astype(np.int32)
    scale = np.float32(pixels / mesh)
    for part in chunks(positions.shape[1]):
        slab = (positions[axis, part] >= mesh / SLABS).astype(np.int32) * np.int32(pixels**2)
        x, y = positions[first, part] * scale, positions[second, part] * scale
        i, j = x.astype(np.int32), y.astype(np.int32)
        x -= i.astype(np.float32)
        y -= j.astype(np.float32)
        for row, row_weight in ((i, 1 - x), (i + 1, x)):
            start = slab + periodic[row] * np.int32(pixels)
            for column, column_weight in ((j, 1 - y), (j + 1, y)):
                np.add.at(density, start + periodic[column], row_weight * column_weight)
    density *= np.float32(SLABS * pixels**2 / positions.shape[1])
    planes = density.reshape(SLABS, pixels, pixels)
    # ASSUME: a slab's own mean (a few per cent) is dropped, as the mean of a map is.
    return planes - planes.mean(axis=(1, 2), keepdims=True, dtype=np.float64).astype(np.float32)


def plane_power(planes: np.ndarray, box_size: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean power [(Mpc/h)²] of periodic planes (…, n, n) in rings of one fundamental mode.

    Returns
    -------
    k [h/Mpc], power : (n // 2,), ring `m` about `k = m · 2π / box_size`, from m = 1.
    """
    planes = np.asarray(planes, dtype=np.float32)
    pixels = planes.shape[-1]
    modes = np.hypot(np.fft.fftfreq(pixels, 1 / pixels)[:, None], np.arange(pixels // 2 + 1)[None, :])
    ring = np.rint(modes).astype(int).ravel()
    half = np.full(pixels // 2 + 1, 2.0)  # the modes of rfft stand for two, but for the first and last column
    half[[0, -1]] = 1.0
    weight = np.broadcast_to(half, modes.shape).ravel()
    total = 0.0
    for plane in planes.reshape(-1, pixels, pixels):
        spectrum = scipy.fft.rfft2(plane, workers=1)
        total = total + spectrum.real.astype(np.float64) ** 2 + spectrum.imag.astype(np.float64) ** 2
    count = planes.size // pixels**2
    rings = slice(1, pixels // 2 + 1)
    power = np.bincount(ring, weight * total.ravel())[rings] / np.bincount(ring, weight)[rings]
    k = np.bincount(ring, weight * modes.ravel())[rings] / np.bincount(ring, weight)[rings]
    return k * 2 * np.pi / box_size, power / count * (box_size / pixels**2) ** 2


def snapshots(theory: Theory, settings: BoxSettings, name: Sequence[str | int]) -> Iterator[tuple[int, np.ndarray]]:
    """Run one box: the number of each snapshot of `light_cone`, farthest first, and its particles.

    Positions are float32 (3, particles³) [mesh cells]; they change in place when the next is asked for.
    """
    _, redshifts = light_cone(theory, settings.box_size / SLABS)
    modes = gaussian_density(theory.linear_power, settings.particles, settings.box_size, name)
    positions, momenta = initial_conditions(modes, settings.mesh, settings.a_start, theory)
    outputs = 1 / (1 + redshifts[::-1])
    for step, current in evolve(positions, momenta, settings.mesh, settings.a_start, outputs, settings.steps, theory):
        yield len(redshifts) - 1 - step, current


def simulate_box(theory: Theory, settings: BoxSettings, name: Sequence[str | int]) -> Box:
    """Run one box and project its snapshots.

    Parameters
    ----------
    theory : `Theory`. settings : `BoxSettings`. name : name of the random stream, a tuple of words and numbers.
    """
    distances, redshifts = light_cone(theory, settings.box_size / SLABS)
    pixels = settings.plane_pixels
    planes = np.empty((len(redshifts), 3, SLABS, pixels, pixels), np.float16)
    power = np.empty((len(redshifts), pixels // 2))
    for number, current in snapshots(theory, settings, name):
        snapshot = np.stack([project(current, settings.mesh, axis, pixels) for axis in range(3)])
        planes[number] = snapshot
        k, power[number] = plane_power(snapshot, settings.box_size)
    return Box(
        planes=planes,
        k=k,
        power=power,
        redshifts=redshifts,
        lens_distances=distances,
        lens_scale_factors=1 / (1 + theory.redshift_at(distances)),
        source_distance=theory.source_distance,
        settings=settings,
        cosmology=theory.cosmology,
        source_redshift=theory.source_redshift,
        name=tuple(name),
    )


ARRAYS = ("k", "power", "redshifts", "lens_distances", "lens_scale_factors")
TEXTS = ("settings", "cosmology", "name")


def write_box(path: str | Path, box: Box) -> None:
    """Write a box to an HDF5 file."""
    with h5py.File(path, "w") as file:
        for field in ("planes", *ARRAYS):
            file[field] = getattr(box, field)
        for field in TEXTS:
            value = getattr(box, field)
            file.attrs[field] = json.dumps(asdict(value) if field == "settings" else value)
        file.attrs["source_redshift"] = box.source_redshift
        file.attrs["source_distance"] = box.source_distance


def read_box(path: str | Path, planes: bool = True) -> Box:
    """Read a file of `write_box`; with `planes=False` everything but the planes."""
    with reading(path) as file:
        arrays = {field: file[field][()] for field in ARRAYS}
        settings, cosmology, name = (json.loads(file.attrs[field]) for field in TEXTS)
        return Box(
            planes=file["planes"][()] if planes else None,
            source_distance=float(file.attrs["source_distance"]),
            settings=BoxSettings(**settings),
            cosmology=cosmology,
            source_redshift=float(file.attrs["source_redshift"]),
            name=tuple(name),
            **arrays,
        )
