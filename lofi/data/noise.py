"""White noise of complex images and visibilities."""

import numpy as np


def complex_noise(
    noise_std: float | np.ndarray, rng: np.random.Generator, shape: tuple[int, ...] | None = None
) -> np.ndarray:
    """Complex white Gaussian noise, real and imaginary part each of `noise_std` (scalar or map); 0 where it is inf."""
    noise_std = np.asarray(noise_std, dtype=np.float64)
    shape = noise_std.shape if shape is None else tuple(shape)
    parts = rng.standard_normal((2, *shape))
    scale = np.where(np.isfinite(noise_std), noise_std, 0.0)
    return scale * (parts[0] + 1j * parts[1])
