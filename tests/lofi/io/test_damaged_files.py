"""Files with wrong bytes, cards and ends: every reader returns, or refuses in one sentence with the file's name.

One valid file of each format is mutated. What a reader returns for a damaged file is not judged here.
"""

import gzip

import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lofi.io import healpix
from lofi.io.fits import write_maps
from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map_files import read_shear_map
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header
from lofi.radio.visibilities.read import read_visibilities
from lofi.sphere.shear_map import read_shear

RNG = np.random.default_rng(1)
CARD, BLOCK = 80, 2880
HEADERS = 4 * BLOCK  # bytes in which most mutations fall
DIGITS = ["01234", "-+.E'", " TF9="]
NUMBERS = ["0", "-1", str(2**31), str(2**62), "1E308", "NaN", "10000000", "'words '"]


def galaxies():
    positions = {"ra": 150 + RNG.random(60), "dec": 2 + RNG.random(60)}
    return positions | {"e1": 0.1 * RNG.standard_normal(60), "e2": 0.1 * RNG.standard_normal(60)}


def catalogue_fits(path):
    table = Table(galaxies() | {"weight": RNG.integers(1, 9, 60)})
    table["ra"].unit = "deg"
    hdu = fits.BinTableHDU(table)
    hdu.header["TNULL5"] = 0
    hdu.writeto(path)


def hdf5(path):
    with h5py.File(path, "w") as file:
        for name, values in galaxies().items():
            file[f"shear/{name}"] = values


def gzipped(path):
    plain = path.with_name("plain.fits")
    catalogue_fits(plain)
    path.write_bytes(gzip.compress(plain.read_bytes()))


def shear_map(path):
    images = {name: (0.1 * RNG.standard_normal((8, 8)), "") for name in ("GAMMA1", "GAMMA2")}
    images["NOISE_STD"] = np.full((8, 8), 0.1), ""
    cards = wcs_header(tangent_wcs((150.0, 2.0), 1.0, (8, 8)))
    write_maps(path, images, cards, simulated=True, history=["shear"])


def packed_map(path):
    shear_map(path)
    with fits.open(path) as hdus:
        packed = [fits.CompImageHDU(hdu.data, hdu.header) for hdu in hdus[1:]]
        fits.HDUList([fits.PrimaryHDU(), *packed]).writeto(path, overwrite=True)


def healpix_map(path):
    columns = {name: (0.1 * RNG.standard_normal(192), "") for name in ("GAMMA1", "GAMMA2")}
    columns["NOISE_STD"] = np.full(192, 0.1), ""
    cards = {"POLCCONV": ("COSMO", "")}
    healpix.write(path, columns, np.arange(192) < 150, simulated=True, history=["shear"], cards=cards)


