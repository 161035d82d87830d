"""`--zbins` and `--nz`: bins of redshift, each mapped as the survey that it is."""

import shutil

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.shear_file import open_shear
from lofi.lensing.tomography import slices
from lofi.mapping import map_observation
from lofi.options import given
from lofi.seeds import stream

NAMES = {"ra": "ra", "dec": "dec", "e1": "e1", "e2": "e2", "weight": "w"}
EDGES = "z=0.2,0.6,1.0"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rng, count = stream("tomography", "galaxies"), 6000
    z = rng.random(count) * 1.2
    bin_number = np.digitize(z, [0.2, 0.6, 1.0])
    shear = rng.standard_normal((2, count)) * 0.2 * np.where(bin_number == 1, 0.7, 1.0)
    table = {"ra": 150 + rng.random(count), "dec": rng.random(count), "e1": shear[0], "e2": shear[1], "z": z}
    table |= {"w": 0.5 + rng.random(count), "bin": bin_number, "R": np.where(bin_number == 1, 0.7, 1.0)}
    folder = tmp_path_factory.mktemp("tomography")
    Table(table).write(folder / "cat.fits")
    return folder / "cat.fits"


def catalogues(path, options, prior):
    file = open_shear(path)
    return [
        (each, read_catalogue(file, CatalogueOptions(**given(CatalogueOptions, each.options))))
        for each in slices(file, options, prior)
    ]


@pytest.mark.parametrize(
    ("zbins", "select"), [(EDGES, None), ("bin", "bin == 1 | bin == 2"), ("z=0.2:0.6,0.6:1.0", "w > 0")]
)
def test_bins_part_the_galaxies_between_them(zbins, select, path, sky_prior):
    options = {"columns": NAMES, "zbins": zbins} | ({} if select is None else {"select": select})
    table = Table.read(path)
    (whole, everyone), *parts = catalogues(path, options, sky_prior)
    assert [whole.name, *(each.name for each, _ in parts)] == ["", "bin1", "bin2"]
    for number, (_, galaxies) in enumerate(parts, 1):
        np.testing.assert_array_equal(galaxies.ra, table["ra"][table["bin"] == number])
    assert len(everyone) == sum(len(galaxies) for _, galaxies in parts)
    assert sorted(everyone.ra) == sorted(np.concatenate([galaxies.ra for _, galaxies in parts]))


@pytest.mark.parametrize("stored", [np.float32, np.float64])
def test_galaxies_on_an_edge_are_in_one_bin(stored, sky_prior, tmp_path):
    rng = stream("tomography", "edges")
    z = rng.integers(10, 121, 3000) / 100
    table = {key: rng.random(3000) * 0.1 for key in NAMES.values()} | {"z": z.astype(stored).astype(float)}
    Table(table | {"z_b": z.astype(stored)}).write(tmp_path / "cat.fits")
    edges = [0.1, 0.3, 0.5, 0.7, 0.9, 1.2]
    expected = np.histogram(np.rint(100 * z), [11, 31, 51, 71, 91, 121])[0].tolist()
    for column in ("z_b", "z"):
        options = {"columns": NAMES, "zbins": f"{column}={','.join(map(str, edges))}", "m": [0.0] * 5}
        (_, everyone), *parts = catalogues(tmp_path / "cat.fits", options, sky_prior)
        assert [len(galaxies) for _, galaxies in parts] == expected
        assert len(everyone) == sum(expected)


def test_bins_without_an_end(path, sky_prior):
    z = Table.read(path)["z"]
    parts = catalogues(path, {"columns": NAMES, "zbins": "z=-inf,0.6,inf"}, sky_prior)
    assert [len(galaxies) for _, galaxies in parts] == [len(z), np.sum(z <= 0.6), np.sum(z > 0.6)]


