"""The page of null tests of an observation: what `lofi check` finds, by the keys of its entry."""

import numpy as np
import pandas as pd
from astropy.table import Table
from mock_surveys import mock_survey

from workflow.configuration.observations import is_catalogue
from workflow.scripts.null_tests import null_tests


def test_an_additive_bias_is_on_the_page(tmp_path):
    survey = mock_survey(np.random.default_rng(5), side=40, density=2.0, offset=0.02)
    columns = {"ra": survey.ra, "dec": survey.dec, "e1": survey.e1, "e2": -survey.e2}
    Table(columns | {"p1": survey.psf.real, "p2": -survey.psf.imag}).write(tmp_path / "cat.fits")
    named = {name: name for name in columns} | {"psf_e1": "p1", "psf_e2": "p2"}
    options = {"file": "cat.fits", "columns": named, "e2_sign": -1, "max_ellipticity": 2.0, "pixel_arcmin": 4.0}
    table, page = tmp_path / "tests.csv", tmp_path / "tests.html"
    null_tests(shear=tmp_path / "cat.fits", options=options, observation="mine", table=table, page=page)
    rows = pd.read_csv(table).set_index("name")
    bias = rows.loc["additive bias c1"]
    assert abs(bias["value"] - 0.02) < 3 * bias["error"]
    assert bias["fails"] == "yes"
    assert (rows["fails"] == np.where(rows["p_value"] < 0.01, "yes", "no")).all()
    assert "PSF ellipticity, leakage alpha" in rows.index
    text = page.read_text()
    assert "observation mine" in text
    assert "fails the null test additive bias c1" in text
    assert "error of the mean shear" in text


def test_only_catalogues_are_tested():
    assert is_catalogue({"file": "a.fits", "columns": {}})
    assert is_catalogue({"file": "a.fits", "survey": "kids-1000"})
    assert not is_catalogue({"file": "shear.fits", "mask": "mask.fits"})
