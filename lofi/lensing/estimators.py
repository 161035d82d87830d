"""The estimators of shear that catalogues hold (docs/survey.md).

Imports nothing heavy: the command reads it.
"""

import math
from typing import NamedTuple


class Estimator(NamedTuple):
    """What turns ellipticities into shear: they are divided by `factor · R`, R believable in `low < R ≤ high`.

    needed : whether R must be known; else it is 1 where nothing says it.
    """

    factor: float
    low: float
    high: float
    needed: bool = True


DEFAULT_ESTIMATOR = "shear"
ESTIMATORS = {
    "shear": Estimator(1.0, 0.0, math.inf, needed=False),  # gamma = e / R
    "lensfit": Estimator(1.0, 0.5, 1.5, needed=False),  # gamma = e / (1 + m): R is 1 + m (Miller et al. 2013)
    "metacal": Estimator(1.0, 0.1, 1.5),  # gamma = e / <R>, the mean response (Sheldon & Huff 2017)
    "metadetect": Estimator(1.0, 0.1, 1.5),  # the same, with detection repeated (Sheldon et al. 2020)
    "hsc-regauss": Estimator(2.0, 0.5, 1.0),  # gamma = e / 2R, R = 1 - e_rms^2 (Mandelbaum et al. 2018)
}
SHEARED = ("metacal", "metadetect")  # those whose files may hold the sheared variants that R follows from
REQUIRED = ("ra", "dec", "e1", "e2")
RESPONSES = ("r11", "r12", "r21", "r22")  # d e_i / d gamma_j of each galaxy
BIASES = ("m", "c1", "c2")  # e / R = (1 + m) gamma + c
PSF = ("psf_e1", "psf_e2", "psf_size", "psf_11", "psf_22", "psf_12")  # ellipticity and size, or second moments
KEYS = (*REQUIRED, "weight", *RESPONSES, "rms_e", *BIASES, *PSF)  # what columns may be named
