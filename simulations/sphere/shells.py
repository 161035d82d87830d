"""Convergence of the whole sky from N-body boxes: the lens planes of `simulations.images.nbody`, as shells.

The light cone is cut into shells as thick as the planes. A shell is filled with copies of the snapshot that the plane
would show, its particles are counted in HEALPix pixels, and the Born sum of the shells is the sky. Structure larger
than a box is missing: multipoles below about `2π χ / box_size`, 30 at half of the way to redshift 0.86.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import ducc0
import numpy as np

from lofi.sphere.harmonics import Harmonics, spectrum
from simulations.images.nbody.born import born_weights
from simulations.images.nbody.planes import SLABS, light_cone
from simulations.images.nbody.transfer import switch_on
from simulations.sphere.lognormal import sky_power
from simulations.sphere.particles import UNITS, Particles
from simulations.theory import Theory

CUBE = 36.0  # Mpc/h, about: particles are taken or left in cubes of this side
AT_ONCE = 1 << 18  # particles
SWITCH, SMOOTHING = (0.1, 0.2), 0.1  # of the gain: where it sets in [h/Mpc], standard deviation in ln ℓ
NODES = 100  # multipoles that the gain is found at


@dataclass(frozen=True)
class Shell:
    """Matter between two comoving distances [Mpc/h].

    Attributes
    ----------
    weight : convergence per unit overdensity. snapshot : of the boxes, that fills the shell.
    """

    near: float
    far: float
    weight: float
    snapshot: int


def light_cone_shells(theory: Theory, box_size: float) -> list[Shell]:
    """The shells in front of the sources of `theory`, nearest first: thickness, weight and snapshot of the planes'."""
    distances, _ = light_cone(theory, box_size / SLABS)
    scale_factors = 1 / (1 + theory.redshift_at(distances))
    weights = born_weights(distances, scale_factors, theory.source_distance, theory.cosmology["omega_m"])
    half = distances[0]
    return [
        Shell(distance - half, distance + half, weight, number // SLABS)
        for number, (distance, weight) in enumerate(zip(distances, weights, strict=True))
    ]


def overdensity(
    positions: np.ndarray,
    box_size: float,
    near: float,
    far: float,
    nside: int,
    rng: np.random.Generator,
    mirrored: bool = False,
) -> np.ndarray:
    """Overdensity of the matter between two distances [Mpc/h], float32 (12 nside²,) RING: particles per pixel.

    Space is filled with copies of the box. The observer's place in it is drawn, and how it is turned and reflected.

    Parameters
    ----------
    positions : uint16 (3, n) of `Particles`.
    mirrored : count in one octant alone, which the others mirror: an eighth of the time.

    # ASSUME: one box, seen from many sides, is the whole shell; another shell sees it from another place.
    """
    observer = rng.uniform(0, box_size, 3)
    axes, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    axes *= rng.choice([-1.0, 1.0], 3)
    pixels = ducc0.healpix.Healpix_Base(nside, "RING")
    counts = np.zeros(12 * nside**2, np.float32)
    for cube, middles, cut in _copies(positions, box_size, observer, axes, near, far, mirrored):
        for part in np.array_split(np.arange(len(middles)), -(-len(middles) * len(cube) // AT_ONCE)):
            vectors = (cube[None] + middles[part, None]).reshape(-1, 3)
            if cut[part].any():
                squared = np.einsum("ij,ij->i", vectors, vectors)
                inside = (squared >= near**2) & (squared < far**2)
                vectors = vectors[inside & (vectors >= 0).all(axis=1)] if mirrored else vectors[inside]
            np.add.at(counts, pixels.vec2pix(vectors, nthreads=1), np.float32(1))
    if mirrored:
        source, halved = _octant(nside)
        for plane in halved:
            counts[plane] *= 2
        counts = counts[source]
    mean = positions.shape[1] / box_size**3 * (far**3 - near**3) / 3 * 4 * np.pi / len(counts)
    counts /= np.float32(mean)
    counts -= np.float32(1)
    return counts


def _copies(
    positions, box_size, observer, axes, near, far, octant
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Cubes of particles (n, 3) about their middles, the middles (m, 3) of their copies that reach into a shell, as the
    observer sees them, and bool (m,) of those that reach out of it; those within come first."""
    number = max(1, round(box_size / CUBE))
    side = box_size / number
    cells = positions.astype(np.int64) * number // UNITS
    index = (cells[0] * number + cells[1]) * number + cells[2]
    order = np.argsort(index, kind="stable")
    ends = np.searchsorted(index[order], np.arange(number**3 + 1))
    reach = int(np.ceil(far / box_size)) + 1
    steps = np.arange(-reach, reach + 1)
    boxes = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3) * box_size
    radius = np.sqrt(3) / 2 * side
    for cube in range(number**3):
        members = positions[:, order[ends[cube] : ends[cube + 1]]].T * (box_size / UNITS)
        middle = (np.array(np.unravel_index(cube, (number,) * 3)) + 0.5) * side
        middles = (boxes + (middle - observer)) @ axes
        distance = np.linalg.norm(middles, axis=1)
        inner = np.minimum(distance - near, far - distance)  # how far within the shell a middle is
        if octant:
            inner = np.minimum(inner, middles.min(axis=1))
        inside, touching = inner >= radius, np.abs(inner) < radius
        if len(members) and (inside.any() or touching.any()):
            cut = np.arange(np.count_nonzero(inside) + np.count_nonzero(touching)) >= np.count_nonzero(inside)
            yield (members - middle) @ axes, np.concatenate([middles[inside], middles[touching]]), cut


@lru_cache(maxsize=1)
def _octant(nside):
    """The pixel (12 nside²,) of the first octant that each one mirrors, and those that a mirror plane halves, once for
    each plane."""
    pixels = ducc0.healpix.Healpix_Base(nside, "RING")
    source = np.empty(12 * nside**2, np.int32)
    for part in np.array_split(np.arange(len(source)), -(-len(source) // AT_ONCE)):
        source[part] = pixels.vec2pix(np.abs(pixels.pix2vec(part)))
    first = np.flatnonzero(source == np.arange(len(source)))
    halved = np.abs(pixels.pix2vec(first)) < 1e-9
    return source, [first[halved[:, axis]] for axis in range(3)]


def fitted_gain(power: np.ndarray, target: np.ndarray, distance: float) -> np.ndarray:
    """Gain `T(ℓ)` (lmax + 1,) that brings a spectrum `power` to `target` at small scales; 1 at large ones.

    `distance` [Mpc/h] says which these are (`SWITCH`). The ratio is smoothed in ln ℓ.

    # ASSUME: as of the planes, `power` holds shot noise and the window of the pixels, and T brings the sum to halofit.
    """
    ell = np.arange(2.0, len(power))
    nodes = np.geomspace(2.0, ell[-1], NODES)
    near = (2 * ell + 1) * np.exp(-0.5 * (np.log(ell / nodes[:, None]) / SMOOTHING) ** 2)
    ratio = near @ (power[2:] / target[2:]) / near.sum(axis=1)
    gain = np.ones(len(power))
    gain[2:] += switch_on(ell / distance, *SWITCH) * (np.interp(ell, nodes, ratio) ** -0.5 - 1)
    return gain


class ShellSphere:
    """Skies of the shells of a light cone, of the spectrum of `theory` where boxes have structure.

    Parameters
    ----------
    theory : `simulations.theory.Theory`, that the boxes were made from. harmonics : of the skies.
    boxes : particles of boxes of one size; every shell shows one of them.
    mirrored : an octant of the sky is made, and mirrored into the others.
    """

    def __init__(
        self, theory: Theory, harmonics: Harmonics, boxes: Sequence[Particles], mirrored: bool = False
    ) -> None:
        self.theory, self.harmonics, self.boxes, self.mirrored = theory, harmonics, boxes, mirrored
        self.power = sky_power(theory, harmonics.lmax)  # of κ [sr]
        if len({box.box_size for box in boxes}) != 1:
            raise ValueError("expected boxes of one size to make a sky of")

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Coefficients (n,) of one sky, band-limited at lmax, without monopole and dipole.

        Particles are counted in pixels of half the side of the sky's, so that their window is small. Each shell is
        given the spectrum that `theory` has of it, by one smooth gain of ℓ.
        """
        lmax, box_size = self.harmonics.lmax, self.boxes[0].box_size
        fine = Harmonics(2 * self.harmonics.nside, lmax, self.harmonics.threads)
        kappa = np.zeros(len(fine.ell), complex)
        for shell in light_cone_shells(self.theory, box_size):
            positions = self.boxes[rng.integers(len(self.boxes))].positions[shell.snapshot]
            counts = overdensity(positions, box_size, shell.near, shell.far, fine.nside, rng, self.mirrored)
            alm = shell.weight * 4 * np.pi / fine.pixels * fine.adjoint(counts)[0]
            target = sky_power(self.theory, lmax, between=(shell.near, shell.far))
            kappa += fine.filtered(alm, fitted_gain(spectrum(alm), target, (shell.near + shell.far) / 2))
        kappa[fine.ell < 2] = 0.0
        return kappa
