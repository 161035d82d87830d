"""The particles of one N-body box at each snapshot of its light cone; one HDF5 file per box."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lofi.io import hdf5
from simulations.images.nbody.planes import BoxSettings, snapshots
from simulations.theory import Theory

UNITS = 1 << 16  # of a stored position, to the side of the box


@dataclass(frozen=True)
class Particles:
    """Snapshots of one box.

    Attributes
    ----------
    positions : uint16 (snapshots, 3, n) in units of the side / 65536, periodic. Snapshot 0 is the nearest.
    box_size : side [Mpc/h].
    """

    positions: np.ndarray
    box_size: float


def simulate_particles(theory: Theory, settings: BoxSettings, name: Sequence[str | int]) -> Particles:
    """Run one box and keep its particles: those of `simulate_box` with the same name.

    Parameters
    ----------
    theory : `Theory`. settings : `BoxSettings`. name : name of the random stream, a tuple of words and numbers.
    """
    kept = {}
    for number, current in snapshots(theory, settings, name):
        kept[number] = np.rint(current * np.float32(UNITS / settings.mesh)).astype(np.int64).astype(np.uint16)
    return Particles(np.stack([kept[number] for number in range(len(kept))]), settings.box_size)


def write_particles(path: str | Path, particles: Particles, settings: BoxSettings, name: Sequence[str | int]) -> None:
    """Write the particles of a box to an HDF5 file, with what made them."""
    record = {"settings": asdict(settings), "name": list(name), "box_size": particles.box_size}
    hdf5.write(path, record, positions=particles.positions)


def read_particles(path: str | Path) -> Particles:
    """Read a file of `write_particles`."""
    record, positions = hdf5.read(path, "positions")
    return Particles(positions, record["box_size"])
