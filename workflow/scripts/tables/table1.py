"""Table I: PSNR and SSIM of every model on every split of slices, with standard errors; the printed table beside it."""

import pandas as pd

from lofi.io.atomic import replacing
from workflow.drawing import label
from workflow.job import job
from workflow.score_tables import write_tables

MEASURES = {"psnr": ("PSNR [dB]", 2), "ssim": ("SSIM", 3)}


def table1(*, scores, printed, summary, printed_copy, latex, page):
    rows = pd.concat([pd.read_csv(path) for path in scores])
    splits = list(dict.fromkeys(rows["split"]))
    table = _means(rows, splits)
    tables = {
        summary: ("Made by this run: means and standard errors (_se) over slices", table),
        printed_copy: (
            "Printed in the paper: other slices, larger networks; not made by this run",
            pd.read_csv(printed),
        ),
    }
    write_tables(tables, page, "Low-dose CT: Table I")
    with replacing(latex) as temporary:
        temporary.write_text(_latex(table, splits))


def _means(rows, splits):
    lines = []
    for model, own in rows.groupby("model", sort=False):
        line = {"model": model, "method": label(model, observed="FBP")}
        for split in splits:
            chosen = own[own["split"] == split]
            for measure in MEASURES:
                line[f"{split}_{measure}"] = chosen[measure].mean()
                line[f"{split}_{measure}_se"] = chosen[measure].sem()
            line[f"{split}_slices"] = len(chosen)
        lines.append(line)
    return pd.DataFrame(lines)


def _latex(table, splits):
    heads = [f"{split}, {text}" for split in splits for text, _ in MEASURES.values()]
    lines = [
        rf"\begin{{tabular}}{{l{'c' * len(heads)}}}",
        r"\hline",
        " & ".join(["method", *heads]) + r" \\",
        r"\hline",
    ]
    for _, row in table.iterrows():
        cells = [
            rf"${row[f'{split}_{name}']:.{digits}f} \pm {row[f'{split}_{name}_se']:.{digits}f}$"
            for split in splits
            for name, (_, digits) in MEASURES.items()
        ]
        lines.append(" & ".join([row["method"], *cells]) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])


with job(snakemake):
    table1(
        scores=snakemake.input.scores,
        printed=snakemake.input.printed,
        summary=snakemake.output.summary,
        printed_copy=snakemake.output.printed,
        latex=snakemake.output.latex,
        page=snakemake.output.page,
    )
