"""`lofi map` on the sphere: HEALPix maps and catalogues in, HEALPix maps out; what is refused."""

import json
import shutil
from dataclasses import replace

import healpy as hp
import numpy as np
import pytest
import torch
from astropy.io import fits
from astropy.table import Table

from lofi.cli import main
from lofi.data.noise import complex_noise
from lofi.io import checkpoint, healpix
from lofi.lensing.shear_file import open_shear
from lofi.models.registry import build
from lofi.sphere.channels import channels as observed_channels
from lofi.sphere.channels import tabulated
from lofi.sphere.filters import wiener
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import base_map, corrections, cut_out, load_sphere_model, tiling_of
from lofi.sphere.pixels import CHANNELS, pixel_arcmin
from lofi.sphere.shear_map import SphereShear, read_shear, shear_columns
from lofi.sphere.tiles import Plane
from simulations.sphere.lognormal import gaussian_alm
from simulations.sphere.observation import observed_shear, patch_planes, patches
from simulations.sphere.scores import far_from_edges

NSIDE, NOMINAL = 64, 1e-3
HARMONICS = Harmonics(NSIDE)
POWER = np.where(np.arange(HARMONICS.lmax + 1) < 2, 0.0, 1e-6 / (np.arange(HARMONICS.lmax + 1) + 20.0) ** 1.5)
DESCRIPTION = {
    "class": "lofi",
    "inputs": {"channels": list(CHANNELS), "residual": "observed"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 3.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "loss": "l2",
}


@pytest.fixture(scope="module")
def shear():
    """A survey of half the sky, poles and RA 0 in it, with a hole on the equator."""
    rng = np.random.default_rng(4)
    lon, lat = hp.pix2ang(NSIDE, np.arange(HARMONICS.pixels), lonlat=True)
    noise = NOMINAL * (1 + 0.3 * np.sin(np.radians(lon)))
    noise[(np.abs(lat) < 40) & (lon > 90) & (lon < 270)] = np.inf
    noise[np.hypot(lat, (lon + 180) % 360 - 180) < 6] = np.inf
    gamma = observed_shear(HARMONICS, gaussian_alm(POWER, HARMONICS, rng), noise, rng)
    return SphereShear(gamma, noise, NSIDE)


@pytest.fixture(scope="module")
def alms(shear):
    best = wiener(HARMONICS, shear.gamma, shear.noise_std, POWER)
    return observed_channels(HARMONICS, shear.gamma, shear.noise_std, best, NOMINAL)[0]


@pytest.fixture(scope="module")
def model_folder(alms, tmp_path_factory):
    """An untrained field whose corrections are as large as its base map."""
    rng = np.random.default_rng(5)
    observed = torch.from_numpy(patches(HARMONICS, alms, patch_planes(4, 32, NSIDE, np.arange(HARMONICS.pixels), rng)))
    torch.manual_seed(0)
    model = build(DESCRIPTION, CHANNELS, (32, 32))
    model.calibrate((observed, observed[:, :1]), (observed, observed[:, :1]))
    last = [layer for layer in model.network.modules() if isinstance(layer, torch.nn.Linear)][-1]
    torch.nn.init.normal_(last.weight)
    folder = tmp_path_factory.mktemp("sphere")
    about = {
        "task": "sphere",
        "data": {"description": "test skies", "spectrum": tabulated(POWER)},
        "noise_std": NOMINAL,
        "pixel_arcmin": pixel_arcmin(NSIDE),
        "seed": ["test"],
    }
    checkpoint.save(folder, model, DESCRIPTION, CHANNELS, (32, 32), **about)
    return folder


@pytest.fixture
def shear_file(shear, tmp_path):
    columns, cards = shear_columns(shear)
    healpix.write(tmp_path / "shear.fits", columns, shear.seen, simulated=True, history=["test"], cards=cards)
    return tmp_path / "shear.fits"


def run(shear_file, model_folder, *options):
    output = shear_file.with_name("kappa.fits")
    main(["map", str(shear_file), "--prior", str(model_folder), "--output", str(output), *options])
    return output


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        run(*arguments)
    assert stop.value.code == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].startswith("error: ")
    return said[-1]


