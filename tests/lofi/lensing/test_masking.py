"""`--mask`: galaxies and pixels outside a footprint count nothing."""

import healpy as hp
import numpy as np
import pandas as pd
import pytest

from lofi.io.footprint import read_footprint
from lofi.lensing.catalogue import open_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.masking import MaskedCatalogue, masked_plane
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map import bin_shear
from lofi.lensing.tables import columns
from lofi.lensing.tangent_plane import tangent_wcs
from lofi.seeds import stream
from lofi.sphere.shear_map import bin_shear as bin_on_sphere
from lofi.sphere.shear_map import masked

CIRCLE = "icrs\ncircle(150.0, 2.0, 0.4)\n"
FAR = "icrs\ncircle(10.0, 2.0, 0.4)\n"


@pytest.fixture
def survey(tmp_path):
    """A catalogue in a file, and its table."""
    rng = stream("masking", "galaxies")
    table = pd.DataFrame({"ra": 149.5 + rng.random(500), "dec": 1.5 + rng.random(500)})
    table["e1"], table["e2"] = 0.2 * rng.standard_normal((2, 500))
    table.to_csv(tmp_path / "cat.csv", index=False)
    return open_shear(tmp_path / "cat.csv"), table


def footprint_of(folder, text):
    (folder / "mask.reg").write_text(text)
    return read_footprint(folder / "mask.reg")


@pytest.mark.parametrize("rows", [1000, 7])
def test_a_masked_catalogue_is_that_of_the_galaxies_inside(rows, survey, tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "ROWS", rows)
    file, table = survey
    footprint = footprint_of(tmp_path, CIRCLE)
    inside = footprint.contains(table["ra"].to_numpy(), table["dec"].to_numpy())
    table[inside].to_csv(tmp_path / "inside.csv", index=False)
    wcs = tangent_wcs((150.0, 2.0), 5.0, (12, 12))
    expected = bin_shear(open_catalogue(open_shear(tmp_path / "inside.csv")), wcs, (12, 12))
    found = bin_shear(MaskedCatalogue(open_catalogue(file), footprint), wcs, (12, 12))
    np.testing.assert_allclose(found.gamma, expected.gamma, atol=1e-15)
    np.testing.assert_array_equal(found.count, expected.count)
    assert f"mask mask.reg: {inside.sum()} of 500 galaxies inside" in found.notes


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_healsparse_mask_and_a_piece_without_galaxies(survey, tmp_path, monkeypatch):
    healsparse = pytest.importorskip("healsparse")
    monkeypatch.setattr(columns, "ROWS", 100)
    file, table = survey
    covered = healsparse.HealSparseMap.make_empty(32, 512, np.float32)
    covered[np.unique(hp.ang2pix(512, *table[["ra", "dec"]].to_numpy().T, lonlat=True, nest=True))] = 1.0
    covered.write(str(tmp_path / "mask.hsp"))
    table.assign(flag=np.arange(500) // 100).to_csv(file.path, index=False)
    galaxies = open_catalogue(open_shear(file.path), CatalogueOptions(select="flag != 2"))
    pieces = list(MaskedCatalogue(galaxies, read_footprint(tmp_path / "mask.hsp")).pieces())
    assert [len(piece) for piece in pieces] == [100, 100, 0, 100, 100]


def test_pixels_of_a_plane_are_masked_by_their_centres(survey, tmp_path):
    wcs = tangent_wcs((150.0, 2.0), 5.0, (12, 12))
    binned, footprint = bin_shear(open_catalogue(survey[0]), wcs, (12, 12)), footprint_of(tmp_path, CIRCLE)
    found = masked_plane(binned, footprint)
    row, column = np.mgrid[:12, :12]
    near = np.hypot(row - 5.5, column - 5.5) * 5.0 / 60 <= 0.4
    np.testing.assert_array_equal(found.mask, binned.mask & near)
    np.testing.assert_array_equal(found.gamma[found.mask], binned.gamma[found.mask])
    assert np.isinf(found.noise_std[~found.mask]).all()


def test_pixels_of_the_sphere_are_masked(survey, tmp_path):
    shear = bin_on_sphere(open_catalogue(survey[0]), 256)
    wanted = np.arange(12 * 64**2) == hp.ang2pix(64, 150.0, 2.0, lonlat=True)
    hp.write_map(tmp_path / "mask.fits", wanted.astype(float), coord="C", dtype=np.float32)
    found = masked(shear, read_footprint(tmp_path / "mask.fits"))
    centres = hp.pix2ang(256, np.arange(12 * 256**2), lonlat=True)
    np.testing.assert_array_equal(found.seen, shear.seen & wanted[hp.ang2pix(64, *centres, lonlat=True)])


def test_a_mask_of_another_field_is_refused(survey, tmp_path):
    wcs, footprint = tangent_wcs((150.0, 2.0), 5.0, (12, 12)), footprint_of(tmp_path, FAR)
    catalogue = open_catalogue(survey[0])
    with pytest.raises(ValueError, match=r"mask\.reg' covers no galaxy of .*cat\.csv"):
        bin_shear(MaskedCatalogue(catalogue, footprint), wcs, (12, 12))
    with pytest.raises(ValueError, match="covers no pixel of the map that has data"):
        masked_plane(bin_shear(catalogue, wcs, (12, 12)), footprint)
    with pytest.raises(ValueError, match="covers no pixel of the map that has data"):
        masked(bin_on_sphere(catalogue, 256), footprint)
