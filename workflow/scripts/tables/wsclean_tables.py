"""Scores, time and memory of `lofi image` and WSClean on the same Measurement Sets."""

import json
from pathlib import Path

import pandas as pd

from lofi.image_scores import image_scores
from workflow.compared import expected, place, read_image, read_sky
from workflow.job import run
from workflow.score_tables import write_tables

SKY = ["comparison", "sky"]


def wsclean_tables(
    *,
    truths: list[Path],
    images: list[Path],
    models: list[Path],
    residuals: list[Path],
    costs: list[Path],
    scores: Path,
    paired: Path,
    page: Path,
) -> None:
    """Two CSV files, and `page`, an HTML page of the same tables for the report."""
    skies = {path.parent: read_sky(path) for path in truths}
    rows = []
    for image, model, residual, cost in zip(images, models, residuals, costs, strict=True):
        comparison, number, imager, threshold = place(image)
        sky, restored, components = skies[image.parent], read_image(image), read_image(model)
        of_image, of_model = (image_scores(one.pixels, expected(sky, one)) for one in (restored, components))
        rows.append(
            {
                **{"comparison": comparison, "sky": number, "imager": imager, "threshold": threshold},
                **{name: of_image[name] for name in ("snr", "logsnr")},
                "model_snr": of_model["snr"],
                "flux_ratio": of_model["flux_ratio"],
                "residual_rms": read_image(residual).pixels.std(),
                **{name: getattr(restored.beam, name) for name in ("bmaj", "bmin", "bpa")},
                **json.loads(cost.read_text()),
                "image": image,
            }
        )
    table = pd.DataFrame(rows)
    best = table.groupby([*SKY, "imager"])["snr"].transform("max")
    table["compared"] = table["snr"] == best
    tables = {paired: ("lofi image against WSClean", _paired(table)), scores: ("Every image", table)}
    write_tables(tables, page, "lofi image and WSClean")


def _paired(table: pd.DataFrame) -> pd.DataFrame:
    """`lofi image` against WSClean's best image: gains in dB, mean and least, and ratios of time and memory."""
    lofi, wsclean = (
        table[(table["imager"] == imager) & table["compared"]].groupby(SKY).first() for imager in ("lofi", "wsclean")
    )
    gains = lofi[["snr", "logsnr"]] - wsclean[["snr", "logsnr"]]
    costs = lofi[["processor_seconds", "peak_gb"]] / wsclean[["processor_seconds", "peak_gb"]]
    pairs = gains.add_suffix("_gain").join(costs.add_suffix("_ratio"))
    groups = [(name, group) for name, group in pairs.groupby("comparison", sort=False)] + [("all", pairs)]
    lines = []
    for name, group in groups:
        line = {"comparison": name, "n_skies": len(group)}
        for column in gains.add_suffix("_gain"):
            line |= {column: group[column].mean(), f"{column}_least": group[column].min()}
        lines.append(line | {column: group[column].mean() for column in costs.add_suffix("_ratio")})
    return pd.DataFrame(lines)


if __name__ == "__main__":
    run(snakemake, wsclean_tables)
