"""Reader of κTNG maps: planes, all formats, all refusals, pixels."""

import h5py
import numpy as np
import pytest
from astropy.io import fits

from lofi.data import ktng_planes
from lofi.seeds import stream
from simulations.images import ktng

SIZE = 16


@pytest.fixture
def kappa():
    return 0.01 + 0.02 * stream("ktng", "map").standard_normal((SIZE, SIZE))


def write_dat(path, kappa, head=None, tail=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    size = len(kappa)
    parts = (np.int32(head or size), kappa.astype("<f8"), np.int32(tail or size))
    path.write_bytes(b"".join(part.tobytes() for part in parts))


def write_hdf5(path, kappa, planes=(19, 20)):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.create_group("config")  # the release has an entry that is no plane
        for plane in planes:
            file[f"z{plane:02d}/kappa"] = (kappa * plane / 20).astype(np.float32)


def write(path, kappa):
    if path.suffix == ".hdf5":
        write_hdf5(path, kappa)
    elif path.suffix == ".dat":
        write_dat(path, kappa)
    elif path.suffix == ".npy":
        np.save(path, kappa)
    else:
        fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(kappa[None], name="KAPPA")]).writeto(path)
    return path


NAMES = ["LP001_run001_maps.hdf5", "kappa20.dat", "map.npy", "map.fits"]


def test_redshifts_of_the_planes():
    redshifts = ktng_planes.plane_redshifts()
    assert len(redshifts) == 40
    for plane, redshift in {13: 0.506, 20: 0.857522, 23: 1.034, 30: 1.532}.items():
        assert redshifts[plane - 1] == pytest.approx(redshift, abs=6e-4 if plane != 20 else 2e-6)
    assert (np.diff(redshifts) > 0).all()


def test_plane_by_number_and_by_redshift():
    assert ktng_planes.plane_number(number=20) == 20
    assert ktng_planes.plane_number(redshift=0.86) == 20
    assert ktng_planes.plane_number(redshift=0.857522) == 20


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"redshift": 0.9}, r"nearest planes are 20 \(z = 0.8575\) and 21 \(z = 0.91"),
        ({"redshift": float("nan")}, "nearest planes"),
        ({"number": 41}, "planes are 1 to 40"),
        ({"number": 0}, "planes are 1 to 40"),
        ({}, "exactly one"),
        ({"number": 20, "redshift": 0.86}, "exactly one"),
    ],
)
def test_plane_that_does_not_exist(given, message):
    with pytest.raises(ValueError, match=message):
        ktng_planes.plane_number(**given)


@pytest.mark.parametrize("name", NAMES)
def test_all_formats_give_the_map(tmp_path, kappa, name):
    image = ktng.read_map(write(tmp_path / name, kappa), 20, SIZE)
    assert image == pytest.approx(kappa, abs=1e-8)
    assert image.dtype.isnative


def test_hdf5_plane_is_chosen(tmp_path, kappa):
    path = write(tmp_path / "a.hdf5", kappa)
    assert ktng.read_map(path, 19, SIZE) == pytest.approx(kappa * 19 / 20, abs=1e-8)
    with pytest.raises(ValueError, match="no source plane 'z07'; available planes: z19, z20"):
        ktng.read_map(path, 7, SIZE)


def test_hdf5_without_planes_or_kappa(tmp_path):
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["something"] = 1
    with pytest.raises(ValueError, match=r"none among \['something'\]"):
        ktng.read_map(tmp_path / "a.hdf5", 20)
    with h5py.File(tmp_path / "b.hdf5", "w") as file:
        file["z20/gamma1"] = np.zeros((4, 4))
    with pytest.raises(ValueError, match=r"no dataset 'z20/kappa'; 'z20' holds \['gamma1'\]"):
        ktng.read_map(tmp_path / "b.hdf5", 20)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("keep", [0.5, 0.0])
def test_truncated_files(tmp_path, kappa, name, keep):
    path = write(tmp_path / name, np.tile(kappa, (8, 8)))
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(ValueError, match=name):
        ktng.read_map(path, 20, 8 * SIZE)


@pytest.mark.parametrize("name", NAMES)
def test_files_of_another_kind(tmp_path, name):
    (tmp_path / name).write_text("<html>404 Not Found</html>")
    with pytest.raises(ValueError, match=name):
        ktng.read_map(tmp_path / name, 20)


def test_the_two_sizes_of_a_binary_map_must_agree(tmp_path, kappa):
    write_dat(tmp_path / "kappa20.dat", kappa, tail=SIZE + 1)
    with pytest.raises(ValueError, match="first number gives the size 16, its last one 17"):
        ktng.read_map(tmp_path / "kappa20.dat", 20, SIZE)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_not_finite(tmp_path, kappa, name, bad):
    kappa[2, 3] = bad
    with pytest.raises(ValueError, match="1 pixels that are NaN or inf"):
        ktng.read_map(write(tmp_path / name, kappa), 20, SIZE)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((16, 12)), r"shape \(16, 12\); expected a square"),
        (np.zeros((2, 16, 16)), r"shape \(2, 16, 16\); expected a map with two axes"),
        (np.zeros((8, 8)), "8 × 8 pixels; expected 16 × 16"),
        (np.zeros((16, 16), int), "values of type int64"),
    ],
)
def test_wrong_arrays(tmp_path, array, message):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match=message):
        ktng.read_map(tmp_path / "a.npy", 20, SIZE)


