"""Replicas: the error of an image from reconstructions of visibilities that are simulated from it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from lofi.data.noise import complex_noise
from lofi.radio.beam import Beam, convolve
from lofi.radio.measurement import Measurement, Part
from lofi.radio.weighting import Weighting
from lofi.seeds import stream

SHIFT = 6  # pixels; ASSUME: the largest shift, periodic: half of what the denoiser sees of an image

Recipe = Callable[[Measurement, np.ndarray | None, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class _Simulated:
    """Parts with visibilities of a sky (H, W), Jy/pixel, and noise of the stream `name`: the same in every pass."""

    parts: Iterable[Part]
    sky: np.ndarray
    scale: float
    name: tuple

    def __iter__(self) -> Iterator[Part]:
        for number, part in enumerate(self.parts):
            noise = complex_noise(self.scale * part.sigma, stream(*self.name, number), part.sigma.shape)
            yield replace(part, visibilities=(part.exact.forward(self.sky) + noise)[None])


@dataclass(frozen=True)
class Move:
    """A shift by whole pixels, periodic, after a flip and a turn: what the error of an image should not depend on."""

    quarters: int
    flipped: bool
    rows: int
    columns: int

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """The image (H, W) moved."""
        image = np.fliplr(image) if self.flipped else image
        return np.roll(np.rot90(image, self.quarters), (self.rows, self.columns), (0, 1))

    def back(self, image: np.ndarray) -> np.ndarray:
        """The way back."""
        image = np.rot90(np.roll(image, (-self.rows, -self.columns), (0, 1)), -self.quarters)
        return np.fliplr(image) if self.flipped else image


def random_move(shape: tuple[int, int], rng: np.random.Generator) -> Move:
    """One of the moves of an image of this shape; only squares turn by a quarter."""
    quarters = int(rng.integers(4)) if shape[0] == shape[1] else 2 * int(rng.integers(2))
    rows, columns = (int(step) for step in rng.integers(-SHIFT, SHIFT + 1, 2))
    return Move(quarters, bool(rng.integers(2)), rows, columns)


@dataclass(frozen=True, eq=False)
class Replicas:
    """Errors (N, H, W) that replicas made, moved back: of the `model`, Jy/pixel, and of the restored `image`, Jy/beam.

    An error is what was reconstructed less what was simulated.
    """

    model: np.ndarray
    image: np.ndarray


def replicas(
    measurement: Measurement,
    model: np.ndarray,
    recipe: Recipe,
    count: int,
    weighting: Weighting,
    beam: Beam,
    allowed: np.ndarray | None = None,
) -> Replicas:
    """The equivariant bootstrap of one sky (Tachella & Pereyra 2023, arXiv 2310.11838).

    The model is moved at random, its visibilities are simulated with the noise of the weights and reconstructed by the
    same recipe, and the error is moved back. Moves, unlike noise alone, also show what the coverage does not measure.

    Parameters
    ----------
    model : (H, W), Jy/pixel. recipe : the reconstruction (H, W) of a measurement, of the pixels that are allowed, and
        of the number of the replica. count : of replicas, at least 2. weighting, beam : of the published images.
    allowed : (H, W) bool, None: everywhere.
    """
    errors = [], []
    for number in tqdm(range(count), desc="replicas", unit="image"):
        move = random_move(model.shape, stream("replicas", number))
        sky = move(model).astype(np.float64)
        parts = _Simulated(measurement.parts, sky, float(measurement.scale[0]), ("replicas", number, "noise"))
        simulated = measurement.with_parts(parts)
        image = recipe(simulated, None if allowed is None else move(allowed), number)
        (residual,), _ = simulated.residual(image[None], weighting)
        errors[0].append(move.back(image - sky).astype(np.float32))
        errors[1].append(move.back(convolve(image - sky, beam) + residual[0]).astype(np.float32))
    return Replicas(*map(np.stack, errors))


def spread(errors: np.ndarray) -> np.ndarray:
    """Root mean square (H, W) of errors (N, H, W): their standard deviation and their mean, which is wrong, too."""
    return np.sqrt(np.square(errors, dtype=np.float64).mean(0))
