"""The pictures that in-painting and the probes are tested on: photographs of named sources, grey, at any size."""

import numpy as np

from simulations.images.photographs import numbered, read_grey


def picture_set(sources, chosen, pixels):
    """Grey squares (N, pixels, pixels) from 0 to 1, float32; for each the source, and the file's name without ending.

    sources : {name: entry of kind photographs}. chosen : {name: (first, last)}, numbers of its photographs, from 0.
    """
    files = [
        (name, path)
        for name, numbers in chosen.items()
        for path in numbered(numbers, sources[name].get("path"), sources[name].get("names"))
    ]
    images = np.stack([read_grey(path, pixels) for _, path in files])
    return images, [name for name, _ in files], [path.stem for _, path in files]
