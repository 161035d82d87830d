"""The scoreboard: verdicts, rows, the page, and what is left out where public files are missing."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from smoke_scale import smoke

from workflow.configuration import load
from workflow.cosmos_case import scores_of
from workflow.published import MEASURES, PUBLISHED, Published
from workflow.radio_case import read_sky
from workflow.scoreboard import against, against_wsclean, how_decided, scoreboard, verdict
from workflow.scoreboard_cases import case_files, left_out, measured_cases
from workflow.scoreboard_page import page_of

ROOT = Path(__file__).parents[2]
OPTIONS = load(ROOT / "config/scoreboard.yaml")["scoreboard"]
ROW = Published("Part", "M31", "m31.1h", "peer", "snr", 25.0, False, "same", "Author 2024")
LOWER = Published("Part", "a map", "cosmos", "peer", "rmse", 0.0225, True, "same", "Author 2023")
WSCLEAN = pd.DataFrame(
    [
        ("narrow", 0, "lofi", 30.0, 10.0, True),
        ("narrow", 0, "wsclean", 25.0, 12.0, True),
        ("narrow", 0, "wsclean", 20.0, 30.0, False),  # another threshold
        ("narrow", 1, "lofi", 31.0, 11.0, True),
        ("narrow", 1, "wsclean", 26.2, 13.1, True),
    ],
    columns=["comparison", "sky", "imager", "snr", "logsnr", "compared"],
)


@pytest.mark.parametrize(
    ("better_by", "error", "n", "data", "expected"),
    [
        (0.28, 0.1, 5, "same", "ahead"),  # Student's t for 95 % and five values is 2.776, for three 4.303
        (0.27, 0.1, 5, "same", "equal within errors"),
        (-0.27, 0.1, 5, "same", "equal within errors"),
        (-0.28, 0.1, 5, "same", "behind"),
        (0.42, 0.1, 3, "same", "equal within errors"),
        (-0.34, 0.03, 2, "same", "behind"),  # too few to know their scatter: the sign decides
        (0.001, np.nan, 1, "same", "ahead"),
        (-0.001, np.nan, 1, "same", "behind"),
        (0.0, np.nan, 1, "same", "equal"),
        (0.08, 0.1, 5, "other cut-outs", "equal"),
        (0.27, 0.1, 5, "other cut-outs", "ahead"),  # how much other data differ is not known: the sign again
    ],
)
def test_confidence_decides(better_by, error, n, data, expected):
    assert verdict(better_by, error, n, how_decided(n, data)) == expected


def test_what_is_no_number_is_refused_by_name():
    with pytest.raises(ValueError, match="5 values is nan"):
        verdict(1.0, np.nan, 5, how_decided(5, "same"))
    measured = pd.DataFrame({"case": "m31.1h", "draw": range(4), "snr": [27.0, 27.1, np.nan, 27.2]})
    with pytest.raises(ValueError, match=r"^m31\.1h, draw 2: snr is nan, not a finite number\.$"):
        scoreboard(measured)
    with pytest.raises(ValueError, match=r"^tables/wsclean\.csv, narrow, sky 1: the difference of snr is nan"):
        against_wsclean(WSCLEAN.iloc[:-1])


def test_more_decibels_are_better():
    row = against(ROW, [26.0, 27.0, 28.0])
    assert row["better_by"] == pytest.approx(2.0)
    assert (row["ours_se"], row["better_by_se"]) == pytest.approx((1 / np.sqrt(3),) * 2)
    assert (row["n"], row["verdict"]) == (3, "equal within errors")


def test_less_rmse_is_better_and_a_single_draw_of_the_peer_counts():
    row = against(LOWER, [0.0210, 0.0215, 0.0220])
    assert row["better_by"] == pytest.approx(0.0010)
    assert row["better_by_se"] == pytest.approx(0.0005 * np.sqrt(1 / 3 + 1))
    assert row["verdict"] == "equal within errors"
    assert against(LOWER, [0.0230, 0.02301, 0.02302])["verdict"] == "behind"


def test_wsclean_is_compared_sky_by_sky_at_its_best_threshold():
    snr, logsnr = against_wsclean(WSCLEAN)
    assert (snr["theirs"], snr["ours"], snr["n"]) == (pytest.approx(25.6), 30.5, 2)
    assert snr["better_by"] == pytest.approx(4.9)
    assert snr["better_by_se"] == pytest.approx(0.1)  # of the differences 5.0 and 4.8
    assert (snr["verdict"], logsnr["verdict"]) == ("ahead", "behind")


def test_only_measured_cases_have_rows_and_defeats_are_printed():
    lines = {"case": ["m31.1h"] * 2 + ["3c288.8h"], "draw": [0, 1, 0], "snr": [27.09, 27.11, 32.5]}
    table = scoreboard(pd.DataFrame(lines), WSCLEAN)
    assert table["what"].tolist() == ["M31, 1 h", "3C 288, 8 h", "narrow", "narrow"]
    assert table["verdict"].tolist() == ["ahead", "behind", "ahead", "behind"]
    page = page_of(table, ["3c288.1h: there is no file x.npz."], {"commit": "abc"})
    few = "4 have too few draws or skies for a test: 2 ahead, 2 behind by sign"
    assert f"**4 rows: 0 ahead, 0 equal within errors, 0 behind; {few}.**" in page
    by_sign = [f"**{sign}** by sign: not tested, too few values" for sign in ("ahead", "behind")]
    assert f"| M31, 1 h: SNR [dB] | QuantifAI | 25.29 | 27.10 ± 0.01 | +1.81 ± 0.02 | 2 | same | {by_sign[0]} |" in page
    assert f"| 3C 288, 8 h: SNR [dB] | QuantifAI | 33.02 | 32.50 | −0.52 | 1 | same | {by_sign[1]} |" in page
    assert "* 3c288.1h: there is no file x.npz." in page
    assert "| commit | abc |" in page
    assert "Liaudat et al. 2024" in page
    assert "nan" not in page.lower()


def test_rows_decided_by_sign_are_counted_apart():
    gains = {"rmse": [0.021, 0.0211, 0.0212], "r": 0.7, "gain": [3.7, 3.9, 3.91]}
    page = page_of(scoreboard(pd.DataFrame({"case": "cosmos", "draw": range(3)} | gains)), [], {})
    apart = "3 are on other data and not tested: 2 ahead, 1 equal by sign"
    assert f"**9 rows: 6 ahead, 0 equal within errors, 0 behind; {apart}.**" in page
    assert page.count("| **ahead** by sign: not tested, other data |") == 2


def test_a_scoreboard_without_rows_is_a_page():
    page = page_of(scoreboard(pd.DataFrame(columns=["case"])), ["WSClean: there is no command wsclean here."], {})
    assert "**0 rows: 0 ahead" in page
    assert "WSClean: there is no command" in page


def test_every_published_number_has_a_case_a_measure_and_a_source():
    cases = {*case_files(OPTIONS, ROOT), "cosmos.wiener"}
    assert {row.case for row in PUBLISHED} == cases
    assert {row.measure for row in PUBLISHED} <= set(MEASURES)
    assert all(row.source and row.data for row in PUBLISHED)


def test_missing_files_leave_out_their_cases_alone(tmp_path):
    for name in ("m31.fits", "3c288.fits", "meerkat_1h_uv_rescaled.npz", "meerkat_8h_uv_rescaled.npz"):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / name).touch()
    cases = case_files(OPTIONS, tmp_path)
    measured = measured_cases(OPTIONS | {"draws": 2}, cases)
    assert measured == [
        f"scoreboard/{sky}.{h}h/{draw}.csv" for sky in ("m31", "3c288") for h in (1, 8) for draw in (0, 1)
    ]
    sentences = left_out(cases)
    assert "m31.2h, 3c288.2h: there is no file meerkat_2h_uv_rescaled.npz" in sentences[0]
    assert [sentence.split(":")[0] for sentence in sentences[2:]] == ["cosmos"] * 4
    named = (ROOT / "docs/data.md").read_text()
    assert "### The scoreboard" in named
    assert all(Path(path).name in named for path in OPTIONS["cosmos"].values())


def test_a_sky_is_scaled_and_made_square(tmp_path):
    sky = np.linspace(-3, 5, 17 * 16).reshape(1, 17, 16)
    fits.writeto(tmp_path / "sky.fits", sky)
    found = read_sky(tmp_path / "sky.fits")
    assert found.shape == (16, 16)
    assert (found.min(), found.max()) == (0, 1)
    fits.writeto(tmp_path / "square.fits", sky[0, :16])
    np.testing.assert_allclose(read_sky(tmp_path / "square.fits"), (sky[0, :16] + 3) / np.ptp(sky[0, :16]))


def test_the_mean_of_a_map_is_no_error():
    truth, seen = np.random.default_rng(0).standard_normal((8, 8)), np.ones((8, 8), bool)
    seen[0] = False
    shifted = np.where(seen, 2 + truth, 1e3)
    assert scores_of(shifted, truth, seen) == {"rmse": pytest.approx(0), "r": pytest.approx(1)}


def test_without_public_files_the_target_still_builds_its_page(project, tmp_path):
    for command in ("bash", "sh", "which"):  # no wsclean
        (tmp_path / command).symlink_to(shutil.which(command))
    environment = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(smoke("scoreboard.md"), cwd=project, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    page = (project / "results/smoke/scoreboard.md").read_text()
    assert "**0 rows" in page
    assert "there is no file m31.fits" in page
    assert "there is no command wsclean here" in page
