"""The page of the scoreboard."""

from collections.abc import Sequence

import pandas as pd

from workflow.published import LENSING, MEASURES, WSCLEAN
from workflow.results_page import markdown, number
from workflow.scoreboard import OTHER_DATA, TESTED, TOO_FEW

INTRODUCTION = """\
# Scoreboard

The networks that ship, beside numbers of others. This page is written by the rule `scoreboard_page`. Typed are
the numbers of others (`workflow/published.py`), the notes under the headings and the list of what is not compared; our
numbers are measured, and both columns of the rows of WSClean are from the table of `snakemake wsclean`.

*Ours* is the mean over `n` draws of the noise, ± its standard error. *Better by* is the difference in our favour. Its ±
also holds the error of the peer's number: where that was measured with one draw of the noise, the scatter of ours from
draw to draw. **Ahead**, **behind**: with 95 % confidence (Student's t: 4.3 times that ± for three draws, 2.8 for five);
else **equal within errors**. *Data*: the peer's own files, or the same recipe on others. Where there are fewer than
three draws, or other data, nothing is tested: the sign decides, a lead within its ± is called equal, and the row is
counted apart."""
NOTES = {
    LENSING: "One sky: the ± does not hold how much skies differ. Gains are over each author's own Wiener filter.",
    WSCLEAN: "Simulated galaxies, one hour of MeerKAT, 30 dB; one channel (`narrow`) or sixteen (`wide`), 128² or "
    "512² pixels. Of three thresholds of WSClean the one is compared that is best by the truth. `n` counts skies; "
    "the ± of *better by* is of the differences sky by sky. `docs/visibilities.md` has flux, time and memory.",
}
NOT_COMPARED = """\
## Not compared

* DeepMass on mocks of DES SV (Jeffrey et al. 2020: 11 % less mean squared error than the Wiener filter): the mocks are
  not among small public files.
* QuantifAI's W28 and Cygnus A.
* PnPMass, MCALens and DeepMass on their own 512 test maps: they are cut from κTNG, which is terabytes."""
OUTCOMES = ("ahead", "equal within errors", "behind")
BY_SIGN = {
    TOO_FEW: "have too few draws or skies for a test",
    OTHER_DATA: "are on other data and not tested",
}


def page_of(table: pd.DataFrame, left_out: Sequence[str], facts: dict[str, str]) -> str:
    """The page in Markdown of the table of `scoreboard`. left_out : sentences on what could not be compared here."""
    lines = [INTRODUCTION, "", f"**{_counts(table)}.**", ""]
    for part, rows in table.groupby("part", sort=False):
        sources = rows.groupby("source", sort=False)["peer"].unique().items()
        lines += [f"## {part}", "", *([NOTES[part], ""] if part in NOTES else []), markdown(_words(rows)), ""]
        lines += [*(f"* {', '.join(peers)}: {source}." for source, peers in sources), ""]
    lines += ["## Left out here", "", *(f"* {sentence}" for sentence in left_out), ""] if left_out else []
    lines += [
        NOT_COMPARED,
        "",
        "## This page",
        "",
        markdown(pd.DataFrame({"this page": facts.keys(), "": facts.values()})),
    ]
    return "\n".join(lines) + "\n"


def _counts(table: pd.DataFrame) -> str:
    """How many rows have which verdict: those tested, then those decided by sign, by the reason."""
    tested = table.loc[table["test"] == TESTED, "verdict"]
    counts = [f"{len(table)} rows: " + ", ".join(f"{(tested == outcome).sum()} {outcome}" for outcome in OUTCOMES)]
    for test, words in BY_SIGN.items():
        found = table.loc[table["test"] == test, "verdict"]
        signs = [f"{(found == sign).sum()} {sign}" for sign in ("ahead", "equal", "behind") if (found == sign).any()]
        counts += [f"{len(found)} {words}: {', '.join(signs)} by sign"] if signs else []
    return "; ".join(counts)


def _words(rows: pd.DataFrame) -> pd.DataFrame:
    measures = [MEASURES[name] for name in rows["measure"]]

    def numbers(name: str, sign: str = "") -> list[str]:
        errors = rows[f"{name}_se"] if f"{name}_se" in rows else [float("nan")] * len(rows)
        cells = zip(rows[name], measures, errors, strict=True)
        return [number(value, sign + measure.form, error) for value, measure, error in cells]

    whats = [f"{what}: {measure.heading}" for what, measure in zip(rows["what"], measures, strict=True)]
    return pd.DataFrame(
        {
            **{"what": whats, "peer": rows["peer"], "theirs": numbers("theirs"), "ours": numbers("ours")},
            **{"better by": numbers("better_by", "+"), "n": rows["n"], "data": rows["data"]},
            "verdict": [
                f"**{word}**" + ("" if test == TESTED else f" by sign: not tested, {test}")
                for word, test in zip(rows["verdict"], rows["test"], strict=True)
            ],
        }
    )
