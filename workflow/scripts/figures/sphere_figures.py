"""The sky in Mollweide's projection and one field of it in all methods; spectra and correlations beside the truth."""

from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits

from lofi.drawing.sphere import METHODS, show_sphere
from lofi.drawing.style import save, show_map, style
from lofi.io import healpix
from workflow.drawing import label
from workflow.job import run

PANELS = {"TRUTH": "truth"} | {column: label(model) for column, model in METHODS.items()}


def sphere_figures(
    *, maps: Path, zoom: Path, scores: Path, spectra: Path, png: Path, pdf: Path, spectra_png: Path, spectra_pdf: Path
) -> None:
    _spectra(spectra, [spectra_png, spectra_pdf])
    plt = style()
    columns, seen, nside = healpix.read(maps)
    table = pd.read_csv(scores).query("region == 'all'").set_index("model")
    with fits.open(zoom) as hdus:
        images = {name: hdus[name].data for name in PANELS}
        mask, header = hdus["PRECISION"].data < 0.05, hdus["KAPPA"].header
    figure = plt.figure(figsize=(9.0, 6.2), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=[1.35, 1.0])
    axes = upper.subplots(1, 1)
    low, high = np.percentile(columns["KAPPA"][seen], [0.5, 99.8])
    drawn = show_sphere(axes, columns["KAPPA"], seen, nside, low, high)
    axes.set_title(f"LoFi, Nside {nside}, {seen.mean():.0%} of the sky; equatorial, grey: masked")
    upper.colorbar(drawn, ax=axes, label="κ", shrink=0.7)
    limit = 0.6 * np.abs(images["TRUTH"]).max()
    panels = lower.subplots(1, len(PANELS))
    side = abs(header["CD2_2"]) * images["TRUTH"].shape[0]
    for axes, (name, title) in zip(panels, PANELS.items(), strict=True):
        drawn = show_map(axes, np.where(mask, np.nan, images[name]), limit, low=-0.5 * limit)
        axes.set_facecolor("0.7")
        axes.set_title(title)
        if name in METHODS:
            row = table.loc[METHODS[name]]
            axes.set_xlabel(f"RMSE {row['rmse']:.5f}\nr = {row['pearson_r']:.3f}")
    panels[0].set_xlabel(f"{side:.1f}° × {side:.1f}°\nra {header['CRVAL1']:.0f}°, dec {header['CRVAL2']:.0f}°")
    lower.colorbar(drawn, ax=panels[-1], label="κ")
    save(figure, [png, pdf])


def _spectra(rows, paths):
    plt = style()
    table = pd.read_csv(rows)
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 2.8), layout="constrained")
    for model, part in table.groupby("method", sort=False):
        left.plot(part["ell"], part["ratio"], label=label(model))
        right.plot(part["ell"], part["r_ell"], label=label(model))
    left.axhline(1.0, color="0.6", linewidth=0.8)
    left.set(xscale="log", yscale="log", xlabel="ℓ", ylabel="C$_ℓ$ / C$_ℓ$ of the truth", ylim=(1e-3, 30))
    right.set(xscale="log", xlabel="ℓ", ylabel="r$_ℓ$", ylim=(0, 1.02))
    left.legend()
    save(figure, paths)


if __name__ == "__main__":
    run(snakemake, sphere_figures)
