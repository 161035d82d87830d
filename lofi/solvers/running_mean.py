"""The mean of an algorithm's last images: its result, and what tells whether they still drift."""

import torch

from lofi.solvers.conjugate_gradient import per_image


class RunningMean:
    """The mean of the last images (B, H, W) of iterations, each with its own end.

    Random orientations make an image differ from one iteration to the next; the mean has less of this. An image is done
    when its mean moves, in `length` iterations, by less than `tolerance` of its distance from the start: a number that
    knows neither the unit nor the noise.

    Parameters
    ----------
    start : (B, H, W), before the first iteration. settled : the iteration, from 1, with which the mean begins; those
        before it are only kept. length : images in the mean; 1: it is the last. tolerance : 0: images are never done.

    Attributes
    ----------
    images : (B, H, W), the means; of images that are done they stay. moving : (B,) bool, those that are not done.
    """

    def __init__(self, start: torch.Tensor, settled: int, length: int, tolerance: float) -> None:
        self._start, self._settled, self._length, self._tolerance = start, settled, length, tolerance
        self.images, self._before = start, None
        self.moving = torch.ones(len(start), dtype=torch.bool, device=start.device)

    def add(self, images: torch.Tensor, iteration: int) -> bool:
        """Take the images of an iteration, from 1; whether some are not done."""
        number = max(1, iteration - self._settled + 1)
        mean = torch.lerp(self.images, images, 1 / min(number, self._length))
        self.images = torch.where(per_image(self.moving), mean, self.images)
        if self._tolerance and iteration >= self._settled and number % self._length == 0:
            if self._before is not None:
                moved = norm(self.images - self._before)
                self.moving = self.moving & (moved > self._tolerance * norm(self.images - self._start))
            self._before = self.images
        return bool(self.moving.any())


def norm(images: torch.Tensor) -> torch.Tensor:
    """Lengths (B,) of images (B, H, W), float64."""
    return torch.linalg.vector_norm(images.double(), dim=(-2, -1))
