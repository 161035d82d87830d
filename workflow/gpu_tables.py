"""What `benchmarks/gpu.py` measured, as tables of words beside the paper's."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from workflow.drawing import label

MEASURED = Path(__file__).parents[1] / "benchmarks/measured/gpu_h200.json"
LABELS = {"lofi": "LoFi", "lofi+filter": "LoFi with filter"}
PUBLISHED = {  # Table II of the paper: an A100 of 80 GB, images of CelebA-HQ
    "dncnn": ("23 GB / 200 s", "78 GB / 28 min", "> 80 GB", "> 80 GB"),
    "ircnn": ("16 GB / 120 s", "55 GB / 500 s", "> 80 GB", "> 80 GB"),
    "unet": ("6 GB / 40 s", "16 GB / 100 s", "60 GB / 380 s", "> 80 GB"),
    "drunet": ("7 GB / 60 s", "22 GB / 220 s", "79 GB / 800 s", "> 80 GB"),
    "lofi+filter": ("3 GB / 80 s", "3 GB / 100 s", "5 GB / 140 s", "15 GB / 300 s"),
    "lofi": ("2 GB / 60 s", "2 GB / 80 s", "2 GB / 120 s", "3 GB / 260 s"),
}
MISSING = {"memory": "out of memory", "time": "not tried"}


def gpu_tables(path: Path = MEASURED) -> dict[str, pd.DataFrame]:
    """{heading: table} of the JSON that `benchmarks/gpu.py` printed."""
    report = json.loads(path.read_text(encoding="utf-8"))
    worst = report["agreement"]["worst"]
    return {
        f"Memory of training and time of an epoch (30 000 images in 64s), on one {report['device']}": _training(
            report["training"]
        ),
        "LoFi-ADMM with the prior that ships, from the positive image to the end": _imaging(report["imaging"]),
        "The published field in three precisions: denoising, 300 steps": _precision(report["precision"]),
        "Largest difference between processor and GPU, of the largest output": pd.DataFrame(
            {
                "products": ["float32", "TF32"],
                "networks": [f"{worst[mode]:.1e}" for mode in ("float32", "tf32")],
                "24 iterations of LoFi-ADMM": [
                    f"{report['imaging']['difference'][mode]:.1e}" for mode in ("float32", "tf32")
                ],
            }
        ),
    }


def _training(rows: dict[str, Any]) -> pd.DataFrame:
    lines = []
    for name, published in PUBLISHED.items():
        cells = {size: cell for size, cell in rows[name].items() if size.isdigit()}
        line = {"network": LABELS.get(name, label(name)), "parameters": f"{rows[name]['parameters'] / 1e6:.1f} M"}
        for (size, cell), printed in zip(cells.items(), published, strict=True):
            line[f"{size}²"] = MISSING.get(cell.get("outcome")) or f"{_memory(cell)} / {_time(cell)}"
            line[f"paper (A100), {size}²"] = printed
        lines.append(line)
    return pd.DataFrame(lines)


def _memory(cell):
    peak = cell["peak_gb"]
    return f"{peak:.1f} GB" if peak < 10 else f"{peak:.0f} GB"


def _time(cell):
    seconds = cell["epoch_seconds"]
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"


def _imaging(rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "image": f"{size}²",
            "seconds": f"{row['seconds']:.0f}",
            "iterations": str(row["iterations"]),
            "peak memory [GB]": f"{row['peak_gb']:.2f}",
            "SNR [dB]": f"{row['snr_db']:.1f}",
            "SNR of positivity alone [dB]": f"{row['positivity_snr_db']:.1f}",
        }
        for size, row in rows.items()
        if size.isdigit()
    )


def _precision(rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "precision": mode.replace("tf32", "TF32"),
            "step [ms]": f"{1000 * row['step_seconds']:.1f}",
            "distance of the gradient": f"{row['gradient']:.1%}",
            "image of 128² [ms]": f"{1000 * row['image_seconds']:.1f}",
            "PSNR [dB]": f"{row['psnr_db']:.2f}",
        }
        for mode, row in rows.items()
        if mode != "seconds"
    )
