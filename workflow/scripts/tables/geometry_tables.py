"""Scores and localisation of fields whose samples lie where networks put them, against T = 0."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io import hdf5
from lofi.io.stack import Stack, by_folder
from workflow.drawing import label
from workflow.job import run
from workflow.localisation import measured, ratio
from workflow.score_tables import write_latex, write_tables

PIXEL, PER_IMAGE = ["split", "kind", "image"], ["contrast", "contrast_turned", "along", "across"]


def geometry_tables(
    *,
    scores: list[Path],
    records: list[Path],
    positions: list[Path],
    data: list[Path],
    plain: str,
    summary: Path,
    steps: Path,
    latex: Path,
    page: Path,
) -> None:
    """`plain`: the model that the others are compared with; `positions`: HDF5 files named after their models."""
    psnr = pd.concat([pd.read_csv(path) for path in scores]).set_index(["split", "image"])
    truths = {split: Stack(paths, "truth")[:][:, 0] for split, paths in by_folder(data).items()}
    localised = pd.concat([_of_steps(Path(path), truths) for path in positions], ignore_index=True)
    last = localised[localised["step"] == localised.groupby("model")["step"].transform("max")]
    sizes = {Path(path).parent.name: json.loads(Path(path).read_text())["parameters"] for path in records}
    rows = [
        {"model": model, "method": label(model, observed="noisy"), "parameters": sizes[model]}
        | _scored(psnr, model, plain)
        | _localised(last[last["model"] == model], last[last["model"] == plain])
        for model in psnr["model"].unique()
    ]
    table = pd.DataFrame(rows)
    detailed = [
        {"model": model, "method": label(model), "t": step, "kind": kind} | _measures(own, own)
        for (model, step, kind), own in localised.groupby(["model", "step", "kind"], sort=False)
    ]
    tables = {
        summary: ("Scores and, of the last step, localisation; _se: standard errors over crops", table),
        steps: (
            "Localisation at every step t = 0 … T",
            pd.DataFrame(detailed).drop(columns=["relative", "relative_se"]),
        ),
    }
    write_tables(tables, page, "Where a denoiser takes its samples")
    write_latex(latex, table, ["method", "parameters"], _columns(table))


def _of_steps(path, truths):
    """Mean measures of each image, kind and step."""
    pixels = measured(*hdf5.read(path, "places", "offsets"), truths)
    return pixels.groupby([*PIXEL, "step"], sort=False)[PER_IMAGE].mean().reset_index().assign(model=path.stem)


def _scored(psnr, model, plain):
    row = {}
    for split in psnr.index.unique("split"):
        own, reference = (psnr.loc[split].query("model == @name")["psnr"] for name in (model, plain))
        gain = own - reference
        row |= {f"{split}_psnr": own.mean(), f"{split}_psnr_se": own.sem()}
        row |= {f"{split}_gain": gain.mean(), f"{split}_gain_se": gain.sem(), f"{split}_crops": len(own)}
    return row


def _localised(own, reference):
    """The measures of every kind of pixel, by column; nothing for a model without samples."""
    kinds = own.groupby("kind", sort=False)
    measures = {kind: _measures(part, reference[reference["kind"] == kind]) for kind, part in kinds}
    return {f"{kind}_{name}": value for kind, row in measures.items() for name, value in row.items()}


def _measures(own, reference):
    own, reference = (part.set_index(["split", "image"]) for part in (own, reference))
    relative, turned = ratio(own["contrast"], reference["contrast"]), ratio(own["contrast"], own["contrast_turned"])
    square, square_se = ratio(own["along"], own["across"])
    return {
        "contrast": own["contrast"].mean(),
        "relative": relative[0],
        "relative_se": relative[1],
        "turned": turned[0],
        "turned_se": turned[1],
        "elongation": np.sqrt(square),
        "elongation_se": square_se / (2 * np.sqrt(square)),
        "radius": np.sqrt((own["along"] + own["across"]).mean()),
    }


def _columns(table):
    """Columns of the LaTeX table, their headings and digits."""
    splits = [name.removesuffix("_psnr") for name in table if name.endswith("_psnr")]
    columns = {f"{split}_{name}": (f"{split}, {text}", 2) for split in splits for name, text in SCORES.items()}
    return columns | {
        f"{kind}_{name}": (f"{kind}, {text}", 3) for kind in ("edge", "corner", "flat") for name, text in OWN.items()
    }


SCORES = {"psnr": "PSNR [dB]", "gain": "gain [dB]"}
OWN = {"relative": "contrast over that of $T = 0$", "turned": "over that of turned offsets"}


if __name__ == "__main__":
    run(snakemake, geometry_tables)
