"""A user's shear, read as the observation's mapping says, mapped with a trained model and written."""

import warnings
from pathlib import Path

from astropy.io import fits

from lofi.drawing.labels import label
from lofi.drawing.lensing import draw_observation
from lofi.io.atomic import replacing
from lofi.io.targets import check_targets as check_files
from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.mapping import load_lensing_model, map_shear
from lofi.lensing.products import write_field
from lofi.lensing.shear_map import bin_shear, rebin
from lofi.lensing.shear_map_files import read_shear_map
from lofi.lensing.tangent_plane import field_wcs

CATALOGUE_ONLY = ("columns", "responsivity", "max_ellipticity", "drop_invalid", "shape")
MAP_ONLY = ("sigma_e", "x_axis", "rebin")


def map_plane(shear, options, *, checkpoint, output, figure=None):
    """Read `shear` (catalogue or binned map), map it with the model of `checkpoint`, write FITS and a figure.

    Parameters
    ----------
    options : mapping with the keys of `config/observations/*.yaml`; `int8`: evaluate a field in 8-bit integers.
    """
    shear, output = Path(shear), Path(output)
    refuse(shear, "no HEALPix map", options, ("convention", "ordering"))
    model, record = load_lensing_model(checkpoint)
    binned = read_shear(shear, options, record["data"]["pixel_arcmin"])
    maps, notes = map_shear(binned, model, record, int8=bool(options.get("int8")))
    simulated = bool(options.get("simulated")) or any(h.get("SIMULATD", False) for _, h in _headers(shear))
    write_field(
        output,
        maps,
        binned.wcs,
        binned.pixel_arcmin,
        record,
        simulated=simulated,
        source=[f"shear: {shear.name}"],
        notes=notes,
        sigma_e=binned.sigma_e,
    )
    if figure is not None:
        with replacing(figure) as path:
            images = {hdu: image for hdu, (image, _) in maps.items()}
            draw_observation(path, images, binned.wcs, Path(figure).suffix[1:], label(record["model"]["class"]))


def is_healpix(path):
    """Whether a file holds a HEALPix table, whatever its name; False for what is no FITS file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the reader of the data judges damage
            with fits.open(path) as hdus:
                return any(hdu.header.get("PIXTYPE") == "HEALPIX" for hdu in hdus)
    except OSError:
        return False


def read_shear(path, options, pixel_arcmin):
    """The `BinnedShear` of a shear map or of a catalogue, in pixels of `pixel_arcmin` unless the options differ."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    signs = {key: options[key] for key in ("e1_sign", "e2_sign") if key in options}
    if _is_shear_map(path):
        refuse(path, "a shear map", options, CATALOGUE_ONLY)
        keys = ("sigma_e", "pixel_arcmin", "centre", "x_axis")
        binned = read_shear_map(path, **signs, **{key: options[key] for key in keys if key in options})
        return rebin(binned, options["rebin"]) if options.get("rebin", 1) > 1 else binned
    refuse(path, "a catalogue", options, MAP_ONLY)
    chosen = {key: options[key] for key in CATALOGUE_ONLY[1:4] if key in options}
    columns = options.get("columns", {name: name for name in ("ra", "dec", "e1", "e2")})
    catalogue = read_catalogue(path, columns, **signs, **chosen)
    pixel = options.get("pixel_arcmin", pixel_arcmin)
    wcs, shape = field_wcs(catalogue.ra, catalogue.dec, pixel, options.get("centre"), options.get("shape"))
    return bin_shear(catalogue, wcs, shape)


def check_targets(shear, output, figure):
    """Refuse, before any work, targets that cannot be written or that would overwrite the data."""
    if output.suffix != ".fits":
        raise ValueError(f"the output {output} is FITS; its name must end in .fits")
    check_files(shear, [output], figure)


def refuse(path, kind, options, names):
    """ValueError if one of the `options` called `names` is given: a file of this `kind` cannot use it."""
    given = [name for name in names if name in options]
    if given:
        raise ValueError(f"{path} is {kind}; {', '.join(given)} cannot be used with it")


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