def test_a_healpix_map_in_a_healpix_map_out(shear_file, shear, model_folder, tmp_path):
    output = run(shear_file, model_folder, "--figure", str(tmp_path / "kappa.png"))
    columns, seen, nside = healpix.read(output)
    assert nside == NSIDE
    assert np.array_equal(seen, shear.seen)
    assert list(columns) == [
        "KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "KAPPA_KS_E", "KAPPA_KS_B", "GAMMA1", "GAMMA2", "NOISE_STD",
    ]  # fmt: skip
    assert all(np.isfinite(values).all() for values in columns.values())
    with fits.open(output, checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[1].header["SIMULATD"] is True
        assert hdus[1].header["COORDSYS"] == "C"
        assert f"prior {model_folder.name}, lofi, weights " in " ".join(hdus[1].header["HISTORY"])
    read = hp.read_map(output, field=0, dtype=np.float64)
    assert np.allclose(read[seen], columns["KAPPA"][seen])
    assert (tmp_path / "kappa.png").stat().st_size > 5000


def corrected(model, record, alms, seen, tiling):
    values = np.zeros(HARMONICS.pixels)
    for pixels, added in corrections(model, HARMONICS, alms, tiling, seen, range(len(tiling))):
        values[pixels] += added
    return values


def test_two_tilings_give_one_map(shear, alms, model_folder, monkeypatch):
    """Poles, RA 0 and mask edges included: what is left is the error of the interpolation in a tile."""
    model, record = load_sphere_model(model_folder, NSIDE)
    seen, tilings = shear.seen, [tiling_of(model, record, NSIDE, tile_nside) for tile_nside in (4, 16)]
    one, other = (corrected(model, record, alms, seen, tiling) for tiling in tilings)
    base = base_map(model, HARMONICS.synthesis(alms[0])[0])
    assert one.std() > 0.1 * base.std()  # this field, untrained, says something
    lon, lat = hp.pix2ang(NSIDE, np.arange(HARMONICS.pixels), lonlat=True)
    edges = seen & ~far_from_edges(HARMONICS, seen)
    regions = {"all": seen, "poles": seen & (np.abs(lat) > 75), "ra 0": seen & (np.abs(lon) < 5), "edges": edges}
    for name, region in regions.items():
        assert (one - other)[region].std() < 0.06 * one[region].std(), name
    finer = replace(tilings[0], oversampling=3.0)
    assert (one - corrected(model, record, alms, seen, finer))[seen].std() < 0.06 * one[seen].std()

    def unturned(self, vectors, length):
        return np.broadcast_to(np.eye(2), (len(vectors), 2, 2))

    monkeypatch.setattr(Plane, "frames", unturned)  # patches along the axes of the tiles instead
    one, other = (corrected(model, record, alms, seen, tiling) for tiling in tilings)
    assert (one - other)[regions["poles"]].std() > 0.3 * one[regions["poles"]].std()


def test_a_cut_out_has_the_values_of_the_map(shear, alms, model_folder):
    model, record = load_sphere_model(model_folder, NSIDE)
    tiling = tiling_of(model, record, NSIDE, 8)
    pixels, added = next(iter(corrections(model, HARMONICS, alms, tiling, shear.seen, range(len(tiling)))))
    vectors = np.stack(hp.pix2vec(NSIDE, pixels), axis=-1)
    here = cut_out(model, record, HARMONICS, alms, vectors)
    expected = base_map(model, HARMONICS.synthesis(alms[0])[0])[pixels] + added
    assert np.abs(here - expected).max() < 0.1 * expected.std()


def test_a_catalogue_is_binned_on_the_sphere(model_folder, tmp_path):
    rng = np.random.default_rng(8)
    ra, dec = rng.uniform(350, 380, 20000) % 360, rng.uniform(60, 89.9, 20000)
    shears = complex_noise(0.3, rng, (20000,))
    shears = np.where(np.abs(shears) < 1, shears, 0)
    table = {"ra": ra, "dec": dec, "e1": shears.real, "e2": shears.imag}
    Table(table).write(tmp_path / "catalogue.fits")
    output = run(tmp_path / "catalogue.fits", model_folder, "--nside", str(NSIDE))
    _, seen, _ = healpix.read(output)
    assert np.array_equal(np.unique(hp.ang2pix(NSIDE, ra, dec, lonlat=True)), np.flatnonzero(seen))
    with fits.open(output) as hdus:
        assert hdus[1].header["INDXSCHM"] == "EXPLICIT"


def test_conventions_and_orders_are_read(shear, shear_file, tmp_path):
    read = read_shear(open_shear(shear_file))
    assert np.allclose(read.gamma, shear.gamma, atol=1e-8)
    assert np.array_equal(read.seen, shear.seen)
    flipped = tmp_path / "iau.fits"
    columns, _ = shear_columns(shear)
    columns["GAMMA2"] = (-columns["GAMMA2"][0], "")
    healpix.write(flipped, columns, shear.seen, simulated=True, history=[], cards={"POLCCONV": ("IAU", "")})
    assert np.allclose(read_shear(open_shear(flipped)).gamma, shear.gamma, atol=1e-8)
    nested = tmp_path / "nested.fits"
    maps = [hp.reorder(values, r2n=True) for values, _ in shear_columns(shear)[0].values()]
    hp.write_map(nested, maps, nest=True, coord="C", column_names=["GAMMA1", "GAMMA2", "NOISE_STD"], dtype=np.float32)
    assert np.allclose(read_shear(open_shear(nested), convention="COSMO").gamma, shear.gamma, atol=1e-8)


def changed(path, **cards):
    with fits.open(path, mode="update") as hdus:
        for key, value in cards.items():
            if value is None:
                hdus[1].header.remove(key, ignore_missing=True)
            else:
                hdus[1].header[key] = value
    return path


@pytest.mark.parametrize(
    ("cards", "options", "words"),
    [
        ({"NSIDE": 60}, (), "NSIDE is 60; expected a power of two"),
        ({"POLCCONV": None}, (), "TREECORR for means of the e1, e2 of a catalogue"),
        ({}, ("--convention", "IAU"), "says POLCCONV = COSMO, but IAU was asked for"),
        ({}, ("--ordering", "NESTED"), "says ORDERING = RING, but NESTED was asked for"),
        ({"ORDERING": None}, (), "lacks ORDERING, the order of the pixels; give --ordering RING or NESTED"),
        ({"COORDSYS": "G"}, (), "has COORDSYS G; expected C, equatorial coordinates"),
        ({}, ("--precision", "int8"), "is on the sphere; precision cannot be used with it"),
        ({}, ("--nside", "64"), "is a HEALPix map; nside cannot be used with it"),
    ],
)
def test_what_the_header_must_say(shear_file, model_folder, capsys, cards, options, words):
    assert words in refused(capsys, changed(shear_file, **cards), model_folder, *options)


def test_what_the_columns_must_be(shear, model_folder, tmp_path, capsys):
    path = tmp_path / "bad.fits"
    columns, cards = shear_columns(shear)
    everything = np.ones(HARMONICS.pixels, dtype=bool)

    def written(columns, seen=everything):
        healpix.write(path, columns, seen, simulated=True, history=[], cards=cards)
        return path

    nothing = written(columns, np.zeros_like(everything))
    assert "masks the whole sky" in refused(capsys, nothing, model_folder)
    named = written({"KAPPA": columns["GAMMA1"], "NOISE_STD": columns["NOISE_STD"]})
    assert "has the columns KAPPA, NOISE_STD; expected GAMMA1 and GAMMA2" in refused(capsys, named, model_folder)
    noiseless = written({name: columns[name] for name in ("GAMMA1", "GAMMA2")})
    assert "has no NOISE_STD; expected it, or with --sigma-e COUNT" in refused(capsys, noiseless, model_folder)
    written({name: (np.where(shear.seen, values, 0), unit) for name, (values, unit) in columns.items()})
    with fits.open(path) as hdus:
        header, data = hdus[1].header, hdus[1].data[:1000]
        header["POLCCONV"] = "COSMO"
        fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(data, header)]).writeto(path, overwrite=True)
    assert "a partial map needs the column PIXEL" in refused(capsys, path, model_folder)


