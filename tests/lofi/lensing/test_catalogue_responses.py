"""Ellipticities are divided by the response of their estimator, if it can be."""

import numpy as np
import pytest
from shear_tables import COLUMNS, GALAXIES, read, write


@pytest.mark.parametrize(
    ("options", "factor"),
    [
        ({}, 1.0),
        ({"responsivity": 1.7}, 1.7),
        ({"estimator": "lensfit"}, 1.0),
        ({"estimator": "lensfit", "responsivity": 0.97}, 0.97),
        ({"estimator": "metacal", "responsivity": 0.68}, 0.68),
        ({"estimator": "hsc-regauss", "responsivity": 0.84}, 1.68),
    ],
)
def test_estimators_divide_by_their_response(options, factor, tmp_path):
    catalogue = read(write(tmp_path / "cat.csv", GALAXIES), **options)
    np.testing.assert_allclose(catalogue.e1, GALAXIES["e1"] / factor)
    assert any(f"divided by {factor:g}" in note for note in catalogue.notes) == (factor != 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"estimator": "metacal"}, "no sheared variants 1p, 1m, 2p, 2m of 'e1'; .* --responsivity"),
        ({"estimator": "metadetect"}, "lacks the tables of metadetect's variants"),
        ({"estimator": "hsc-regauss"}, "needs --responsivity"),
        ({"estimator": "hsc-regauss", "responsivity": 1.68}, "the command doubles R itself"),
        ({"estimator": "metacal", "responsivity": 20.0}, "expected R of metacal, from 0.1 to 1.5"),
        ({"estimator": "im3shape"}, "expected one of shear, lensfit, metacal, metadetect, hsc-regauss"),
        ({"responsivity": -1.0}, "responsivity is -1"),
    ],
)
def test_responses_that_cannot_be_are_refused(options, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        read(write(tmp_path / "cat.csv", GALAXIES), **options)
    with pytest.raises(ValueError, match="needs its weights"):
        read(write(tmp_path / "unweighted.csv", GALAXIES), COLUMNS | {"weight": None}, estimator="lensfit")