def uvfits(path):
    number, samples = 12, RNG.standard_normal((12, 1, 1, 1, 2, 2, 3)).astype(np.float32)
    samples[..., 2] = 1.0
    first, second = np.array([(a, b) for a in range(1, 5) for b in range(a + 1, 5)] * 2).T
    parameters = {name: 1e-6 * RNG.standard_normal(number) for name in ("UU", "VV", "WW")}
    parameters |= {"BASELINE": 256.0 * first + second, "DATE": 2457849.5 + np.arange(number) // 6 / 1000}
    data = fits.GroupData(samples, parnames=list(parameters), pardata=list(parameters.values()), bitpix=-32)
    hdu = fits.GroupsHDU(data)
    axes = [("COMPLEX", 1), ("STOKES", -1), ("FREQ", 1.4e9), ("IF", 1), ("RA", 202.5), ("DEC", 30.0)]
    for axis, (name, value) in enumerate(axes, start=2):
        hdu.header[f"CTYPE{axis}"], hdu.header[f"CRVAL{axis}"], hdu.header[f"CRPIX{axis}"] = name, value, 1
        hdu.header[f"CDELT{axis}"] = {"FREQ": 1e6, "STOKES": -1}.get(name, 1)
    formats = {"FRQSEL": "J", "IF FREQ": "D", "CH WIDTH": "E"}
    windows = [fits.Column(name, form, array=[1]) for name, form in formats.items()]
    fits.HDUList([hdu, fits.BinTableHDU.from_columns(windows, name="AIPS FQ")]).writeto(path)


def visibilities_npz(path):
    baselines = dict(zip("uvw", 100 * RNG.standard_normal((3, 20)), strict=True))
    values = RNG.standard_normal((20, 2)) + 1j
    weights = np.ones((20, 2))
    np.savez(path, **baselines, units="m", frequencies=[1.4e9, 1.5e9], visibilities=values, weights=weights)


def catalogue(path):
    return read_catalogue(open_shear(path), CatalogueOptions({key: key for key in ("ra", "dec", "e1", "e2")}))


def weighted_catalogue(path):
    return read_catalogue(open_shear(path), CatalogueOptions({key: key for key in ("ra", "dec", "e1", "e2", "weight")}))


FORMATS = {  # name of a file: what writes it, what reads it
    "catalogue.fits": (catalogue_fits, weighted_catalogue),
    "catalogue.csv": (lambda path: pd.DataFrame(galaxies()).to_csv(path, index=False), catalogue),
    "catalogue.ecsv": (lambda path: Table(galaxies()).write(path, format="ascii.ecsv"), catalogue),
    "catalogue.vot": (lambda path: Table(galaxies()).write(path, format="votable"), catalogue),
    "catalogue.h5": (hdf5, catalogue),
    "catalogue.parquet": (lambda path: pd.DataFrame(galaxies()).to_parquet(path), catalogue),
    "catalogue.fits.gz": (gzipped, weighted_catalogue),
    "catalogue.npz": (lambda path: np.savez(path, **galaxies()), catalogue),
    "map.fits": (shear_map, lambda path: read_shear_map(open_shear(path))),
    "map.fits.fz": (packed_map, lambda path: read_shear_map(open_shear(path))),
    "healpix.fits": (healpix_map, lambda path: read_shear(open_shear(path))),
    "visibilities.uvfits": (uvfits, read_visibilities),
    "visibilities.npz": (visibilities_npz, read_visibilities),
}


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """A folder with a valid file of each format."""
    folder = tmp_path_factory.mktemp("valid")
    for name, (write, _) in FORMATS.items():
        write(folder / name)
    return folder


@st.composite
def mutations(draw):
    """A function from the bytes of a file to those of a damaged one."""
    kind = draw(st.sampled_from(["cut", "bytes", "digits", "swap", "blank", "number"]))
    places = draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=5))
    everywhere = draw(st.integers(0, 4)) == 0
    characters = draw(st.binary(min_size=5, max_size=5)) if kind == "bytes" else draw(st.sampled_from(DIGITS)).encode()
    number = draw(st.sampled_from(NUMBERS))

    def damage(data):
        data = bytearray(data)
        length = len(data) if everywhere else min(len(data), HEADERS)
        bytes_at = [int(place * length) for place in places]
        first, second = (CARD * int(place * length / CARD) for place in places[:2])
        if kind == "cut":
            del data[max(bytes_at[0], 1) :]
        elif kind in ("bytes", "digits"):
            for position, character in zip(bytes_at, characters, strict=False):
                data[position] = character
        elif kind == "swap":
            card = data[first : first + CARD]
            data[first : first + CARD], data[second : second + CARD] = data[second : second + CARD], card
        elif kind == "blank":
            data[first : first + CARD] = b" " * len(data[first : first + CARD])
        else:
            data[first + 10 : first + 30] = number.rjust(20).encode()
        return bytes(data)

    return damage


@pytest.mark.parametrize("name", FORMATS)
def test_a_valid_file_is_read(name, valid):
    FORMATS[name][1](valid / name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=120,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(damage=mutations())
def test_a_damaged_file_is_read_or_refused_in_one_sentence(name, damage, valid, tmp_path):
    path = tmp_path / name
    path.write_bytes(damage((valid / name).read_bytes()))
    sentence = refusal(FORMATS[name][1], path)
    assert sentence is None or (str(path) in sentence and "\n" not in sentence)


def refusal(reader, path):
    """What a reader says where it refuses a file; other errors than ValueError and OSError are defects."""
    try:
        reader(path)
    except (ValueError, OSError) as error:
        return str(error)
