"""Low-dose computed tomography: slice → sinogram → noise → filtered backprojection (paper V-D, Table I)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lofi.data.observation import Observation
from simulations.parallel_beam import parallel_beam

BATCH = 16  # slices that are projected together: the matrix is read once for all of them


@dataclass(frozen=True)
class TomographyObservation(Observation):
    """White Gaussian noise on parallel-beam sinograms, reconstructed by filtered backprojection.

    Attributes
    ----------
    pixels : on a side of a slice.
    angles : projections, evenly over 180°.
    snr_db : `20 log10(rms(sinogram) / noise)` of every slice, over all bins of all projections, dB.
    """

    pixels: int
    angles: int = 180
    snr_db: float = 30.0
    channels = ("fbp",)

    def __post_init__(self):
        if not math.isfinite(self.snr_db):
            raise ValueError(f"observation: snr_db is {self.snr_db}; expected a number of decibels")

    @property
    def about(self) -> dict:
        """What a checkpoint remembers of the observations it was trained on."""
        return {"angles": self.angles, "snr_db": self.snr_db}

    def observe_each(
        self, images: Sequence[np.ndarray], rngs: Iterable[np.random.Generator], each: None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Channels (N, 1, H, W), the FBP of the noisy sinograms, and truths (N, 1, H, W), float32; a stream a slice.

        each : None; slices are all observed alike.
        """
        beam = parallel_beam(self.pixels, self.angles)
        truth = np.asarray(images, dtype=np.float32)
        channels = np.empty_like(truth)
        for start in range(0, len(truth), BATCH):
            part = slice(start, start + BATCH)
            sinograms = beam.project(truth[part])
            noise = np.stack([rng.standard_normal(sinograms.shape[1:], dtype=np.float32) for rng in rngs[part]])
            level = 10 ** (-self.snr_db / 20) * np.sqrt(np.mean(np.square(sinograms), (1, 2), keepdims=True))
            channels[part] = beam.fbp(sinograms + level * noise)
        return channels[:, None], truth[:, None]
