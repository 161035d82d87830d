"""PSNR against the iteration of LoFi-ADMM for every picture, beside the biharmonic fill."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.style import save, style
from lofi.io import hdf5
from lofi.io.stack import by_folder
from workflow.drawing import label
from workflow.job import run


def fig09_trace(
    *, problems: list[Path], traces: list[Path], scores: list[Path], methods: list[str], png: Path, pdf: Path
) -> None:
    """A row for each problem, a column for each method; `traces` lie beside the problems, in the order of `methods`."""
    plt, problems, traces = style(), by_folder(problems), by_folder(traces)
    rows = pd.concat([pd.read_csv(path) for path in scores]).set_index(["inpainting", "picture"])["psnr"]
    shape = len(problems), len(methods)
    size = 3.4 * shape[1], 2.7 * shape[0]
    figure, axes = plt.subplots(*shape, figsize=size, layout="constrained", squeeze=False, sharey="row")
    for line, (name, path) in zip(axes, problems.items(), strict=True):
        record, truth = hdf5.read(*path, "truth")
        for panel, method, trace in zip(line, methods, traces[name], strict=True):
            steps = pd.read_csv(trace)
            for i, picture in enumerate(record["pictures"]):
                own, true = steps[steps["picture"] == i], truth[i].astype(np.float64)
                psnr = own["snr"] + 20 * np.log10(np.ptp(true) / np.sqrt(np.mean(true**2)))
                solid = record["splits"][i] == record["splits"][0]
                (drawn,) = panel.plot(own["iteration"], psnr, "-" if solid else "--", lw=1.2, label=picture)
                panel.axhline(rows[name, picture], color=drawn.get_color(), lw=0.8, ls=":")
            panel.set_title(f"{label(method)}, {record['kept']:.0%} kept")
            panel.set_xlabel("iteration")
        line[0].set_ylabel("PSNR [dB]")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right", title="dotted: biharmonic")
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, fig09_trace)
