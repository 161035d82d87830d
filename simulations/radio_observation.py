"""A simulated radio observation: true skies and their noisy visibilities, as the file `observation.h5` holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lofi.io import hdf5
from lofi.options import call
from lofi.radio.measurement import Measurement, flat_part, measure

ARRAYS = ("truth", "image", "noise_seed", "x", "y", "sigma", "scale", "visibilities")


@dataclass(frozen=True, eq=False, kw_only=True)
class RadioObservation:
    """G true skies that one interferometer sees P times with different noise (problems), in M visibilities each.

    Attributes
    ----------
    truth : float32 (G, N, N), Jy/pixel. kinds : a word for each sky. description : of all skies.
    simulated : whether the skies are simulated; the visibilities always are.
    image, noise_seed : (P,) sky and noise seed of each problem.
    x, y : (M,) radians per pixel along columns and rows.
    sigma : (M,) noise of the visibilities, up to the factor `scale` (P,), Jy. visibilities : complex64 (P, M), Jy.
    inversion : its entry of the configuration. name : of the inversion. seed : name of its random stream.
    beam : major and minor axis in pixels and position angle in degrees, of the imaging weights.
    telescope : its name, or that of the coverage's file.
    declination_deg, frequency_hz, bandwidth_hz, w_phase : None where the coverage does not tell.
    fingerprint : of the file; empty before it is written.
    """

    inversion: Mapping
    name: str
    seed: Sequence[str]
    simulated: bool
    description: str
    kinds: Sequence[str]
    beam: tuple[float, float, float]
    telescope: str
    declination_deg: float | None
    frequency_hz: float | None
    bandwidth_hz: float | None
    w_phase: float | None
    truth: np.ndarray
    image: np.ndarray
    noise_seed: np.ndarray
    x: np.ndarray
    y: np.ndarray
    sigma: np.ndarray
    scale: np.ndarray
    visibilities: np.ndarray
    fingerprint: str = ""

    @property
    def pixels(self) -> int:
        """Pixels N of a side."""
        return self.truth.shape[-1]

    @property
    def cell_arcsec(self) -> float | None:
        """Side of a pixel; None for a coverage in radians per pixel."""
        return self.inversion.get("cell_arcsec")

    def first_problem(self, image: int) -> int:
        """The number of the problem of this sky with its first noise seed."""
        if image not in self.image:
            raise ValueError(f"the inversion {self.name} has images 0 to {self.image.max()}, not {image}")
        return int(np.argmax(self.image == image))

    def measurement(self, problems: slice | Sequence[int] = slice(None)) -> Measurement:
        """The visibilities of these problems."""
        shape = self.truth.shape[1:]
        part = flat_part(self.x, self.y, self.visibilities[problems], self.sigma, shape)
        return measure([part], shape, self.scale[problems])


def write_observation(path: Path, observation: RadioObservation) -> None:
    """Write an observation as HDF5: the arrays as data sets, all else as the record."""
    record = {name: value for name, value in vars(observation).items() if name not in (*ARRAYS, "fingerprint")}
    hdf5.write(path, record, **{name: getattr(observation, name) for name in ARRAYS})


def read_observation(path: Path) -> RadioObservation:
    """Read what `write_observation` wrote. Raises ValueError, one sentence, for any other file."""
    record, *arrays = hdf5.read(path, *ARRAYS)
    return call(RadioObservation, record | dict(zip(ARRAYS, arrays, strict=True)), str(path))
