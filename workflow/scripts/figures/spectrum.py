"""Cross-correlation with the truth and power relative to it, against ℓ."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.style import save, style
from workflow.drawing import label
from workflow.job import run


def spectrum(*, spectra: list[Path], split: str, png: Path, pdf: Path) -> None:
    plt = style()
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.9), layout="constrained")
    for path in spectra:
        rows = pd.read_csv(path).query("split == @split")
        mean = rows.groupby("ell")[["estimate", "truth", "cross"]].mean()
        name = label(rows["model"].iloc[0])
        axes[0].semilogx(mean.index, mean["cross"] / np.sqrt(mean["estimate"] * mean["truth"]), ".-", label=name)
        axes[1].loglog(mean.index, mean["estimate"] / mean["truth"], ".-", label=name)
    axes[1].axhline(1, color="0.6", lw=0.8)
    axes[0].set(xlabel="ℓ", ylabel="cross-correlation $r_ℓ$", ylim=(0, 1))
    axes[1].set(xlabel="ℓ", ylabel="power / true power")
    axes[1].set_ylim(1e-2, None)
    axes[0].legend()
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, spectrum)
