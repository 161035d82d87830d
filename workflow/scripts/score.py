"""Scores of one model on every evaluation split: one row per map, and spectra in bins of ℓ."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi import metrics
from lofi.io import stack
from lofi.io.atomic import replacing
from workflow.job import run

EDGES = np.geomspace(100, 4608, 13)  # 5° fundamental to the 2.34′ Nyquist
PEAK_THRESHOLD = 0.03


def score(*, data: list[Path], reconstructions: list[Path], scores: Path, spectra: Path, model: str) -> None:
    rows, bins = [], []
    for split, paths in stack.by_folder(data).items():
        record, observed, truth = stack.read(paths, "observed", "truth")
        _, estimates = stack.read(reconstructions, split)
        sights = record.get("sight") or [[record["pixel_arcmin"]]] * len(truth)
        for index, (estimate, true) in enumerate(zip(estimates[:, 0], truth[:, 0], strict=True)):
            mask = np.isfinite(observed[index, record["channels"].index("noise_std")])
            pixel = np.deg2rad(sights[index][0] / 60)
            row = {"model": model, "split": split, "map": index, "box": record["box"][index]}
            row |= metrics.scores(estimate, true, mask)
            estimate, true = metrics.mean_free(estimate, mask), metrics.mean_free(true, mask)
            row["peaks"] = metrics.count_peaks(estimate, mask, PEAK_THRESHOLD)
            row["peaks_truth"] = metrics.count_peaks(true, mask, PEAK_THRESHOLD)
            row["bmode_rms"] = float(observed[index, record["channels"].index("kappa_b")][mask].std())
            rows.append(row)
            powers = pd.DataFrame(metrics.band_powers(estimate, true, pixel, EDGES))
            bins.append(powers.assign(model=model, split=split, map=index, ell=np.sqrt(EDGES[:-1] * EDGES[1:])))
    for table, target in ((pd.DataFrame(rows), scores), (pd.concat(bins), spectra)):
        with replacing(target) as temporary:
            table.to_csv(temporary, index=False)


if __name__ == "__main__":
    run(snakemake, score)
