"""The frames that shear components are stored against, and the signs that bring them to (West, North).

Imports nothing heavy: the command reads it.
"""

from pathlib import Path

# Signs of the first and second component (docs/conventions.md).
FRAMES = {
    "COSMO": (-1, 1),  # against (South, East), as HEALPix
    "IAU": (-1, -1),  # against (North, East)
    "TREECORR": (1, 1),  # against (West, North), as catalogues of DES and KiDS, and the means of them
}


def frame_signs(path: Path, name: str) -> tuple[int, int]:
    """Signs of both components; ValueError for an unknown frame."""
    word = str(name).strip().upper()
    if word not in FRAMES:
        raise ValueError(f"'{path}': POLCCONV is {name!r}; expected {', '.join(FRAMES)}")
    return FRAMES[word]


def check_signs(path: Path, e1_sign: int, e2_sign: int) -> None:
    """ValueError unless the factors on both components are 1 or -1."""
    for name, sign in (("e1_sign", e1_sign), ("e2_sign", e2_sign)):
        if sign not in (1, -1):
            raise ValueError(f"'{path}': {name} is {sign}; expected 1 or -1")
