"""Statistics of simulated convergence maps, beside halofit and analytic skies of the same spectrum."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi import metrics
from lofi.data.lensing import cut_out
from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.stack import Stack, by_folder
from simulations.images.sources import analytic_maps
from simulations.theory import Theory
from workflow.job import run

EDGES = np.geomspace(100, 4608, 16)
VALUES = np.linspace(-0.05, 0.15, 81)
THRESHOLDS = np.arange(0.0, 0.16, 0.01)
MAPS = 2000  # of a split, at most, evenly spread


def convergence_statistics(
    *, theory: Path, maps: list[Path], statistics: Path, panels: Path, analytic: int, name: list
) -> None:
    """`analytic`: maps per analytic sky. `panels`: HDF5 with one example of each sky."""
    spectra = Theory.load(theory)
    rows = []
    samples = {}
    for split, paths in by_folder(maps).items():
        kappa = Stack(paths, "images")
        record = kappa.record
        chosen = range(0, len(kappa), -(-len(kappa) // MAPS))
        samples[f"{split} ({record['source']['kind']})"] = cut_out(kappa[chosen], record["margin"])
        pixel_arcmin = record["pixel_arcmin"]
    shape = next(iter(samples.values())).shape[1:]
    for kind in ("lognormal", "gaussian"):
        samples[f"{kind} sky"] = analytic_maps(kind, spectra, shape, pixel_arcmin, range(analytic), [*name, kind])
    pixel = np.deg2rad(pixel_arcmin / 60)
    expected = spectra.pixelised_power(shape, pixel_arcmin)
    amplitude = np.sqrt(expected * shape[0] * shape[1]) / pixel  # a field whose periodogram is the expected spectrum
    reference = metrics.band_powers(np.fft.ifft2(amplitude), np.zeros(shape), pixel, EDGES)["estimate"]
    for sky, kappa in samples.items():
        kappa = kappa - kappa.mean((1, 2), keepdims=True)
        everywhere = np.ones(shape, dtype=bool)
        powers = np.mean([metrics.band_powers(k, k, pixel, EDGES)["truth"] for k in kappa], axis=0)
        density, _ = np.histogram(kappa, VALUES, density=True)
        peaks = [np.mean([metrics.count_peaks(k, everywhere, t) for k in kappa]) for t in THRESHOLDS]
        for statistic, x, y in (
            ("power_ratio", np.sqrt(EDGES[:-1] * EDGES[1:]), powers / reference),
            ("density", (VALUES[:-1] + VALUES[1:]) / 2, density),
            ("peaks", THRESHOLDS, peaks),
            ("moments", ["std", "skewness", "kurtosis"], _moments(kappa)),
        ):
            rows.append(pd.DataFrame({"sky": sky, "maps": len(kappa), "statistic": statistic, "x": x, "y": y}))
    with replacing(statistics) as temporary:
        pd.concat(rows).to_csv(temporary, index=False, float_format="%.6g")
    hdf5.write(panels, {"skies": list(samples)}, panels=np.stack([kappa[0] for kappa in samples.values()]))


def _moments(kappa):
    spread = kappa.std()
    return [spread, np.mean(kappa**3) / spread**3, np.mean(kappa**4) / spread**4 - 3]


if __name__ == "__main__":
    run(snakemake, convergence_statistics)
