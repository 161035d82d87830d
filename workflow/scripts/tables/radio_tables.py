"""Scores of radio inversions: means per inversion and method, and LoFi-ADMM paired with every other method."""

from pathlib import Path

import numpy as np
import pandas as pd

from workflow.job import run
from workflow.score_tables import write_tables

METHODS = ["dirty", "clean", "positivity", "total_variation", "total_variation_oracle", "dncnn_admm", "lofi_admm"]
METHODS += ["shipped_admm"]
REFERENCE = "lofi_admm"
MEASURES = ["snr", "psnr", "ssim", "logsnr", "flux_ratio", "chi2", "seconds"]
DETAILS = ["residual_rms", "residual_max", "power_outside"]
PAIRED = ["snr", "ssim", "logsnr"]  # PSNR differs by what SNR does


def radio_tables(*, scores: list[Path], summary: Path, details: Path, paired: Path, page: Path) -> None:
    """Three CSV files, and `page`, an HTML page of the same tables for the report."""
    rows = pd.concat([pd.read_csv(path) for path in scores])
    rows = rows.sort_values("method", key=lambda names: names.map(_place), kind="stable")
    skies = rows.groupby(["inversion", "method", "image"], sort=False)
    means = skies[[*MEASURES, *DETAILS]].mean()  # over the noise seeds of a sky
    counts = skies["noise_seed"].nunique().groupby(["inversion", "method"], sort=False).agg(["size", "max"])
    counts.columns = ["n_images", "n_seeds"]
    details_table = _means(means, counts, DETAILS).merge(_pooled(rows))
    tables = {
        summary: ("Mean scores", _means(means, counts, MEASURES)),
        paired: ("LoFi-ADMM minus the other methods, paired", _paired(means)),
        details: ("Residuals, what was measured, what the prior added", details_table),
    }
    write_tables(tables, page, "Radio images: scores")


def _place(method):
    return METHODS.index(method) if method in METHODS else len(METHODS)


def _means(means, counts, measures):
    """Mean and standard error over skies, inversion by inversion."""
    groups = means.groupby(["inversion", "method"], sort=False)[measures]
    table = pd.concat([groups.mean(), groups.sem().add_suffix("_se"), counts], axis=1).reset_index()
    return table.sort_values("inversion", kind="stable")


def _pooled(rows):
    """SNR inside and outside the sampled disc of all skies together, each sky scaled to a total power of 1."""
    out = rows[["inversion", "method"]].copy()
    for side, share in (("inside", 1 - rows["power_outside"]), ("outside", rows["power_outside"])):
        out[f"signal_{side}"], out[f"error_{side}"] = share, share * 10 ** (-rows[f"snr_{side}"] / 10)
    sums = out.groupby(["inversion", "method"]).sum()
    for side in ("inside", "outside"):
        signal, error = sums.pop(f"signal_{side}"), sums.pop(f"error_{side}")
        sums[f"snr_{side}"] = (10 * np.log10(signal / error)).where(signal > 0)
    return sums.reset_index()


def _paired(means):
    """Scores of LoFi-ADMM minus those of each other method on the same skies; `_better`: share of skies it wins."""
    rows = means[PAIRED].reset_index("method")
    reference = rows[rows["method"] == REFERENCE]
    out = []
    for (inversion, method), own in rows.groupby(["inversion", "method"], sort=False):
        gain = (reference[PAIRED] - own[PAIRED]).dropna()
        if method == REFERENCE or gain.empty:
            continue
        row = {"inversion": inversion, "method": method, "n_images": len(gain)}
        for name, values in gain.items():
            row |= {name: values.mean(), f"{name}_se": values.sem(), f"{name}_better": (values > 0).mean()}
        out.append(row)
    columns = [name + end for name in PAIRED for end in ("", "_se", "_better")]
    table = pd.DataFrame(out, columns=["inversion", "method", "n_images", *columns])
    return table.sort_values("inversion", kind="stable")


if __name__ == "__main__":
    run(snakemake, radio_tables)
