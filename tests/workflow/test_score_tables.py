"""Tables in LaTeX."""

import pandas as pd

from workflow.score_tables import write_latex


def test_numbers_have_errors_and_text_is_escaped(tmp_path):
    table = pd.DataFrame(
        {
            "method": ["my_net", "50 %", "$>$ 4 GB"],
            "psnr": [30.126, 21.0, -0.5],
            "psnr_se": [0.124, 1.0, 0.0],
            "rms": [float("nan"), 5.555, 1.0],
        }
    )
    write_latex(tmp_path / "a.tex", table, ["method"], {"psnr": ("chest, PSNR [dB]", 2), "rms": ("$T = 0$", 1)})
    assert (tmp_path / "a.tex").read_text().splitlines() == [
        r"\begin{tabular}{lcc}",
        r"\toprule",
        r"method & chest, PSNR [dB] & $T = 0$ \\",
        r"\midrule",
        r"my\_net & $30.13 \pm 0.12$ & -- \\",
        r"50 \% & $21.00 \pm 1.00$ & $5.6$ \\",
        r"$>$ 4 GB & $-0.50 \pm 0.00$ & $1.0$ \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