def test_other_pixels_and_other_models_are_refused(model_folder, checkpoint_folder, shear_file, tmp_path, capsys):
    coarse = tmp_path / "coarse.fits"
    shear = SphereShear(np.full(12 * 16**2, 0.01 + 0j), np.full(12 * 16**2, NOMINAL), 16)
    columns, cards = shear_columns(shear)
    healpix.write(coarse, columns, shear.seen, simulated=True, history=[], cards=cards)
    message = refused(capsys, coarse, model_folder)
    assert "the map has Nside 16, pixels of 220′" in message
    assert "was trained at Nside 64, 55′: bring the map to Nside 64, or train at 16" in message
    message = refused(capsys, shear_file, checkpoint_folder)
    assert "was trained for catalogues and maps on a plane; expected one for HEALPix maps and --nside" in message
    Table({"ra": [10.0], "dec": [0.0], "e1": [0.1], "e2": [0.0]}).write(tmp_path / "cat.fits")
    message = refused(capsys, tmp_path / "cat.fits", model_folder)
    assert "was trained for HEALPix maps and --nside; expected one for catalogues and maps on a plane" in message
    assert "--nside is 65; expected a power of two" in refused(
        capsys, tmp_path / "cat.fits", model_folder, "--nside", "65"
    )
    record = json.loads((model_folder / "model.json").read_text())
    del record["data"]["spectrum"]
    copy = tmp_path / "old"
    shutil.copytree(model_folder, copy)
    (copy / "model.json").write_text(json.dumps(record))
    assert "does not say its data.spectrum" in refused(capsys, shear_file, copy)


