"""Tables of costs: one row per cell, how they grow with resolution, and the printed form with a row per network."""

import pandas as pd

OVER = {"memory": "memory_limit_gb", "time": "time_limit_s"}
UNITS = {"memory_limit_gb": "GB", "time_limit_s": "s"}


def read(paths):
    """The rows of cells as one data frame, in the order of the files."""
    return pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)


def growth_of(rows):
    """Per network: memory and time at its largest measured resolution over those at its smallest.

    `memory_without_images_ratio` leaves out the batch itself, which every network has to hold.
    """
    out = []
    for model, own in rows[rows["outcome"] == "ok"].groupby("model", sort=False):
        first, last = (own.loc[pick] for pick in (own["pixels"].idxmin(), own["pixels"].idxmax()))
        row = {"model": model, "from_pixels": first["pixels"], "to_pixels": last["pixels"]}
        row["image_ratio"] = (last["pixels"] / first["pixels"]) ** 2
        row["memory_ratio"] = last["peak_gb"] / first["peak_gb"]
        working = [cell["peak_gb"] - cell["images_gb"] for cell in (first, last)]
        row["memory_without_images_ratio"] = working[1] / working[0]
        out.append(row | {"time_ratio": last["batch_seconds"] / first["batch_seconds"]})
    columns = ["model", "from_pixels", "to_pixels", "image_ratio", "memory_ratio", "memory_without_images_ratio"]
    return pd.DataFrame(out, columns=[*columns, "time_ratio"])


def wide(rows, label):
    """A row per network, a column per resolution, as the paper's Table II prints them: memory / time of an epoch."""
    cells = rows.assign(text=rows.apply(_text, axis=1))
    table = cells.pivot(index="model", columns="pixels", values="text").reindex(rows["model"].unique())
    table.columns = [f"{pixels} × {pixels}" for pixels in table.columns]
    parameters = rows.groupby("model")["parameters"].min()
    table.insert(0, "parameters", [_count(parameters[model]) for model in table.index])
    table.index = [label(model) for model in table.index]
    return table.rename_axis("network").reset_index()


def _text(cell):
    if cell["outcome"] == "ok":
        return f"{cell['peak_gb']:.2g} GB / {_duration(cell['epoch_seconds'])}"
    limit = OVER[cell["outcome"]]
    return f"> {cell[limit]:g} {UNITS[limit]}"


def _duration(seconds):
    return (
        f"{seconds:.0f} s"
        if seconds < 600
        else f"{seconds / 60:.0f} min"
        if seconds < 36000
        else f"{seconds / 3600:.0f} h"
    )


def _count(number):
    return "" if pd.isna(number) else f"{number / 1e6:.1f}M" if number >= 1e6 else f"{number / 1e3:.0f}k"
