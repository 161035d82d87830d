"""The Fourier filter of a trained field as a convolution kernel, and how far it reaches."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io import checkpoint, hdf5
from lofi.io.atomic import replacing
from workflow.filter_support import energy_within, parts, radius_of
from workflow.job import run


def learned_filter(*, weights: Path, kernel: Path, table: Path) -> None:
    """Writes `kernel` (L, H, W), the complex impulse responses of the multipliers H of eq. 15, centred."""
    model, about = checkpoint.load(weights.parent)
    real, imaginary = model.network.filter.multiplier.detach().double().numpy()
    multiplier = np.fft.ifftshift(real + 1j * imaginary, axes=(-2, -1))
    response = np.fft.fftshift(np.fft.ifft2(multiplier), axes=(-2, -1))
    hdf5.write(kernel, {"model": about["model"]}, kernel=response)
    rows = [
        {"kernel": name, "energy": (np.abs(part) ** 2).sum(), "centre": energy_within(part)[1][0]}
        | {f"radius_{percent}": radius_of(part, percent / 100) for percent in (50, 90, 99)}
        for name, part in parts(response).items()
    ]
    with replacing(table) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False, float_format="%.6g")


if __name__ == "__main__":
    run(snakemake, learned_filter)
