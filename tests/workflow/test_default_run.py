"""The default target at smoke scale, run as a user runs it: its maps, images and records."""

import json
import re
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from project_copy import copied
from smoke_scale import jobs_of, smoke


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A copy of the project with the results of `snakemake`."""
    project = copied(tmp_path_factory.mktemp("default"))
    run = subprocess.run(smoke(), cwd=project, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    return project


@pytest.fixture(scope="module")
def built(finished):
    """Its results."""
    return finished / "results/smoke"


def overlay(folder, text):
    path = folder / "config" / "overlay.yaml"
    path.write_text(text)
    return [str(path)]


def test_nothing_is_left_to_do_and_nothing_half_written(finished):
    again = subprocess.run(smoke(dry_run=True), cwd=finished, capture_output=True, text=True)
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout + again.stderr
    assert not [path for path in (finished / "results").rglob("*") if path.name.endswith((".tmp", ".partial"))]


def test_the_table_has_a_row_per_model_and_split(built):
    table = pd.read_csv(built / "tables/mass.csv")
    measures = ["rmse", "pearson_r", "psnr", "ssim"]
    assert list(table.columns) == ["model", "split", *measures, *(f"{measure}_se" for measure in measures)]
    assert len(table) == 7 * 3
    assert not table.duplicated(["model", "split"]).any()
    assert np.isfinite(table[measures].to_numpy()).all()


def test_fits_files_say_what_they_are(built):
    files = sorted((built / "fits/mass").glob("*.fits"))
    assert len(files) == 12
    with fits.open(files[0], checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[0].header["SIMULATD"] is True
        assert "seed" in str(hdus[0].header["HISTORY"])
        for name in ("KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "KAPPA_KS_E", "KAPPA_KS_B", "TRUTH", "MASK"):
            assert hdus[name].data.shape == (128, 128)
            assert np.isfinite(hdus[name].data).all()
        wcs = WCS(hdus["KAPPA"].header)
        assert wcs.wcs.crpix == pytest.approx([64.5, 64.5])
        assert np.corrcoef(hdus["KAPPA"].data.ravel(), hdus["TRUTH"].data.ravel())[0, 1] > 0.5


def test_the_observation_resembles_its_truth(built):
    with h5py.File(built / "maps/mass/test/0000.h5") as file:
        truth = file["images"][1]
    with fits.open(built / "observations/mock/kappa.fits") as hdus:
        assert hdus[0].header["SIMULATD"] is True
        mask = hdus["MASK"].data.astype(bool)
        assert np.corrcoef(hdus["KAPPA"].data[mask], truth[mask])[0, 1] > 0.5


def test_every_inversion_is_scored_by_every_method(built):
    table = pd.read_csv(built / "tables/radio.csv")
    measures = ["snr", "psnr", "ssim", "logsnr", "flux_ratio", "chi2", "seconds"]
    assert {"inversion", "method", *measures, *(f"{measure}_se" for measure in measures)} <= set(table.columns)
    assert len(table) == 8 + 4 + 5
    assert not table.duplicated(["inversion", "method"]).any()
    assert np.isfinite(table[measures].to_numpy()).all()
    snr = table.set_index(["inversion", "method"])["snr"]["radio_128"]
    assert min(snr["positivity"], snr["lofi_admm"]) > snr["dirty"]  # few iterations of a prior hardly trained
    trace = pd.read_csv(built / "inversions/radio_128/lofi_admm.trace.csv")
    assert sorted(set(trace["iteration"])) == list(range(1, 7))
    assert sorted(set(trace["problem"])) == list(range(4))  # two skies, two noise seeds


def test_radio_images_are_what_radio_astronomers_expect(built):
    folders = [built / f"fits/radio_{name}" for name in ("128", "512", "fine")]
    prefixes = [folder / "image_00" for folder in folders] + [built / "observations/mock_visibilities/image"]
    for prefix in prefixes:
        for product, unit in (
            ("dirty", "Jy/beam"),
            ("model", "Jy/pixel"),
            ("residual", "Jy/beam"),
            ("image", "Jy/beam"),
        ):
            with fits.open(f"{prefix}-{product}.fits", checksum=True) as hdus:
                hdus.verify("exception")
                header, image = hdus[0].header, hdus[0].data
                assert header["SIMULATD"] is True
                assert header["BUNIT"] == unit
                assert [header[f"CTYPE{i}"] for i in range(1, 5)] == ["RA---SIN", "DEC--SIN", "FREQ", "STOKES"]
                assert np.isfinite(image).all()
                centre = WCS(header).celestial.pixel_to_world_values(image.shape[-1] // 2, image.shape[-2] // 2)
                assert centre == pytest.approx((header["CRVAL1"], header["CRVAL2"]))


def test_pictures_are_drawn_and_records_kept(built):
    for name in ("fig06", "spectrum", "gain", "convergence", "fig10", "radio_fine", "denoisers"):
        for form in ("png", "pdf"):
            assert (built / f"figures/{name}.{form}").stat().st_size > 5000
    record = json.loads((built / "models/mass/lofi/model.json").read_text())
    assert record["seed"] == ["lofi", "mass", "lofi"]
    assert record["data"]["fingerprint"]
    assert record["size"] == [128, 128]


def test_run_times_are_summed_up(built):
    table = pd.read_csv(built / "tables/runtimes.csv").set_index("rule")
    jobs = jobs_of(built, {"runtimes", "results_page", "opening"})
    assert jobs["train"] == 4
    assert table.drop("opening", errors="ignore")["jobs"].to_dict() == jobs
    assert table["total_s"]["train"] >= table["longest_s"]["train"] > 0
    assert table["peak_mb"]["train"] > 100


def test_a_changed_recipe_retrains_only_that_model(finished):
    changed = overlay(finished, "models: {unet: {training: {steps: 11}}}")
    plan = subprocess.run(smoke(overlay=changed, dry_run=True), cwd=finished, capture_output=True, text=True)
    assert plan.returncode == 0
    retrained = set(re.findall(r"wildcards: experiment=mass, model=(\w+)", plan.stdout))
    assert retrained == {"unet"}


def test_a_mistake_stops_the_run_at_once(project):
    wrong = overlay(project, "cosmology: {omega_m: 3}")
    run = subprocess.run(smoke(overlay=wrong), cwd=project, capture_output=True, text=True)
    assert run.returncode != 0
    assert "config/overlay.yaml: cosmology.omega_m is 3; expected at most 0.99" in run.stdout + run.stderr


def test_a_wrong_value_of_a_model_stops_the_run_before_it_simulates(project):
    wrong = overlay(project, "models: {lofi: {geometry: {radius: -1}}}")
    command = ["1" if word == "2" else word for word in smoke("mass", overlay=wrong)]  # one job after the other
    run = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert run.returncode != 0
    sentence = "error: models.lofi: geometry: rings 9, angles 9, radius -1; expected rings and angles of at least 1"
    assert sentence in run.stdout + run.stderr
    assert not (project / "results/smoke/maps").exists()
    assert not list((project / "results/smoke").rglob("*.h5"))


def test_the_published_setting_is_a_valid_plan(project):
    for folder in ("lodopab", "heads"):  # the user's
        (project / "data" / folder).mkdir(parents=True)
    options = ["--configfile", "config/paper.yaml", "--dry-run", "--quiet", "rules"]
    command = [sys.executable, "-m", "snakemake", "paper", *options]
    run = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert run.returncode == 0
    assert "train" in run.stdout + run.stderr
