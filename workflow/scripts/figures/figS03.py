"""Figure S3: a noisy picture and the same shifted, what the denoiser makes of them, and the truth."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io import hdf5
from workflow.job import run


def figS03(*, panels: Path, scores: Path, png: Path, pdf: Path) -> None:
    """The first picture is drawn."""
    plt = style()
    rows = pd.read_csv(scores)
    columns = {"noisy": "noisy_{}", "LoFi": "{}", "truth": "truth_{}"}
    figure, axes = plt.subplots(2, 3, figsize=(6.3, 4.5), layout="constrained")
    for above, key in zip(axes, ("original", "shifted"), strict=True):
        for panel, (title, name) in zip(above, columns.items(), strict=True):
            record, images = hdf5.read(panels, name.format(key))
            show_map(panel, images[0], 1.0, cmap="gray", low=0)
            row = rows.iloc[0]
            found = f"\n{row[f'psnr_{key}']:.2f} dB, {row[f'ssim_{key}']:.3f}" if title == "LoFi" else ""
            panel.set_title(f"{title}{found}")
        above[0].set_ylabel(key if key == "original" else f"shifted by {record['probe']['shift']} pixels")
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, figS03)
