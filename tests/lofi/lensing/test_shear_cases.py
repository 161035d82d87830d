"""Small catalogues as surveys publish them, with their true galaxies; only where the cases lie beside the project."""

import archive_cases
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits

from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map_files import read_shear_map
from lofi.lensing.tangent_plane import mean_direction, unit_vectors
from lofi.sphere.shear_map import read_shear

LSST = {"ra": "coord_ra", "dec": "coord_dec", "e1": "e1", "e2": "e2"}
UPPER = {"ra": "RA", "dec": "DEC", "e1": "E1", "e2": "E2"}
HSC = {"ra": "i_ra", "dec": "i_dec", "e1": "e1", "e2": "e2", "weight": "weight"}
CATALOGUES = {
    "radians_survey.fits": (LSST, {}),
    "radians_tract.fits": (LSST, {}),
    "hours.fits": (UPPER, {}),
    "csv_hsc.csv": (HSC, {}),
    "csv_null.csv": (HSC, {"drop_invalid": True}),
    "null_weight.fits": (UPPER | {"weight": "W"}, {"drop_invalid": True}),
    "null_packed.fits": (UPPER, {"drop_invalid": True}),
    "tables_ccd.fits": (UPPER, {}),
    "tables_bins.fits": (UPPER, {"hdu": "all"}),
}
pytestmark = [
    archive_cases.need("lensing_cases"),
    pytest.mark.filterwarnings("ignore:.*left out"),
]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Folder of the files, and what is true of each."""
    return archive_cases.create("lensing_cases", tmp_path_factory.mktemp("cases"))


def control_of(name):
    """The same galaxies in the plainest form."""
    return "tables_control.fits" if name.startswith("tables") else name.replace(".", "_control.")


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_holds_the_galaxies_of_its_control(cases, name):
    folder, truths = cases
    columns, options = CATALOGUES[name]
    catalogue, truth = read_catalogue(open_shear(folder / name), CatalogueOptions(columns, **options)), truths[name]
    plain = {key: value for key, value in options.items() if key != "hdu"}
    control = read_catalogue(open_shear(folder / control_of(name)), CatalogueOptions(columns, **plain))
    assert len(catalogue) == len(control) == truth["galaxies"]
    assert mean_direction(unit_vectors(catalogue.ra, catalogue.dec).mean(axis=0)) == pytest.approx(
        truth["centre"], abs=0.1
    )
    assert np.sqrt(np.mean(catalogue.e1**2 + catalogue.e2**2) / 2) == pytest.approx(
        truth["sigma_e"], rel=0.06
    )  # with the shear of the lenses
    for key in ("ra", "dec", "e1", "e2", "weight"):
        values, expected = np.sort(getattr(catalogue, key)), np.sort(getattr(control, key))
        np.testing.assert_allclose(values, expected, rtol=1e-7, atol=2e-5)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("csv_null.csv", "76 of 3800 rows"),
        ("null_weight.fits", "TNULL 999999.* 368 of 8000 rows"),
        ("null_packed.fits", "413 of 8000 rows .*TNULL -32768"),
        ("tables_bins.fits", "1 BIN1, 2 BIN2, 3 BIN3.*--hdu"),
    ],
)
def test_what_must_be_asked_is_asked(cases, name, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_catalogue(open_shear(cases[0] / name), CatalogueOptions(CATALOGUES[name][0]))


def test_a_map_with_lonpole_shows_the_sky_of_its_control(cases):
    maps = [read_shear_map(open_shear(cases[0] / name)) for name in ("lonpole.fits", "lonpole_control.fits")]
    rows, columns = np.mgrid[: maps[0].shape[0], : maps[0].shape[1]]
    sky = [SkyCoord(*m.wcs.all_pix2world(columns, rows, 0), unit="deg").ravel() for m in maps]
    index, separation, _ = sky[0].match_to_catalog_sky(sky[1])
    assert separation.arcsec.max() < 1.0
    np.testing.assert_allclose(maps[0].gamma.ravel(), maps[1].gamma.ravel()[index], atol=1e-6)


def test_the_mean_of_a_catalogue_on_the_sphere_has_a_frame(cases):
    folder, _ = cases
    control = read_shear(open_shear(folder / "frame_control.fits"))
    with pytest.raises(ValueError, match="TREECORR for means"):
        read_shear(open_shear(folder / "frame_catalogue.fits"))
    named = read_shear(open_shear(folder / "frame_catalogue.fits"), convention="TREECORR")
    np.testing.assert_allclose(named.gamma, control.gamma, atol=1e-7)


def test_a_sum_of_weights_needs_that_of_their_squares(cases, tmp_path):
    folder, truths = cases
    truth = truths["weight_sum.fits"]
    with pytest.raises(ValueError, match="W2SUM"):
        read_shear(open_shear(folder / "weight_sum.fits"), sigma_e=truth["sigma_e"], convention="COSMO")
    with fits.open(folder / "weight_sum.fits") as hdus:
        columns = hdus[1].columns
        squares = hdus[1].data["WEIGHT"] * truth["mean_square_weight"] / truth["mean_weight"]
        added = fits.BinTableHDU.from_columns([*columns, fits.Column("W2SUM", "D", array=squares)], hdus[1].header)
        added.writeto(tmp_path / "both.fits")
    header = fits.getheader(tmp_path / "both.fits", 1)
    options = {} if "POLCCONV" in header else {"convention": "COSMO"}
    shear = read_shear(open_shear(tmp_path / "both.fits"), sigma_e=truth["sigma_e"], **options)
    assert np.median(shear.noise_std[shear.seen]) == pytest.approx(truth["noise_std"], rel=0.01)
