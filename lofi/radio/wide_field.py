"""The visibility operator with the w-term, and its adjoint (docs/conventions.md, Radio interferometry)."""

import numpy as np
from ducc0.wgridder import experimental as wgridder
from scipy.constants import speed_of_light

EPS = 1e-7  # relative tolerance of the transforms


class WideFieldOperator:
    """`V_j = Σ I exp(−2πi (u_j l + v_j m + w_j (n − 1)))`, `n = √(1 − l² − m²)`, by w-gridding (Arras et al. 2021).

    The same interface as `lofi.radio.operator.VisibilityOperator`.

    Parameters
    ----------
    u, v, w : (M,) wavelengths, towards East, North and the source.
    shape : (H, W) of the image. cell_radians : side of a pixel, of l and m.
    threads : of the transforms.
    """

    def __init__(
        self, u: np.ndarray, v: np.ndarray, w: np.ndarray, shape: tuple[int, int], cell_radians: float, threads: int = 1
    ) -> None:
        self.shape = tuple(map(int, shape))
        self._uvw = np.stack([u, v, w], axis=-1)
        self._even = tuple(size + size % 2 for size in self.shape)  # what the library grids
        self._options = {
            "freq": np.array([speed_of_light]),  # at which metres are wavelengths
            "pixsize_x": cell_radians,
            "pixsize_y": cell_radians,
            "epsilon": EPS,
            "do_wgridding": True,
            "divide_by_n": False,
            "flip_u": True,  # columns run towards West
            "flip_w": True,  # the library's phase is that of u l + v m - w (n - 1)
            "nthreads": threads,
        }

    def __len__(self) -> int:
        """The number M of visibilities."""
        return len(self._uvw)

    def forward(self, images: np.ndarray) -> np.ndarray:
        """Visibilities (..., M) in Jy of real images (..., H, W) in Jy/pixel."""
        images = np.asarray(images, dtype=np.float64)
        # The centre of an odd side is one pixel lower than that of the next even side: one row of zeros goes first.
        odd = [(even - size, 0) for even, size in zip(self._even, self.shape, strict=True)]
        padded = [np.ascontiguousarray(np.pad(image, odd).T) for image in images.reshape(-1, *self.shape)]
        parts = [wgridder.dirty2vis(uvw=self._uvw, dirty=image, **self._options)[:, 0] for image in padded]
        return np.reshape(parts, (*images.shape[:-2], len(self)))

    def adjoint(self, visibilities: np.ndarray) -> np.ndarray:
        """`Re Σ V exp(+2πi …)`, real (..., H, W), of visibilities (..., M)."""
        visibilities = np.asarray(visibilities, dtype=np.complex128)
        height, width = self._even
        size = {"npix_x": width, "npix_y": height}
        parts = [
            wgridder.vis2dirty(uvw=self._uvw, vis=np.ascontiguousarray(values[:, None]), **size, **self._options).T
            for values in visibilities.reshape(-1, len(self))
        ]
        rows, columns = (even - size for even, size in zip(self._even, self.shape, strict=True))
        return np.reshape([part[rows:, columns:] for part in parts], (*visibilities.shape[:-1], *self.shape))
