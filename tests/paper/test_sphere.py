"""What `snakemake sphere` builds at smoke scale."""

import json
import subprocess

import healpy as hp
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from project_copy import copied
from smoke_scale import smoke

from lofi.cli import main
from lofi.io import hdf5, healpix
from lofi.lensing.shear_file import open_shear
from lofi.sphere import observing
from lofi.sphere.mapping import corrections
from lofi.sphere.shear_map import read_shear
from workflow.shards import bounds


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    project = copied(tmp_path_factory.mktemp("sphere"))
    done = subprocess.run(smoke("sphere"), cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return project / "results/smoke"


def test_every_map_is_there_and_masked_alike(built):
    columns, seen, nside = healpix.read(built / "fits/sphere/maps.fits")
    assert nside == 64
    assert list(columns) == ["KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "KAPPA_KS_E", "KAPPA_KS_B", "TRUTH"]
    assert np.array_equal(seen, read_shear(open_shear(built / "spheres/sphere/test/shear.fits")).seen)
    assert 0.2 < seen.mean() < 0.8
    with fits.open(built / "fits/sphere/maps.fits", checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus["MAPS"].header["SIMULATD"] is True
        assert "seed" in str(hdus[1].header["HISTORY"])


def test_scores_are_of_all_methods_and_regions(built):
    table = pd.read_csv(built / "scores/sphere/sky.csv").set_index(["model", "region"])
    assert set(table.index.get_level_values(0)) == {"identity", "gaussian", "wiener", "lofi"}
    rmse = table["rmse"].xs("all", level="region")
    assert rmse["wiener"] < rmse["identity"]
    assert rmse["lofi"] < 1.05 * rmse["wiener"]  # hardly trained
    pixels = table["pixels"]["lofi"]
    assert pixels["all"] == pixels["far from edges"] + pixels["near edges"]
    spectra = pd.read_csv(built / "scores/sphere/sky.spectra.csv")
    assert np.isfinite(spectra[["ratio", "r_ell"]].to_numpy()).all()


def test_the_zoom_is_a_field_of_the_sky(built):
    columns, _, nside = healpix.read(built / "fits/sphere/maps.fits")
    with fits.open(built / "fits/sphere/zoom.fits", checksum=True) as hdus:
        hdus.verify("exception")
        images = {hdu.name: hdu.data for hdu in hdus[1:]}
        wcs = WCS(hdus["KAPPA"].header)
    assert list(wcs.wcs.ctype) == ["RA---TAN", "DEC--TAN"]
    assert images["KAPPA"].shape == (20, 20)
    pixel = hp.ang2pix(nside, *wcs.all_pix2world(10, 9, 0), lonlat=True)
    for name in ("KAPPA", "KAPPA_WIENER", "TRUTH"):  # values between pixel centres: near, not equal
        assert images[name][9, 10] == pytest.approx(columns[name][pixel], abs=3 * columns[name].std()), name
    assert np.corrcoef(images["KAPPA_KS_E"].ravel(), images["TRUTH"].ravel())[0, 1] > 0.8


def test_lofi_map_makes_the_same_maps(built, tmp_path, monkeypatch):
    """Bit for bit where the tiles are read in the same two batches: few points make ducc0 choose another kernel."""

    def in_two_parts(model, harmonics, alms, tiling, seen, numbers):
        for part in range(2):
            yield from corrections(model, harmonics, alms, tiling, seen, range(*bounds(len(tiling), 2, part)))

    monkeypatch.setattr(observing, "corrections", in_two_parts)
    output = tmp_path / "kappa.fits"
    shear, model = built / "spheres/sphere/test/shear.fits", built / "models/sphere/lofi_sphere"
    main(["map", str(shear), "--prior", str(model), "--output", str(output)])
    maps, seen, _ = healpix.read(output)
    workflow, workflow_seen, _ = healpix.read(built / "fits/sphere/maps.fits")
    assert np.array_equal(seen, workflow_seen)
    for name in ("KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "KAPPA_KS_E", "KAPPA_KS_B"):
        assert np.array_equal(maps[name], workflow[name]), name
    with fits.open(output) as command, fits.open(built / "fits/sphere/maps.fits") as exported:
        lines = [set(map(str, hdus["MAPS"].header["HISTORY"])) for hdus in (command, exported)]
    assert {line for line in lines[0] & lines[1] if line.startswith(("KAPPA: ", "KAPPA_SMOOTHED: "))}


def test_a_sky_of_boxes_is_observed_like_any_other(tmp_path):
    project, overlay = copied(tmp_path), tmp_path / "boxes.yaml"
    small = {"particles": 16, "mesh": 32, "steps": 6, "plane_pixels": 64}
    split = {"source": "nbody", "boxes": [3, 5], "maps": 1}
    overlay.write_text(
        json.dumps(
            {
                "sources": {"nbody": {"box": small, "mirrored": True}},
                "experiments": {"sphere": {"splits": {"test": split}}},
            }
        )
    )
    command = smoke("spheres/sphere/test/shear.fits", overlay=[str(overlay)])
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    run = project / "results/smoke"
    assert {path.name for path in (run / "nbody/nbody").glob("particles*.h5")} == {"particles3.h5", "particles5.h5"}
    record, kappa = hdf5.read(run / "spheres/sphere/test/sky.h5", "kappa")
    assert record["description"].startswith("sky of N-body boxes")
    assert np.abs(kappa).max() > 0
    assert read_shear(open_shear(run / "spheres/sphere/test/shear.fits")).nside == 64


def test_figures_are_drawn(built):
    for name in ("sphere", "sphere_spectra"):
        for form in ("png", "pdf"):
            assert (built / f"figures/{name}.{form}").stat().st_size > 5000