def test_damaged_and_empty_maps_are_refused(shear, shear_file, model_folder, tmp_path, capsys):
    cut = tmp_path / "cut.fits"
    cut.write_bytes(shear_file.read_bytes()[:200_000])
    assert "it is truncated" in refused(capsys, cut, model_folder)
    zero = SphereShear(0 * shear.gamma, shear.noise_std, NSIDE)
    columns, cards = shear_columns(zero)
    healpix.write(cut, columns, zero.seen, simulated=True, history=[], cards=cards)
    assert "a shear of zero in every pixel" in refused(capsys, cut, model_folder)


def test_the_sign_and_the_depth_are_checked(shear, model_folder, tmp_path, capsys):
    power = 300 * POWER  # far above the noise
    gamma = observed_shear(HARMONICS, gaussian_alm(power, HARMONICS, np.random.default_rng(1)), shear.noise_std,
                           np.random.default_rng(2))  # fmt: skip
    for name, values, factor in (("right", gamma, 1), ("wrong", gamma.conj(), 1), ("shallow", gamma, 10)):
        made = SphereShear(values, factor * shear.noise_std, NSIDE)
        columns, cards = shear_columns(made)
        healpix.write(tmp_path / f"{name}.fits", columns, made.seen, simulated=True, history=[], cards=cards)
        run(tmp_path / f"{name}.fits", model_folder)
        said = capsys.readouterr().err
        assert "note: var(E)/var(B) smoothed by 2 pixels" in said
        assert ("the frame of e1, e2 looks wrong" in said) == (name == "wrong")
        assert ("outside the trained range" in said) == (name == "shallow")


def test_masks_are_what_is_above_zero(shear, tmp_path):
    columns, cards = shear_columns(shear)
    mask = np.where(np.arange(HARMONICS.pixels) % 2, 1.0, hp.UNSEEN)
    healpix.write(
        tmp_path / "m.fits", columns | {"MASK": (mask, "")}, shear.seen, simulated=True, history=[], cards=cards
    )
    assert np.array_equal(read_shear(open_shear(tmp_path / "m.fits")).seen, shear.seen & (mask > 0))