def test_negative_numbers_are_no_bins(path, sky_prior, tmp_path):
    table = Table.read(path)
    table["bin"] = np.where(table["bin"] == 0, -1, np.where(table["bin"] == 3, -99, 1000000 + table["bin"]))
    table.write(tmp_path / "cat.fits")
    (_, everyone), *parts = catalogues(tmp_path / "cat.fits", {"columns": NAMES, "zbins": "bin"}, sky_prior)
    assert [each.name for each, _ in parts] == ["bin1", "bin2"]
    assert [len(galaxies) for _, galaxies in parts] == [np.sum(table["bin"] == 1000000 + n) for n in (1, 2)]
    assert f"bins bin: {np.sum(table['bin'] < 0)} of 6000 rows outside left out" in everyone.notes
    table["bin"] = -1
    table.write(tmp_path / "none.fits")
    with pytest.raises(ValueError, match="'bin' has no whole number ≥ 0"):
        slices(open_shear(tmp_path / "none.fits"), {"columns": NAMES, "zbins": "bin"}, sky_prior)


def test_each_bin_is_calibrated_by_itself(path, sky_prior):
    columns = NAMES | {"r11": "R", "r22": "R"}
    options = {"columns": columns, "zbins": EDGES, "estimator": "metacal", "m": [0.1, -0.1]}
    (_, everyone), (_, first), (_, second) = catalogues(path, options, sky_prior)
    table = Table.read(path)
    np.testing.assert_allclose(first.e1, table["e1"][table["bin"] == 1] / 0.7 / 1.1, rtol=1e-12)
    np.testing.assert_allclose(second.e1, table["e1"][table["bin"] == 2] / 0.9, rtol=1e-12)
    assert sorted(everyone.e1) == pytest.approx(sorted([*first.e1, *second.e1]), rel=1e-12)


def test_redshifts_are_means_of_the_column_or_of_the_distribution(path, sky_prior, tmp_path):
    table = Table.read(path)
    options = {"columns": NAMES, "zbins": EDGES}
    found = slices(open_shear(path), options, sky_prior)
    for number, each in enumerate(found[1:], 1):
        inside = table["bin"] == number
        assert each.options["redshift"] == pytest.approx(np.average(table["z"][inside], weights=table["w"][inside]))
    z = np.linspace(0, 2, 101)
    densities = [np.exp(-0.5 * ((z - middle) / 0.1) ** 2) for middle in (0.5, 0.9)]
    np.savetxt(tmp_path / "nz.txt", np.stack([z, *densities], axis=1))
    found = slices(open_shear(path), options | {"nz": str(tmp_path / "nz.txt")}, sky_prior)
    assert [each.options["redshift"] for each in found[1:]] == pytest.approx([0.5, 0.9], abs=0.04)
    assert found[1].options["redshift"] < found[0].options["redshift"] < found[2].options["redshift"]
    assert "source plane with the power of n(z) 1 of nz.txt" in found[1].notes[-1]
    with pytest.raises(ValueError, match=r"n\(z\) of 2 bins, .* has 1 \(0.2 to 0.6\)"):
        slices(open_shear(path), {"columns": NAMES, "zbins": "z=0.2,0.6", "nz": str(tmp_path / "nz.txt")}, sky_prior)
    with pytest.raises(ValueError, match="--redshift and --nz both say"):
        slices(open_shear(path), options | {"nz": str(tmp_path / "nz.txt"), "redshift": 0.7}, sky_prior)


@pytest.mark.parametrize(
    ("zbins", "message"),
    [
        ("z=0.2:0.7,0.6:1.0", r"the bins 0.2 to 0.7 and 0.6 to 1 of '.*cat\.fits' share galaxies"),
        ("z=0.6:1.0,0.2:0.6", r"the bins 0\.6 to 1 and 0\.2 to 0\.6 of '.*cat\.fits' do not rise"),
        *[(f"{name}=0.2,0.6", r"the column '.*' of '.*cat\.fits' cannot part it") for name in ("z.b", "z-phot", "2dz")],
        ("z[0]=0.2,0.6", r"the column 'z\[0\]' of '.*cat\.fits' cannot part it into maps \(--zbins\)"),
        ("z=0.6,0.2", "with rising edges"),
        ("z", r"does not number bins; give their edges, --zbins z=LOW"),
        ("z=0.2,0.6,3,4", r"no galaxy of positive weight in the bin 3 to 4 of 'z' \(--zbins\)"),
        ("redshift=0,1", "has no column 'redshift'"),
    ],
)
def test_bins_that_are_none_are_refused(zbins, message, path, sky_prior):
    with pytest.raises(ValueError, match=message):
        slices(open_shear(path), {"columns": NAMES, "zbins": zbins}, sky_prior)


