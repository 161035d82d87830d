"""A user's shear on the tangent plane, mapped with a trained model and written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lofi.drawing.labels import label
from lofi.drawing.lensing import draw_observation
from lofi.io.atomic import replacing
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.extent import field_of
from lofi.lensing.mapping import JointView, assumed_redshift, checked_redshift, load_lensing_model, map_shear
from lofi.lensing.masking import footprint_of, masked_plane, open_galaxies
from lofi.lensing.parts import Parts
from lofi.lensing.posterior_samples import check_samples
from lofi.lensing.products import write_field
from lofi.lensing.shear_file import SHEAR_MAP, ShearFile
from lofi.lensing.shear_map import BinnedShear, bin_shear, rebin, shear_of
from lofi.lensing.shear_map_files import read_shear_map
from lofi.messages import say_notes
from lofi.options import given
from lofi.priors.shipped import note


def map_plane(
    file: ShearFile,
    options: Mapping,
    *,
    prior: Path,
    output: Path,
    figure: Path | None = None,
    notes: Sequence[str] = (),
    binned: BinnedShear | None = None,
    joint: JointView | None = None,
    parts: Parts | None = None,
) -> dict[str, Any]:
    """Map a shear catalogue or a shear map with the model of the folder `prior`, write FITS and a figure.

    options, parts : as of `lofi.mapping.map_observation`. notes : of what was chosen before. binned : the shear, where
    it is read already. joint : as of `lofi.lensing.mapping.convergence_maps`.

    Returns the options `centre` and `shape` that put another map on the same pixels.
    """
    samples = options.get("samples")
    if samples is not None:
        check_samples(samples)
    model, record = load_lensing_model(prior)
    bars, of_bars = error_bars_of(prior, record, options.get("errors"), samples)
    if binned is None:
        binned = read_binned(file, options, record["data"]["pixel_arcmin"], parts)
    of_prior = note(prior, record)
    read = [*binned.notes, *notes]
    say_notes([*read, of_prior, *of_bars])
    redshift = checked_redshift(options.get("redshift"))
    precision = options.get("precision")
    reduced = is_reduced(file, options)
    chosen = {"redshift": redshift, "precision": precision, "reduced": reduced, "joint": joint}
    maps, found = map_shear(binned, model, record, bars=bars, samples=samples, **chosen)
    write_field(
        output,
        maps,
        binned.wcs,
        binned.pixel_arcmin,
        record,
        simulated=_is_simulated(file, options),
        source=[f"shear: {file.label}", *read],
        notes=[of_prior, *of_bars, *found],
        sigma_e=binned.sigma_e,
        redshift=assumed_redshift(record, redshift),
        reduced=reduced,
    )
    if figure is not None:
        with replacing(figure) as path:
            images = {name: image for name, (image, _) in maps.items()}
            draw_observation(path, images, binned.wcs, figure.suffix[1:], label(record["model"]["class"]))
    return {"centre": tuple(binned.wcs.wcs.crval), "shape": binned.shape}


def _is_simulated(file, options):
    return bool(options.get("simulated")) or file.simulated


def is_reduced(file: ShearFile, options: Mapping) -> bool:
    """Whether the ellipticities are taken for the reduced shear."""
    return options.get("reduced_shear", not _is_simulated(file, options))


def read_binned(file: ShearFile, options: Mapping, pixel_arcmin: float, parts: Parts | None = None) -> BinnedShear:
    """The binned shear of a map or of a catalogue, in pixels of `pixel_arcmin` unless the options differ.

    parts : what was found before of a catalogue, file by file, which then is not read again.
    """
    if file.kind == SHEAR_MAP:
        footprint, binned = footprint_of(options), read_shear_map(file, **given(read_shear_map, options))
        binned = binned if footprint is None else masked_plane(binned, footprint)
        return rebin(binned, options["rebin"]) if options.get("rebin", 1) > 1 else binned
    if parts is not None:
        plan, sums = parts.read()
        return shear_of(open_galaxies(file, options, plan.census), sums, plan.wcs, plan.shape)
    galaxies, pixel = open_galaxies(file, options), options.get("pixel_arcmin", pixel_arcmin)
    return bin_shear(galaxies, *field_of(galaxies, pixel, options.get("centre"), options.get("shape")))
