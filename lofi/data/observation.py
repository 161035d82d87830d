"""Observing many images, each with a random stream of its own."""

from collections.abc import Iterable, Sequence

import numpy as np

from lofi.seeds import stream


class Observation:
    """What observations share; a subclass has `observe(image, rng)` → channels (C, H, W) and truth (T, H, W)."""

    outputs = 1

    def varied(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The image as it is trained on."""
        return image

    def observe_each(
        self, images: Iterable[np.ndarray], rngs: Iterable[np.random.Generator], each: Sequence[tuple] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Stacked channels and truths of images, each with a stream of its own.

        each : further arguments of `observe` for every image, for observations that differ from image to image.
        """
        rngs = list(rngs)
        each = [()] * len(rngs) if each is None else each
        pairs = [self.observe(image, rng, *more) for image, rng, more in zip(images, rngs, each, strict=True)]
        return tuple(np.stack(part) for part in zip(*pairs, strict=True))

    def observe_all(
        self, images: Sequence[np.ndarray], *name: str | int, first: int = 0, each: Sequence[tuple] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Stacked channels and truths of images as they are, numbered from `first`; stream i is named (*name, i)."""
        rngs = [stream(*name, number) for number in range(first, first + len(images))]
        return self.observe_each(images, rngs, each)

    def observe_many(
        self,
        images: Sequence[np.ndarray],
        numbers: Sequence[int],
        *name: str | int,
        places: Iterable[int] | None = None,
        each: Sequence[tuple] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Stacked channels and truths of the varied images of these `numbers`; `each` (`observe_each`) is of all.

        Streams are named (*name, place); `places` are by default 0, 1, … and, of a part of a batch, those in the batch.
        """
        rngs = [stream(*name, place) for place in (range(len(numbers)) if places is None else places)]
        varied = [self.varied(images[i], rng) for i, rng in zip(numbers, rngs, strict=True)]
        return self.observe_each(varied, rngs, None if each is None else [each[i] for i in numbers])


def augmented(image: np.ndarray, rng: np.random.Generator, periodic: bool = False) -> np.ndarray:
    """The image flipped and turned at random, eight orientations; if `periodic`, shifted on the torus before."""
    if periodic:
        image = np.roll(image, tuple(rng.integers(0, image.shape)), axis=(0, 1))
    image = np.rot90(image, rng.integers(4))
    return image.T if rng.integers(2) else image