def test_every_bin_has_a_file_on_the_same_pixels(path, checkpoint_folder, tmp_path, capsys):
    options = {"columns": NAMES, "zbins": EDGES, "pixel_arcmin": 2.4}
    map_observation(path, options, prior=checkpoint_folder, output=tmp_path / "kappa.fits")
    names = ["kappa-bin1.fits", "kappa-bin2.fits", "kappa.fits"]
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    counts, headers = zip(
        *[(fits.getdata(tmp_path / n, "COUNT"), fits.getheader(tmp_path / n, "KAPPA")) for n in names], strict=True
    )
    np.testing.assert_array_equal(counts[0] + counts[1], counts[2])
    assert (
        len({tuple(header[key] for key in ("CRVAL1", "CRVAL2", "CRPIX1", "NAXIS1", "NAXIS2")) for header in headers})
        == 1
    )
    assert "bin 2 of 2: z 0.6 to 1" in str(fits.getheader(tmp_path / names[1])["HISTORY"]).replace("\n", " ")
    assert fits.getheader(tmp_path / names[1])["ZSOURCE"] == pytest.approx(0.8, abs=0.02)


def test_figures_may_be_in_a_new_folder_of_another_disk(path, checkpoint_folder, tmp_path, small_disk):
    options = {"columns": NAMES, "zbins": "z=0.2,0.6", "centre": (150.5, 0.5), "shape": (24, 24)}
    small_disk(4000)
    figure = tmp_path / "disk/new/k.png"
    map_observation(path, options, prior=checkpoint_folder, output=tmp_path / "k.fits", figure=figure)
    assert sorted(file.name for file in figure.parent.iterdir()) == ["k-bin1.png", "k.png"]


@pytest.mark.parametrize(
    ("role", "name"), [("shear", "k-bin2.fits"), ("mask", "k-bin1.png"), ("mask", "k.fits"), ("nz", "k.fits")]
)
def test_no_input_is_overwritten(role, name, path, checkpoint_folder, tmp_path):
    copy = shutil.copy(path, tmp_path / name)
    options = {"columns": NAMES, "zbins": EDGES} | ({} if role == "shear" else {role: str(copy)})
    chosen = {"prior": checkpoint_folder, "output": tmp_path / "k.fits", "figure": tmp_path / "k.png"}
    with pytest.raises(ValueError, match=f"{name} is the input itself and would be overwritten"):
        map_observation(copy if role == "shear" else path, options, **chosen)
    assert copy.read_bytes() == path.read_bytes()


def test_a_mistake_of_the_distribution_does_not_blame_the_catalogue(path, sky_prior, tmp_path):
    z = np.linspace(0, 2, 101)
    np.savetxt(tmp_path / "nz.txt", np.stack([z, *2 * [np.exp(-0.5 * ((z - 0.5) / 0.1) ** 2)]], axis=1))
    with pytest.raises(ValueError, match=r"^'[^']*nz\.txt' has n\(z\) of 2 bins; name their column"):
        slices(open_shear(path), {"columns": NAMES, "nz": str(tmp_path / "nz.txt")}, sky_prior)


def test_nothing_is_written_where_a_bin_is_refused(path, checkpoint_folder, tmp_path):
    options = {"columns": NAMES, "zbins": EDGES, "centre": (150.5, 0.5), "shape": (24, 24), "max_ellipticity": 0.6}
    with pytest.raises(ValueError, match=r"\|e\| > 0\.6"):
        map_observation(path, options, prior=checkpoint_folder, output=tmp_path / "kappa.fits")
    assert list(tmp_path.iterdir()) == []
