"""`lofi stack`: the mean at positions, its profile, and the errors that chance gives them."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table

from lofi.cli import main
from lofi.io.fits import write_maps
from lofi.lensing.stacking import PlaneImage, interpolated, profile, stack
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header
from lofi.mapping import map_observation

ROOT = Path(__file__).parents[3]
COSMOS = ROOT.parent / "shared/data/lensing/cosmos_hst_catalogue.npz"
GROUPS = ROOT.parent / "shared/data/lensing/cosmos_xray_groups.csv"  # id, ra, dec, z of Finoguenov et al. (2007)
CENTRE, PIXEL, SIDE = (40.0, -60.0), 2.0, 80


@pytest.fixture(scope="module")
def places():
    return np.random.default_rng(1).uniform(10, SIDE - 11, (2, 40))


@pytest.fixture(scope="module")
def image(places):
    """Gaussians of height 0.05 and 2 pixels at the places, in noise; a corner is masked."""
    y, x = np.mgrid[:SIDE, :SIDE]
    blobs = sum(0.05 * np.exp(-((y - a) ** 2 + (x - b) ** 2) / 8) for a, b in places.T)
    image = blobs + 0.02 * np.random.default_rng(2).standard_normal(blobs.shape)
    image[:8, :8] = np.nan
    return image


@pytest.fixture
def files(image, places, tmp_path):
    """A map and a table of the places, two of them outside of it."""
    wcs = tangent_wcs(CENTRE, PIXEL, image.shape)
    maps = {
        "KAPPA": (image, ""),
        "KAPPA_KS_B": (np.random.default_rng(3).permutation(image.ravel()).reshape(SIDE, SIDE), ""),
    }
    write_maps(tmp_path / "kappa.fits", maps, wcs_header(wcs), simulated=True, history=[])
    sky = wcs.pixel_to_world(places[1], places[0])
    table = Table({"RA": np.append(sky.ra.deg, [10.0, 40.0]), "dec": np.append(sky.dec.deg, [0.0, -50.0])})
    table["z"] = np.linspace(0.1, 1, len(table))
    table.write(tmp_path / "clusters.csv")
    return tmp_path / "kappa.fits", tmp_path / "clusters.csv"


def test_values_between_pixels_and_at_masks():
    image = np.arange(12.0).reshape(3, 4)
    image[0, 0] = np.nan
    found = interpolated(image, np.array([1.5, 1.0, 0.5, -3.0]), np.array([2.5, 3.0, 0.5, 1.0]))
    assert found[:2] == pytest.approx([8.5, 7.0])
    assert found[2] == pytest.approx((1 + 4 + 5) / 3)
    assert np.isnan(found[3])


def test_the_profile_is_that_of_what_is_there(places):
    y, x = np.mgrid[:SIDE, :SIDE]
    image = np.exp(-((y - 40.3) ** 2 + (x - 30.6) ** 2) / (2 * 6.0**2))
    radius = np.array([0.0, 3.0, 6.0])
    found = profile(PlaneImage(image, 2.0), np.array([[40.3, 30.6]]), 2.0 * radius)
    np.testing.assert_allclose(found, np.exp(-(radius**2) / 72), rtol=0.02)


def test_errors_are_those_of_noise(places):
    """Of white noise, whose mean over positions is known: bilinear weights leave (2/3)² of its variance."""
    image = np.random.default_rng(4).standard_normal((SIDE, SIDE))
    found = stack(PlaneImage(image, PIXEL), places.T, np.zeros(1), 400, np.random.default_rng(5))
    expected = 2 / 3 / np.sqrt(len(places[0]))
    assert found.random.std() == pytest.approx(expected, rel=0.12)
    assert found.rotated.std() == pytest.approx(expected, rel=0.15)
    assert abs(found.random.mean()) < 0.1


def test_the_command(files, tmp_path, capsys):
    kappa, table = map(str, files)
    main(["stack", kappa, table, "--columns", "ra=RA", "-o", str(tmp_path / "stack.json"), "--draws", "100"])
    out, err = capsys.readouterr()
    assert "note: 40 of 42 positions lie in the map" in err
    assert len(out.splitlines()) == 12
    record = json.loads((tmp_path / "stack.json").read_text())
    found = record["profile"]
    assert found["mean"][0] == pytest.approx(0.055, abs=0.01)  # and what overlaps
    assert found["radius_arcmin"][-1] == 10
    assert found["mean"][0] > 2 * found["mean"][-1]
    assert min(found["random_snr"][0], found["turned_snr"][0]) > 4
    main(
        [
            "stack",
            kappa,
            table,
            "--columns",
            "ra=RA",
            "--map",
            "KAPPA_KS_B",
            "-o",
            str(tmp_path / "b.csv"),
            "--draws",
            "100",
        ]
    )
    assert abs(Table.read(tmp_path / "b.csv")["random_snr"][0]) < 4
    capsys.readouterr()
    main(["stack", kappa, table, "--columns", "ra=RA", "--select", "z < 0.5", "--draws", "50", "--rings", "1"])
    assert "selection z < 0.5: 19 of 42 rows" in capsys.readouterr().err


def test_bad_input_is_one_sentence(files, tmp_path, capsys):
    kappa, table = files

    def refused(words, *arguments, positions=table):
        with pytest.raises(SystemExit):
            main(["stack", str(kappa), str(positions), *map(str, arguments)])
        error = capsys.readouterr().err.strip().splitlines()
        assert len(error) == 1
        assert error[0].startswith("error: ")
        assert words in error[0]

    refused("ALPHA", "--columns", "ra=ALPHA")
    named = ["--columns", "ra=RA"]
    refused("no image TRUTH; --map takes one of KAPPA", *named, "--map", "TRUTH")
    refused("--draws is 10; expected at least 50", *named, "--draws", 10)
    for radius in ("inf", "nan", "-1"):
        refused(f"--radius is {radius}; expected at least 0, and finite", *named, "--radius", radius)
    refused("--radius is 20000; expected at most ", *named, "--radius", 20000)
    refused("must end in .json or .csv", *named, "-o", "stack.txt")
    refused("--columns names e1", "--columns", "ra=RA,e1=z")
    refused("no rows where z > 5", *named, "--select", "z > 5")
    elsewhere, broken, empty = (tmp_path / f"{name}.csv" for name in ("elsewhere", "broken", "empty"))
    elsewhere.write_text("ra,dec\n220,60\n221,60\n")
    broken.write_text("ra,dec\n40,-60\n40,-600\n")
    empty.write_text("ra,dec\n")
    refused("none of the 2 positions", positions=elsewhere)
    refused("1 of 2 rows whose ra or dec is missing or no angle in degrees (first: row 2)", positions=broken)
    refused("empty.csv", positions=empty)
    refused("expected a table of positions", positions=kappa)


@pytest.mark.skipif(not (COSMOS.exists() and GROUPS.exists()), reason="the COSMOS catalogue and groups are not here")
def test_x_ray_groups_of_cosmos(tmp_path, capsys):
    """The prior that ships finds the groups more clearly than its Wiener filter, that more clearly than smoothing."""
    options = yaml.safe_load((ROOT / "config/observations/cosmos.yaml").read_text())["observations"]["cosmos"]
    map_observation(COSMOS, options, output=tmp_path / "kappa.fits")
    found = {}
    for name in ("KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "KAPPA_KS_B"):
        main(["stack", str(tmp_path / "kappa.fits"), str(GROUPS), "--map", name, "-o", str(tmp_path / f"{name}.csv")])
        found[name] = Table.read(tmp_path / f"{name}.csv")["random_snr"][0]
    assert "66 of 72 positions lie in the map" in capsys.readouterr().err
    assert found["KAPPA"] > found["KAPPA_WIENER"] > found["KAPPA_SMOOTHED"] > 5.5
    assert abs(found["KAPPA_KS_B"]) < 3
    with fits.open(tmp_path / "kappa.fits") as hdus:
        assert SkyCoord(150.1, 2.2, unit="deg").contained_by(
            tangent_wcs((150.12, 2.24), 2.34, hdus["KAPPA"].data.shape)
        )
