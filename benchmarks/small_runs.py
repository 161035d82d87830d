"""Small timed runs for what a run of the default configuration does not do: processor time of one thread."""

import tempfile
from pathlib import Path

import h5py
import numpy as np
from astropy.table import Table
from measure import seconds_of

from lofi.data.ktng_planes import MAP_PIXELS
from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map import bin_shear
from lofi.lensing.tangent_plane import field_wcs
from simulations.images.ktng import read_maps
from simulations.mock_catalogue import mock_catalogue
from simulations.tasks import observation_of

REPEATS = 3


def ktng_seconds(pixels=128):
    """Of reading one κTNG map from a local disk and averaging it; its files here hold one plane of noise."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "LP001_run001_maps.hdf5")
        with h5py.File(path, "w") as file:
            file["z20/kappa"] = 0.02 * rng.standard_normal((MAP_PIXELS, MAP_PIXELS))
        return min(seconds_of(lambda: list(read_maps([path], 20, pixels))) for _ in range(REPEATS))


def draw_seconds(experiment, objects=8):
    """Of drawing one observed object of a training batch."""
    pixels = experiment["field"]["pixels"]
    observation = observation_of(experiment, experiment["splits"]["train"].get("depth"))
    images = np.random.default_rng(1).random((objects, pixels, pixels), dtype=np.float32)
    calls = range(REPEATS)
    return min(seconds_of(lambda: observation.observe_many(images, range(objects), "cost")) for _ in calls) / objects


def catalogue_seconds(degrees=1.0, density=30.0, pixel_arcmin=2.34375):
    """Of reading and binning one galaxy of a FITS catalogue."""
    pixels = round(degrees * 60 / pixel_arcmin)
    kappa = np.zeros((pixels, pixels))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shear.fits")
        table = mock_catalogue(kappa, pixel_arcmin, density, 0.3, 0, np.random.default_rng(1))
        Table(table).write(path)
        columns = {"ra": "RA", "dec": "DEC", "e1": "E1", "e2": "E2", "weight": "WEIGHT"}

        def binned():
            catalogue = read_catalogue(open_shear(path), CatalogueOptions(columns))
            return bin_shear(catalogue, *field_wcs(catalogue.ra, catalogue.dec, pixel_arcmin))

        return min(seconds_of(binned) for _ in range(REPEATS)) / len(table)
