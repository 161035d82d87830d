"""A user's shear, read as the observation's mapping says, mapped with a trained model and written."""

import os
import warnings
from pathlib import Path

from astropy.io import fits

from lofi import checkpoint as checkpoints
from lofi.io.atomic import replacing
from lofi.io.fits import write_maps
from simulations.catalogue import read_catalogue
from simulations.observation import CHANNELS
from simulations.shear_map import bin_shear, rebin
from simulations.shear_map_files import read_shear_map
from simulations.tangent_plane import field_wcs, wcs_header
from workflow.mapping import map_shear

CATALOGUE_OPTIONS = ("e1_sign", "e2_sign", "responsivity", "max_ellipticity", "drop_invalid")
MAP_OPTIONS = ("e1_sign", "e2_sign", "sigma_e", "pixel_arcmin", "centre", "x_axis")


def map_observation(shear, options, *, checkpoint, output, figure=None):
    """Read `shear` (catalogue or binned map), map it with the model of `checkpoint`, write FITS and a figure.

    Parameters
    ----------
    options : mapping with the keys of `config/observations/*.yaml`.
    """
    for path in (output, figure):
        _check_writable(path)
    shear = Path(shear)
    model, record = checkpoints.load(checkpoint, CHANNELS)
    binned = read_shear(shear, options, record["data"]["pixel_arcmin"])
    maps, notes = map_shear(binned, model, record)
    history = [
        f"shear: {shear.name}",
        f"model: {record['model']['class']}, trained on {record['data']['description']}",
    ]
    history += [f"seed of the training: {'/'.join(map(str, record['seed']))}", *notes]
    cards = {"PIXARCM": (binned.pixel_arcmin, "[arcmin] side of a pixel")}
    if binned.sigma_e == binned.sigma_e:
        cards["SIGMA_E"] = (binned.sigma_e, "ellipticity dispersion per component")
    header = wcs_header(binned.wcs)
    if figure is not None:
        from workflow.drawing import draw_observation

        with replacing(figure) as path:
            draw_observation(
                path, {name: image for name, (image, _) in maps.items()}, binned.wcs, Path(figure).suffix[1:]
            )
    simulated = any(header.get("SIMULATD", False) for _, header in _headers(shear))
    write_maps(output, maps, header, simulated=simulated, history=history, cards=cards)


def read_shear(path, options, pixel_arcmin):
    """The `BinnedShear` of a shear map or of a catalogue, in pixels of `pixel_arcmin` unless the options differ."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    if _is_shear_map(path):
        binned = read_shear_map(path, **{key: options[key] for key in MAP_OPTIONS if key in options})
        return rebin(binned, options["rebin"]) if options.get("rebin", 1) > 1 else binned
    chosen = {key: options[key] for key in CATALOGUE_OPTIONS if key in options}
    catalogue = read_catalogue(path, options["columns"], **chosen)
    pixel = options.get("pixel_arcmin", pixel_arcmin)
    wcs, shape = field_wcs(catalogue.ra, catalogue.dec, pixel, options.get("centre"), options.get("shape"))
    return bin_shear(catalogue, wcs, shape)


def _headers(path):
    """(HDU, header) pairs of a FITS file; none for other formats."""
    if path.suffix.lower() not in (".fits", ".fit", ".fz", ".gz"):
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the reader of the data judges damage
            with fits.open(path) as hdus:
                return [(type(hdu), hdu.header) for hdu in hdus]
    except OSError as error:
        raise ValueError(f"{path} is not a readable FITS file: {error}") from error


def _is_shear_map(path):
    """Whether a FITS file holds images and no table; other formats are catalogues."""
    kinds = [kind for kind, _ in _headers(path)]
    return bool(kinds) and not any(issubclass(k, fits.BinTableHDU) and k is not fits.CompImageHDU for k in kinds)


def _check_writable(path):
    """Refuse a target that cannot be written before any work is done."""
    if path is None:
        return
    folder = Path(path).absolute().parent
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise PermissionError(f"{path} cannot be written: {existing} is not a writable folder")
