"""The page of results: numbers come from the CSV files; what a run has not built is named with its command."""

import base64
import importlib.util
import os
import re
from pathlib import Path

import pandas as pd
import pytest

from workflow.opening import opening
from workflow.results_page import SECTIONS, columns, markdown, page_of, side_by_side

NETWORKS = ("network", "DnCNN", "LoFi")
FACTS = {"date": "2026-01-02", "scale": "tiny", "commit": "abc"}
TABLES = {
    "mass": """model,split,rmse,pearson_r,psnr,ssim,rmse_se
identity,test,0.03,0.4,15,0.1,0.001
lofi,test,0.0123456,0.6543,24.1,0.3,0.001
lofi,survey,0.5,0.1,1,0.1,0.1
""",
    "mass_paired": """model,split,reference,rmse_percent,rmse_percent_se,rmse_percent_box_se
lofi,test,wiener,-3.654,0.01,0.123
lofi,survey,wiener,-2.5,0.01,
wiener,test,wiener,0,0,0
""",
    "radio": """inversion,method,snr,logsnr,ssim,chi2,seconds,snr_se,logsnr_se
radio_128,clean,16.94,14,0.8,2.2,0.1,1.3,2
radio_128,lofi_admm,25.14,25.7,0.9,0.99,1.6,2,2.6
radio_512,lofi_admm,31.04,39.9,0.9,0.99,26,,
""",
    "radio_paired": """inversion,method,snr,snr_se,logsnr,logsnr_se
radio_128,clean,8.2,1.1,11.7,1.2
""",
    "verdicts": """artefact,claim,printed,measured,verdict,scale
Figure 6,maps are good,no number,a|b,reproduced,tiny
""",
}


@pytest.fixture
def run(tmp_path):
    (tmp_path / "tables").mkdir()
    for name, text in TABLES.items():
        (tmp_path / f"tables/{name}.csv").write_text(text)
    return tmp_path


def section(page, title):
    return page.split(f"## {title}\n")[1].split("\n## ")[0]


def test_what_a_gpu_measured_stands_beside_the_paper(run):
    page = section(page_of(run, FACTS), "The published networks on a GPU (Table II)")
    head, dncnn, lofi = (next(line for line in page.splitlines() if f"| {name} |" in line) for name in NETWORKS)
    assert head.count("|") == dncnn.count("|") == lofi.count("|")
    assert "9.9 GB / 59 s | 23 GB / 200 s" in dncnn
    assert "out of memory | > 80 GB | not tried | > 80 GB" in dncnn
    assert "2.9 GB / 50 s | 3 GB / 260 s" in lofi


def test_numbers_are_those_of_the_tables(run):
    page = page_of(run, FACTS)
    mass = section(page, "Dark-matter maps")
    assert "| LoFi | 0.01235 | 0.654 | 24.10 | 0.300 |" in mass  # the split `test` alone
    assert "| model | test | survey |\n| --- | --- | --- |\n| LoFi | −3.65 ± 0.12 | −2.50 ± 0.01 |" in mass
    assert "| LoFi-ADMM | 25.1 ± 2.0 | 25.7 ± 2.6 | 31.0 | 39.9 |" in section(page, "Radio images")
    assert "| Figure 6 | maps are good | no number | a\\|b | reproduced |" in section(page, "Claims of the paper")
    assert "nan" not in page.lower()
    assert all(f"| {name} | {value} |" in page for name, value in FACTS.items())


@pytest.fixture
def from_run(tmp_path, monkeypatch):
    path = Path(__file__).parents[2] / "docs/from_run.py"
    spec = importlib.util.spec_from_file_location("from_run", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "DOCS", tmp_path / "docs")
    module.DOCS.mkdir()
    return module


def test_docs_take_the_newest_page_with_links(from_run, run):
    for name, hour in {"paper_results.md": 1, "results.md": 2}.items():
        (run / name).write_text(f"{name}: `docs/sphere.md`")
        os.utime(run / name, (hour, hour))
    from_run.take(run)
    assert (from_run.DOCS / "results.md").read_text() == "results.md: [sphere](sphere.md)"


def test_docs_take_the_scoreboard_alone_too(from_run, run):
    (run / "scoreboard.md").write_text("see `docs/data.md`")
    from_run.take(run)
    assert [path.name for path in from_run.DOCS.iterdir()] == ["scoreboard.md"]
    assert (from_run.DOCS / "scoreboard.md").read_text() == "see [data](data.md)"


def test_a_run_without_a_page_is_told_in_a_sentence(from_run, run):
    with pytest.raises(SystemExit, match=r"has no results.md; `make run` writes one"):
        from_run.take(run)


def test_the_page_of_a_run_links_to_no_other_page(run):
    assert "](" not in page_of(run, FACTS)


def test_what_is_not_built_is_named_with_its_command(run):
    page = page_of(run, FACTS)
    here = {"Dark-matter maps", "Radio images", "Claims of the paper", "The published networks on a GPU (Table II)"}
    for part in SECTIONS:
        missing = "has not built it" in section(page, part.title)
        assert missing == (part.title not in here), part.title
        assert not missing or f"`snakemake {part.target} --cores 2`" in section(page, part.title)


def test_the_report_opens_on_two_pictures_and_two_tables(run):
    (run / "figures").mkdir()
    for name in ("fig06", "fig10"):
        (run / f"figures/{name}.png").write_bytes(name.encode())
    page = opening(run)
    assert page.count("<table") == 2
    assert {"0.01235", "25.1 ± 2.0"} <= set(re.findall(r">([^<>\n]+)</td>", page))
    pictures = re.findall(r"data:image/png;base64,([^\"]+)", page)
    assert [base64.b64decode(picture) for picture in pictures] == [b"fig06", b"fig10"]


def test_a_missing_combination_is_blank():
    table = pd.DataFrame({"model": ["a", "a", "b"], "split": ["x", "y", "y"], "psnr": [1.0, 2.0, 3.0]})
    shown = side_by_side(table, "model", "split", {"psnr": ("PSNR", ".1f")})
    assert shown.to_dict("list") == {"model": ["a", "b"], "x: PSNR": ["1.0", ""], "y: PSNR": ["2.0", "3.0"]}


def test_columns_that_a_table_lacks_are_left_out():
    table = pd.DataFrame({"psnr": [1.0]})
    assert markdown(columns(table, {"psnr": ("PSNR", ".1f"), "ssim": ("SSIM", ".2f")})) == "| PSNR |\n| --- |\n| 1.0 |"
