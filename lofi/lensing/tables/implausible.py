"""Values that mark missing ones, shear that is none, and positions far from all others."""

from pathlib import Path

import numpy as np

SENTINELS = (-9.0, -10.0, -99.0, -99.99, -999.0, -9999.0, 9.0, 10.0, 99.0, 99.99, 999.0, 9999.0)
HUGE = 1e10  # 1e20, 1e30, and HEALPix's UNSEEN −1.6375e30
LIMITS = {"ra": (-180.0, 360.0), "dec": (-90.0, 90.0), "weight": (0.0, 1e15)}
LIMITS |= dict.fromkeys(("e1", "e2", "psf_e1", "psf_e2"), (-2.0, 2.0))
LIMITS |= dict.fromkeys(("psf_size", "psf_11", "psf_22", "rms_e"), (0.0, HUGE))
LIMITS |= dict.fromkeys(("m", "c1", "c2"), (-1.0, 8.0))  # those of single galaxies are noisy
LARGEST = 5.0  # modulus of a pixel's mean; those of few metacalibrated galaxies exceed 1
STRETCH = 10.0  # how many times farther than nearly all others a position is taken for a mistake
NEARLY_ALL = 99.0  # per cent


def marks(key: str, values: np.ndarray) -> np.ndarray:
    """Bool, of the shape of `values`: those beyond what a column can hold that mark missing ones, as −99 and 1e20 do.

    key : of `lofi.lensing.estimators.KEYS`, or any other, which may hold all but the hugest numbers.
    """
    low, high = LIMITS.get(key, (-HUGE, HUGE))
    beyond = (values < low) | (values > high)
    few = values[beyond]
    marked = np.zeros_like(beyond)
    marked[beyond] = np.isin(few, SENTINELS) | (np.abs(few) >= HUGE)
    return marked


def surroundings(directions: np.ndarray) -> tuple[np.ndarray, float]:
    """The middle (3,) of unit vectors (n, 3), and the distance from it beyond which a position stretches the field
    tenfold, such as a galaxy at (0, 0) does; inf where too few are there to tell.

    Nothing of a survey of the whole sky is so far.
    """
    if len(directions) < 10:
        return np.zeros(3), np.inf
    middle = np.median(directions, axis=0)
    distance = np.linalg.norm(directions - middle, axis=1)
    most = np.percentile(distance, NEARLY_ALL, method="lower")
    return middle, STRETCH * most if most > 0 else np.inf


def check_moduli(path: Path, moduli: np.ndarray) -> None:
    """ValueError where the shear of pixels (n,) is larger than the mean of any ellipticities."""
    above = np.count_nonzero(moduli > LARGEST)
    if above:
        raise ValueError(
            f"'{path}' has shear moduli above {LARGEST:g} in {above} of {len(moduli)} pixels (largest "
            f"{moduli.max():.4g}); expected mean shear, not counts or percent; mask what is wrong"
        )
