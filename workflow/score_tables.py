"""Tables of scores: means and standard errors, CSV files, LaTeX, and one HTML page of them for the report."""

from html import escape

import pandas as pd

from lofi.io.atomic import replacing
from workflow.drawing import label

MEASURES = {"psnr": ("PSNR [dB]", 2), "ssim": ("SSIM", 3)}

PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>{}</title>
<style>body {{font: 13px sans-serif}} table {{border-collapse: collapse; border: 0}}
td, th {{border: 0; border-bottom: 1px solid #ccc; padding: 2px 8px; text-align: right}}</style>{}"""


def write_tables(tables, page, title, notes=()):
    """Write `{CSV path: (heading, data frame)}` and the `page` of all of them, with sentences below."""
    parts = []
    for path, (heading, table) in tables.items():
        with replacing(path) as temporary:
            table.to_csv(temporary, index=False, float_format="%.6g")
        parts.append(f"<h2>{heading}</h2>{table.to_html(index=False, float_format='%.4g'.__mod__)}")
    parts += [f"<p>{escape(note)}</p>" for note in notes]
    with replacing(page) as temporary:
        temporary.write_text(PAGE.format(title, "".join(parts)))


def mean_scores(rows, observed, counted):
    """PSNR and SSIM of each model on each split, and standard errors (_se): one line per model.

    rows : a line per image, with `model`, `split` and the measures. observed : what the identity shows. counted : what
    the images are, `{split}_{counted}` of them.
    """
    lines = []
    for model, own in rows.groupby("model", sort=False):
        line = {"model": model, "method": label(model, observed=observed)}
        for split in dict.fromkeys(rows["split"]):
            chosen = own[own["split"] == split]
            for measure in MEASURES:
                line[f"{split}_{measure}"] = chosen[measure].mean()
                line[f"{split}_{measure}_se"] = chosen[measure].sem()
            line[f"{split}_{counted}"] = len(chosen)
        lines.append(line)
    return pd.DataFrame(lines)


def score_columns(splits):
    """The columns of `mean_scores` for `write_latex`."""
    return {
        f"{split}_{name}": (f"{split}, {text}", digits) for split in splits for name, (text, digits) in MEASURES.items()
    }


def write_latex(path, table, words, numbers=None):
    """A table in LaTeX (booktabs).

    words : columns of text. numbers : {column: (heading, digits)}; with its standard error where the table has a column
    `{column}_se`, a dash for NaN.
    """
    shown = table[list(words)].astype(str)
    align = "l" * len(shown.columns) + "c" * len(numbers or {})
    for name, (heading, digits) in (numbers or {}).items():
        cells = table[name].map(f"{{:.{digits}f}}".format)
        if f"{name}_se" in table:
            cells += table[f"{name}_se"].map(rf" \pm {{:.{digits}f}}".format)
        shown[heading] = ("$" + cells + "$").where(table[name].notna(), "--")
    style = shown.style.hide(axis="index").format(escape="latex-math").format_index(escape="latex-math", axis=1)
    with replacing(path) as temporary:
        style.to_latex(temporary, hrules=True, column_format=align)
