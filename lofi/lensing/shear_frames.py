"""The frames that shear components are stored against, by name, and the signs that bring them to (West, North)."""

from pathlib import Path

import numpy as np

# Signs of the first and second component (docs/conventions.md).
FRAMES = {
    "COSMO": (-1, 1),  # against (South, East), as HEALPix
    "IAU": (-1, -1),  # against (North, East)
    "TREECORR": (1, 1),  # against (West, North), as catalogues of DES, KiDS and HSC, and the means of them
}
LARGEST = 5.0  # modulus of a pixel's mean; those of few metacalibrated galaxies exceed 1


def frame_signs(path: Path, name: str) -> tuple[int, int]:
    """Signs of both components; ValueError for an unknown frame."""
    word = str(name).strip().upper()
    if word not in FRAMES:
        raise ValueError(f"'{path}': POLCCONV is {name!r}; expected {', '.join(FRAMES)}")
    return FRAMES[word]


def check_moduli(path: Path, moduli: np.ndarray) -> None:
    """ValueError where the shear of pixels (n,) is larger than the mean of any ellipticities."""
    above = np.count_nonzero(moduli > LARGEST)
    if above:
        raise ValueError(
            f"'{path}' has shear moduli above {LARGEST:g} in {above} of {len(moduli)} pixels (largest "
            f"{moduli.max():.4g}); expected mean shear, not counts or percent; mask what is wrong"
        )
