"""The built results of the default run: what the project claims of its radio images.

Skipped where nothing is built, or where the built run is not the laptop scale.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits

RESULTS = Path(__file__).parents[2] / "results"
INVERSIONS = {"radio_128": 128, "radio_512": 512, "radio_fine": 256}


@pytest.fixture(scope="module")
def config():
    path = RESULTS / "config.yaml"
    if not path.exists() or not (RESULTS / "tables" / "radio_paired.csv").exists():
        pytest.skip("no radio images are built; `make run` builds them")
    config = yaml.safe_load(path.read_text())
    if any(config["inversions"][name]["pixels"] != pixels for name, pixels in INVERSIONS.items()):
        pytest.skip("the built results are of another scale")
    return config


@pytest.fixture(scope="module")
def scores(config):
    return pd.read_csv(RESULTS / "tables" / "radio.csv").set_index(["inversion", "method"])


@pytest.fixture(scope="module")
def paired(config):
    return pd.read_csv(RESULTS / "tables" / "radio_paired.csv").set_index(["inversion", "method"])


@pytest.fixture(scope="module")
def details(config):
    return pd.read_csv(RESULTS / "tables" / "radio_details.csv").set_index(["inversion", "method"])


@pytest.mark.parametrize("method", ["positivity", "total_variation", "total_variation_oracle"])
def test_the_field_as_a_prior_beats_the_classical_ones_at_128(paired, method):
    row = paired.loc[("radio_128", method)]
    for measure in ("snr", "logsnr"):
        assert row[measure] - 2 * row[f"{measure}_se"] > 0
        assert row[f"{measure}_better"] >= 0.9


@pytest.mark.parametrize("inversion", ["radio_512", "radio_fine"])
@pytest.mark.parametrize("method", ["positivity", "total_variation"])
def test_it_beats_those_that_do_not_see_the_truth_at_other_sizes(paired, inversion, method):
    row = paired.loc[(inversion, method)]  # few skies: no claim on the oracle
    assert row["snr"] > 0
    assert row["snr_better"] >= 0.75


@pytest.mark.parametrize("inversion", INVERSIONS)
def test_the_reconstruction_fits_the_visibilities_and_keeps_the_flux(scores, inversion):
    row = scores.loc[(inversion, "lofi_admm")]
    assert 0.9 < row["chi2"] < 1.05
    assert row["flux_ratio"] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("inversion", INVERSIONS)
def test_each_control_beats_the_simpler_one(scores, inversion):
    snr = scores.loc[inversion]["snr"]
    assert snr["total_variation_oracle"] > snr["positivity"] > snr["dirty"]
    assert snr["clean"] > snr["dirty"]


def test_what_was_measured_is_known_better_than_what_was_not(details):
    rows = details.loc["radio_fine"]
    assert (rows["snr_inside"] > rows["snr_outside"] + 3).all()
    assert abs(rows.loc["dirty", "snr_outside"]) < 0.1  # a dirty image holds nothing there


def test_the_iterations_end_where_they_are_best(config):
    for inversion in INVERSIONS:
        trace = pd.read_csv(RESULTS / "inversions" / inversion / "lofi_admm.trace.csv")
        snr = trace.pivot(index="iteration", columns="problem", values="snr")
        assert (snr.iloc[-1] > snr.max() - 1.0).mean() > 0.9


def test_the_denoiser_beats_total_variation_where_admm_uses_it(config):
    gain = pd.read_csv(RESULTS / "tables" / "denoisers.csv").set_index(["model", "split", "level"])["gain"]
    lofi, tv = (gain[model]["test"] for model in ("lofi_denoiser", "tv_denoiser"))
    used = (lofi.index > 1e-4) & (lofi.index < 0.05)
    assert used.any()
    assert (lofi[used] > tv[used]).all()


def test_fits_files_say_what_they_are(config):
    for inversion in INVERSIONS:
        images = config["inversions"][inversion]["export"]["images"]
        files = sorted((RESULTS / "fits" / inversion).glob("*.fits"))
        assert len(files) == 6 * images
        with fits.open(RESULTS / "fits" / inversion / "image_00-model.fits") as hdus:
            model, header = hdus[0].data[0, 0], hdus[0].header
        assert header["SIMULATD"] is True
        assert header["BUNIT"] == "Jy/pixel"
        truth = fits.getdata(RESULTS / "fits" / inversion / "image_00-truth.fits")[0, 0]
        assert np.corrcoef(model.ravel(), truth.ravel())[0, 1] > 0.9
