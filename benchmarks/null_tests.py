"""Are the p-values of null tests uniform on clean catalogues, and how small with 2 % leakage of the PSF?

PYTHONPATH=.:tests/shared python benchmarks/null_tests.py
"""

import json
import sys

import numpy as np
from mock_surveys import clean_p_values, mock_survey
from scipy import stats

from lofi.lensing.null_tests.suite import null_tests

CLEAN, LEAKING = 600, 5


def main() -> None:
    """Print the Kolmogorov–Smirnov p-value and the share below 0.05 of each test, and the p-values with leakage."""
    clean = clean_p_values(CLEAN)
    uniform = {
        name: {
            "kolmogorov_smirnov": float(stats.kstest(values, "uniform").pvalue),
            "below_0.05": float(np.mean(values < 0.05)),
        }
        for name, values in clean.items()
    }
    leaking = []
    for seed in range(LEAKING):
        print(f"leaking catalogue {seed + 1} of {LEAKING}", file=sys.stderr)
        rng = np.random.default_rng(seed)
        tests, _, _ = null_tests(mock_survey(rng, side=180, density=8.0, leakage=0.02, psf=0.08), 20.0, rng)
        leaking += [test.p_value for test in tests if test.name.startswith("PSF ellipticity")]
    print(json.dumps({"catalogues": CLEAN, "clean": uniform, "p_values_of_2_percent_leakage": leaking}, indent=1))


if __name__ == "__main__":
    main()