def test_missing_and_unknown_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no convergence map"):
        ktng.read_map(tmp_path / "a.npy", 20)
    (tmp_path / "a.png").touch()
    with pytest.raises(ValueError, match="none of the known formats"):
        ktng.read_map(tmp_path / "a.png", 20)
    fits.PrimaryHDU().writeto(tmp_path / "a.fits")
    with pytest.raises(ValueError, match="no image HDU"):
        ktng.read_map(tmp_path / "a.fits", 20)


def test_maps_are_found_in_order_and_by_lens_planes(tmp_path, kappa):
    for lens, run in [(2, 1), (1, 2), (1, 1), (3, 1)]:
        write_hdf5(tmp_path / f"LP{lens:03d}/LP{lens:03d}_run{run:03d}_maps.hdf5", kappa)
    names = [path.name[:12] for path in ktng.find_maps(tmp_path, 20)]
    assert names == ["LP001_run001", "LP001_run002", "LP002_run001", "LP003_run001"]
    train, test = (ktng.find_maps(tmp_path, 20, lens_planes=sets) for sets in ((1, 2), (3, 3)))
    assert (len(train), len(test)) == (3, 1)
    with pytest.raises(FileNotFoundError, match=r"no map of LP004 to LP009 .* \[1, 2, 3\]"):
        ktng.find_maps(tmp_path, 20, lens_planes=(4, 9))
    with pytest.raises(ValueError, match="1 ≤ first ≤ last"):
        ktng.find_maps(tmp_path, 20, lens_planes=(3, 1))


def test_binary_maps_are_found_by_plane(tmp_path, kappa):
    for plane in (13, 20):
        write_dat(tmp_path / f"LP001/run001/kappa{plane}.dat", kappa)
    (tmp_path / "zs.dat").write_text("1 0.03")
    assert [path.name for path in ktng.find_maps(tmp_path, 20)] == ["kappa20.dat"]
    with pytest.raises(FileNotFoundError, match=r"kappa21.dat.* found only the planes \[13, 20\]"):
        ktng.find_maps(tmp_path, 21)


def test_nothing_or_too_much_is_found(tmp_path, kappa):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        ktng.find_maps(tmp_path / "absent", 20)
    with pytest.raises(FileNotFoundError, match=r"LPxxx_runyyy_maps.hdf5 .* found none"):
        ktng.find_maps(tmp_path, 20)
    write(tmp_path / "a.npy", kappa)
    with pytest.raises(ValueError, match="cannot be assigned to a lens-plane set"):
        ktng.find_maps(tmp_path, 20, lens_planes=(1, 2))
    write(tmp_path / "a.fits", kappa)
    with pytest.raises(ValueError, match=r"several formats \(fits, npy\)"):
        ktng.find_maps(tmp_path, 20)


def test_two_suites_are_not_mixed(tmp_path, kappa):
    for suite in ("dmonly", "fullphys"):
        write_hdf5(tmp_path / suite / "LP001/LP001_run001_maps.hdf5", kappa)
    with pytest.raises(ValueError, match=r"both LP001 run001; .* one suite"):
        ktng.find_maps(tmp_path, 20)


def test_area_average(kappa):
    image = ktng.pixelise(kappa, 4, mean="keep")
    assert image[1, 2] == pytest.approx(kappa[4:8, 8:12].mean())
    assert image.mean() == pytest.approx(kappa.mean())
    assert ktng.pixelise(kappa, 4).mean() == pytest.approx(0.0, abs=1e-15)
    with pytest.raises(ValueError, match="a divisor of 16, the size of the map; pixels is 5"):
        ktng.pixelise(kappa, 5)


def test_authors_crop_warns_of_its_noise():
    kappa = stream("ktng", "crop").standard_normal((1024, 1024)).astype(np.float32)
    with pytest.warns(UserWarning, match=r"pixels of 0.29′ instead of 2.34′; .* 8 times too small"):
        image = ktng.pixelise(kappa, 128, "authors_crop", mean="keep")
    assert (image == kappa[448:576, 448:576]).all()


@pytest.mark.parametrize("options", [{"method": "zoom"}, {"mean": "one"}, {"pixels": 17}, {"pixels": 0}])
def test_wrong_pixelisation(kappa, options):
    with pytest.raises(ValueError, match=r"expected|cannot be turned"):
        ktng.pixelise(kappa, **{"pixels": 8, **options})


def test_iteration_and_disagreeing_shapes(tmp_path, kappa):
    paths = [tmp_path / f"{i}.npy" for i in range(3)]
    for path in paths:
        np.save(path, kappa)
    images = list(ktng.read_maps(paths, 20, 8, size=SIZE))
    assert len(images) == 3
    assert images[0] == pytest.approx(ktng.pixelise(kappa, 8))
    np.save(paths[2], kappa[:8, :8])
    with pytest.raises(ValueError, match=r"2.npy' has the shape \(8, 8\), .*0.npy' has \(16, 16\)"):
        list(ktng.read_maps(paths, 20, 8, size=None))
