"""Pictures seen through a change of coordinates (paper IV-A, V-C, Figure 8): transposed, turned or sheared."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from lofi.data.observation import Observation, augmented

KEYS = {"transpose": None, "rotation": "angle_deg", "shear": "factor"}  # the number that each kind needs


@dataclass(frozen=True)
class WarpingObservation(Observation):
    """What the truth has at x, the observed picture has at `M (x − c) + c`, c the centre of the picture.

    Coordinates are (x, y) in pixels, x along columns and y along rows, row 0 at the bottom (docs/conventions.md). A
    transpose is exact. A rotation or a shear is interpolated by cubic splines; what lies beyond the truth is its
    reflection about the centres of the border pixels.

    Attributes
    ----------
    kind : transpose, `M = [[0, 1], [1, 0]]`; rotation, counter-clockwise; or shear, `M = [[1, factor], [0, 1]]`.
    angle_deg, factor : of a rotation, of a shear.
    sigma : standard deviation of white noise on the observed picture, 0 or more.
    """

    kind: str
    angle_deg: float | None = None
    factor: float | None = None
    sigma: float = 0.0
    channels = ("image",)

    def __post_init__(self):
        if self.kind not in KEYS:
            raise ValueError(f"observation: kind is {self.kind!r}; expected one of {', '.join(KEYS)}")
        for key in ("angle_deg", "factor"):
            value, needed = getattr(self, key), KEYS[self.kind] == key
            if (value is not None) != needed or (needed and not math.isfinite(value)):
                expected = "a number" if needed else "nothing"
                raise ValueError(f"observation: {key} of a {self.kind} is {value}; expected {expected}")
        if not 0 <= self.sigma < math.inf:
            raise ValueError(f"observation: sigma is {self.sigma}; expected 0 or a positive number")

    @property
    def about(self) -> dict:
        """What a checkpoint remembers of the observations it was trained on."""
        return {"warp": self.kind, "matrix": self.matrix.tolist(), "sigma": self.sigma}

    @property
    def matrix(self) -> np.ndarray:
        """M, (2, 2) on (x, y)."""
        if self.kind == "transpose":
            return np.array([[0.0, 1.0], [1.0, 0.0]])
        if self.kind == "shear":
            return np.array([[1.0, self.factor], [0.0, 1.0]])
        angle = math.radians(self.angle_deg)
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    def places(self, shape: tuple[int, int]) -> np.ndarray:
        """Where the observed picture has each pixel of a truth of `shape`: (H, W, 2) of (x, y) in pixels."""
        return _mapped(self.matrix, shape)

    def visible(self, shape: tuple[int, int]) -> np.ndarray:
        """The pixels (H, W) of a truth whose places lie between the centres of the observed picture's border pixels."""
        places, last = self.places(shape), np.array(shape[::-1]) - 1
        return ((places > -1e-6) & (places < last + 1e-6)).all(-1)

    def observe(self, picture: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Observed picture and truth, both (1, H, W), float32."""
        truth = np.asarray(picture, dtype=np.float32)
        seen = self._seen(truth)
        if self.sigma:
            seen = seen + np.float32(self.sigma) * rng.standard_normal(seen.shape, dtype=np.float32)
        return seen[None], truth[None]

    def _seen(self, truth):
        if self.kind == "transpose":
            if truth.shape[0] != truth.shape[1]:
                raise ValueError(f"a picture of shape {truth.shape} cannot be transposed; expected a square")
            return truth.T
        places = _mapped(np.linalg.inv(self.matrix), truth.shape)
        return map_coordinates(truth, places.transpose(2, 0, 1)[::-1], order=3, mode="mirror")

    def varied(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The picture flipped and turned at random, before it is warped."""
        return augmented(picture, rng)


def _mapped(matrix, shape):
    """`matrix (x − c) + c` of all pixel centres x: (H, W, 2) of (x, y)."""
    y, x = np.indices(shape, dtype=float)
    centre = (np.array(shape[::-1]) - 1) / 2
    return (np.stack([x, y], -1) - centre) @ matrix.T + centre
