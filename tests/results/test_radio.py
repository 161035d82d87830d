"""The built results of the default run: what the project claims of its radio images."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

INVERSIONS = ["radio_128", "radio_512", "radio_fine"]


@pytest.fixture(scope="module")
def scores(results):
    return results.table("radio", "inversion", "method")


@pytest.fixture(scope="module")
def paired(results):
    return results.table("radio_paired", "inversion", "method")


@pytest.fixture(scope="module")
def details(results):
    return results.table("radio_details", "inversion", "method")


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


def test_the_iterations_end_where_they_are_best(results):
    for inversion in INVERSIONS:
        trace = pd.read_csv(results.path(f"inversions/{inversion}/lofi_admm.trace.csv"))
        snr = trace.pivot(index="iteration", columns="problem", values="snr").ffill()  # each sky has its own end
        assert (snr.iloc[-1] > snr.max() - 1.0).mean() > 0.9


def test_the_denoiser_beats_total_variation_where_admm_uses_it(results):
    gain = results.table("denoisers", "model", "split", "level")["gain"]
    lofi, tv = (gain[model]["test"] for model in ("lofi_denoiser", "tv_denoiser"))
    used = (lofi.index > 1e-4) & (lofi.index < 0.05)
    assert used.any()
    assert (lofi[used] > tv[used]).all()


def test_fits_files_say_what_they_are(results, config):
    for inversion in INVERSIONS:
        images = config["inversions"][inversion]["export"]["images"]
        files = sorted(results.path(f"fits/{inversion}").glob("*.fits"))
        assert len(files) == 6 * images
        with fits.open(results.path(f"fits/{inversion}/image_00-model.fits")) as hdus:
            model, header = hdus[0].data[0, 0], hdus[0].header
        assert header["SIMULATD"] is True
        assert header["BUNIT"] == "Jy/pixel"
        truth = fits.getdata(results.path(f"fits/{inversion}/image_00-truth.fits"))[0, 0]
        assert np.corrcoef(model.ravel(), truth.ravel())[0, 1] > 0.9
