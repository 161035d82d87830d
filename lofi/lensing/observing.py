"""A user's shear on the tangent plane, mapped with a trained model and written."""

from collections.abc import Mapping
from pathlib import Path

from lofi.drawing.labels import label
from lofi.drawing.lensing import draw_observation
from lofi.io.atomic import replacing
from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.mapping import assumed_redshift, checked_redshift, load_lensing_model, map_shear
from lofi.lensing.posterior_samples import check_samples
from lofi.lensing.products import write_field
from lofi.lensing.shear_file import SHEAR_MAP, ShearFile
from lofi.lensing.shear_map import BinnedShear, bin_shear, rebin
from lofi.lensing.shear_map_files import read_shear_map
from lofi.lensing.tangent_plane import field_wcs
from lofi.messages import say_notes
from lofi.options import given
from lofi.priors.shipped import note


def map_plane(file: ShearFile, options: Mapping, *, prior: Path, output: Path, figure: Path | None = None) -> None:
    """Map a shear catalogue or a shear map with the model of the folder `prior`, write FITS and a figure.

    options : as of `lofi.mapping.map_observation`.
    """
    samples = options.get("samples")
    if samples is not None:
        check_samples(samples)
    model, record = load_lensing_model(prior)
    bars, of_bars = error_bars_of(prior, record, options.get("errors"), samples)
    binned = read_binned(file, options, record["data"]["pixel_arcmin"])
    of_prior = note(prior, record)
    say_notes([*binned.notes, of_prior, *of_bars])
    redshift = checked_redshift(options.get("redshift"))
    precision = options.get("precision")
    simulated = bool(options.get("simulated")) or file.simulated
    reduced = options.get("reduced_shear", not simulated)
    chosen = {"redshift": redshift, "precision": precision, "reduced": reduced}
    maps, notes = map_shear(binned, model, record, bars=bars, samples=samples, **chosen)
    write_field(
        output,
        maps,
        binned.wcs,
        binned.pixel_arcmin,
        record,
        simulated=simulated,
        source=[f"shear: {file.path.name}", *binned.notes],
        notes=[of_prior, *of_bars, *notes],
        sigma_e=binned.sigma_e,
        redshift=assumed_redshift(record, redshift),
        reduced=reduced,
    )
    if figure is not None:
        with replacing(figure) as path:
            images = {name: image for name, (image, _) in maps.items()}
            draw_observation(path, images, binned.wcs, figure.suffix[1:], label(record["model"]["class"]))


def read_binned(file: ShearFile, options: Mapping, pixel_arcmin: float) -> BinnedShear:
    """The binned shear of a map or of a catalogue, in pixels of `pixel_arcmin` unless the options differ."""
    if file.kind == SHEAR_MAP:
        binned = read_shear_map(file, **given(read_shear_map, options))
        return rebin(binned, options["rebin"]) if options.get("rebin", 1) > 1 else binned
    catalogue = read_catalogue(file, **given(read_catalogue, options))
    pixel = options.get("pixel_arcmin", pixel_arcmin)
    wcs, shape = field_wcs(catalogue.ra, catalogue.dec, pixel, options.get("centre"), options.get("shape"))
    return bin_shear(catalogue, wcs, shape)
