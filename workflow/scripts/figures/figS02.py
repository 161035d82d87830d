"""Figure S2: pictures of 1024² denoised by a field that was trained at 128², whole and close up; its memory."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io import hdf5
from workflow.close_up import busiest_square
from workflow.job import run


def figS02(*, panels: Path, scores: Path, memory: Path, png: Path, pdf: Path) -> None:
    plt = style()
    _, truth, noisy, denoised = hdf5.read(panels, "truth", "noisy", "denoised")
    rows, needed = pd.read_csv(scores), pd.read_csv(memory)
    figure, axes = plt.subplots(len(truth), 6, figsize=(11.4, 2.2 * len(truth)), layout="constrained", squeeze=False)
    for i, line in enumerate(axes):
        row, square = rows.iloc[i], busiest_square(truth[i], truth.shape[-1] // 6)
        images = {
            f"noisy\n{row['psnr_noisy']:.2f} dB, {row['ssim_noisy']:.3f}": noisy[i],
            f"LoFi\n{row['psnr']:.2f} dB, {row['ssim']:.3f}": denoised[i],
            "truth\n": truth[i],
        }
        for place, (title, image) in enumerate(images.items()):
            show_map(line[place], image, 1.0, cmap="gray", low=0)
            show_map(line[place + 3], image[square], 1.0, cmap="gray", low=0)
            line[place].set_title(title)
            line[place + 3].set_title("close-up\n")
        line[0].set_ylabel(f"{row['split']}: {row['picture'].replace('_', ' ')}")
    last = needed.iloc[-1]
    figure.supxlabel(
        f"{truth.shape[-1]}²; peak memory at {last['pixels']:.0f}²: {last['peak_mb']:.0f} MB, {last['seconds']:.1f} s",
        size="small",
    )
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, figS02)
