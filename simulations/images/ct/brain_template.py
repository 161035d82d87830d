"""Real anatomy: grey and white matter of the ICBM152 average brain (Fonov et al. 2009), as nilearn carries it.

Needs the optional extra `ct` (docs/data.md). The template is the average of 152 adults; slices differ in height, size,
turn and a gentle bend, not in the folds themselves.
"""

from functools import cached_property

import numpy as np
from scipy.ndimage import map_coordinates
from skimage.morphology import convex_hull_image

from simulations.images.ct.canvas import Canvas

LOWEST, HIGHEST = -12.0, 48.0  # mm above the anterior commissure


class TemplateBrain:
    """An anatomy for `brain.head`. Raises ValueError, one sentence, where nilearn is not installed."""

    def __init__(self) -> None:
        try:
            from nilearn import datasets  # optional, and slow to import
        except ImportError as error:
            raise ValueError("anatomy icbm152 needs nilearn: pip install 'lofi-maps[ct]'") from error
        self._datasets = datasets

    @cached_property
    def _maps(self):
        """Grey and white matter, 1 mm, as arrays (left–right, back–front, up), and the affine."""
        images = [
            self._datasets.load_mni152_gm_template(resolution=1),
            self._datasets.load_mni152_wm_template(resolution=1),
        ]
        return [np.asarray(image.get_fdata(), np.float32) for image in images], images[0].affine

    def __call__(self, canvas: Canvas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = canvas.rng
        (grey, white), affine = self._maps
        turn, scale = np.deg2rad(rng.normal(0, 3)), rng.uniform(0.93, 1.07, 2) / 10  # cm per mm
        tilt = rng.normal(0, 0.06)
        x = (canvas.x * np.cos(turn) - canvas.y * np.sin(turn)) / scale[0]
        y = (canvas.x * np.sin(turn) + canvas.y * np.cos(turn)) / scale[1] - 18.0  # the middle lies behind the origin
        place = np.stack([x, y, rng.uniform(LOWEST, HIGHEST) + tilt * y, np.ones_like(x)])
        index = np.einsum("ij,jkl->ikl", np.linalg.inv(affine)[:3], place)
        grey, white = (map_coordinates(volume, index, order=1, mode="constant") for volume in (grey, white))
        total = np.maximum(grey + white, 1.0)
        grey, white = grey / total, white / total
        return grey, white, convex_hull_image(grey + white > 0.3)
