"""Tables of scores: means and standard errors, CSV files, LaTeX, and one HTML page of them for the report."""

import pandas as pd

from lofi.io.atomic import replacing
from workflow.drawing import label

MEASURES = {"psnr": ("PSNR [dB]", 2), "ssim": ("SSIM", 3)}

PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>{}</title>
<style>body {{font: 13px sans-serif}} table {{border-collapse: collapse; border: 0}}
td, th {{border: 0; border-bottom: 1px solid #ccc; padding: 2px 8px; text-align: right}}</style>{}"""


def write_tables(tables, page, title):
    """Write `{CSV path: (heading, data frame)}` and the `page` of all of them."""
    parts = []
    for path, (heading, table) in tables.items():
        with replacing(path) as temporary:
            table.to_csv(temporary, index=False, float_format="%.6g")
        parts.append(f"<h2>{heading}</h2>{table.to_html(index=False, float_format='%.4g'.__mod__)}")
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


def write_latex(path, table, splits, words=("method",), numbers=()):
    """The lines of `mean_scores` in LaTeX, mean ± standard error.

    words : columns of text before them; numbers : columns (name, heading, digits) after them, NaN is a dash.
    """
    heads = [*words, *(f"{split}, {text}" for split in splits for text, _ in MEASURES.values())]
    heads += [heading for _, heading, _ in numbers]
    columns = "l" * len(words) + "c" * (len(heads) - len(words))
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\hline", " & ".join(heads) + r" \\", r"\hline"]
    for _, row in table.iterrows():
        cells = [row[word] for word in words]
        cells += [
            rf"${row[f'{split}_{name}']:.{digits}f} \pm {row[f'{split}_{name}_se']:.{digits}f}$"
            for split in splits
            for name, (_, digits) in MEASURES.items()
        ]
        cells += ["--" if pd.isna(row[name]) else f"${row[name]:.{digits}f}$" for name, _, digits in numbers]
        lines.append(" & ".join(cells) + r" \\")
    with replacing(path) as temporary:
        temporary.write_text("\n".join([*lines, r"\hline", r"\end{tabular}", ""]))
