"""The command `lofi`: shear in, maps of dark matter out; visibilities in, radio images out."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from lofi.commands.catalogue import add_catalogue, add_frame, columns
from lofi.commands.check import CHECK, add_check
from lofi.commands.flux import FLUX, add_flux
from lofi.commands.peaks import PEAKS, add_peaks
from lofi.commands.stack import STACK, add_stack
from lofi.commands.structure import STRUCTURE, add_structure
from lofi.commands.train import add_train
from lofi.memory import keep_freed_memory, return_large_blocks
from lofi.messages import one_sentence

MAP = (
    "A shear catalogue (FITS, CSV, ECSV, VOTable, parquet, HDF5 or npz) or a binned shear map (FITS images GAMMA1, "
    "GAMMA2, NOISE_STD, or a HEALPix table of them) in; one FITS file with LoFi, Wiener, smoothed and Kaiser–Squires E "
    "and B maps, noise and mask out. A HEALPix map, and a catalogue with --nside, is mapped on the sphere."
)
IMAGE = (
    "Calibrated visibilities (a Measurement Set, UVFITS, or npz: docs/data.md tells how to make one, and how to choose "
    "size and cell) in; FITS files NAME-dirty, -psf, -model, -residual and -image, NAME-components.csv and "
    "NAME-trace.csv out. The noise follows from the weights, all else from the noise."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command `lofi` with `arguments`, by default those of the process."""
    options = _parser().parse_args(arguments)
    keep_freed_memory()
    with one_sentence():
        try:
            options.run(options)
        except KeyboardInterrupt:
            raise InterruptedError("stopped by Ctrl-C") from None


def _parser():
    parser = argparse.ArgumentParser(prog="lofi", description="Dark-matter maps and radio images with local fields.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_map(commands.add_parser("map", help="map the dark matter of a survey", description=MAP))
    add_check(commands.add_parser("check", help="null tests of a shear catalogue", description=CHECK))
    add_peaks(commands.add_parser("peaks", help="peaks of a map of dark matter", description=PEAKS))
    add_stack(commands.add_parser("stack", help="a map's mean at given positions", description=STACK))
    _add_image(commands.add_parser("image", help="image the visibilities of a radio source", description=IMAGE))
    add_flux(commands.add_parser("flux", help="flux of a region of an image, with its error", description=FLUX))
    add_structure(commands.add_parser("structure", help="is a structure of an image real?", description=STRUCTURE))
    listed = commands.add_parser("priors", help="list the trained networks that come with the package")
    listed.set_defaults(run=_priors)
    presets = commands.add_parser("surveys", help="print what --survey NAME stands for")
    presets.set_defaults(run=_surveys)
    add_train(commands.add_parser("train", help="train a prior for your survey or your sources"))
    return parser


def _add_map(command):
    from lofi.field.precisions import PRECISIONS
    from lofi.lensing.shear_frames import FRAMES

    command.set_defaults(run=_map)
    add = command.add_argument
    add("shear", type=Path, nargs="+", help="catalogue (several files are one) or shear map")
    add(
        "--prior",
        metavar="NAME|FOLDER",
        help="network: a name of `lofi priors` or a folder; default convergence",
    )
    add("-o", "--output", type=Path, required=True, help="FITS file to write")
    add("--figure", type=Path, help="picture of the maps to write (.png, .pdf or .svg)")
    add("--simulated", action="store_true", default=None, help="say in the output that the sky is simulated")
    bars = "maps of standard deviation, 68 % and 90 % bounds; default: where the prior has them"
    add("--errors", action=argparse.BooleanOptionalAction, default=None, help=bars.replace("%", "%%"))
    drawn = "add N maps drawn from what the data leave open, KAPPA_SAMPLES; on the plane"
    add("--samples", type=int, metavar="N", help=drawn)
    add("--precision", choices=PRECISIONS, help="of a wide field's layers; default: what the model was trained for")
    add_frame(add)
    add("--pixel-arcmin", type=float, help="pixel size; default: the model's own, or the shear map's")
    add("--mask", metavar="FILE", help="HEALPix, healsparse, MOC or regions (DS9, CRTF): nothing outside is used")
    add("--redshift", type=float, metavar="Z", help="of the sources; default: the middle of the prior's range")
    add("--nz", metavar="FILE", help="n(z) of the sources: text (z, n of bin 1, n of bin 2, …) or SACC")
    add("--centre", type=_pair(float), metavar="RA,DEC", help="centre of the field in degrees; default: the data's")
    reduced = "whether e1, e2 measure the reduced shear, as galaxies do; default: unless the sky is simulated"
    add("--reduced-shear", action=argparse.BooleanOptionalAction, default=None, help=reduced)
    add = command.add_argument_group("catalogues").add_argument
    add_catalogue(add)
    zbins = "a map of each bin, too (COLUMN=LOW:HIGH,… for bins with gaps)"
    add("--zbins", metavar="COLUMN[=EDGE,…]", help=zbins)
    together = "maps of each bin from the shear of all bins, too: KAPPA_JOINT, KAPPA_WIENER_JOINT; on the plane"
    add("--joint", action="store_true", default=None, help=together)
    add("--shape", type=_pair(int), metavar="H,W", help="pixels of the field; default: all galaxies")
    add("--nside", type=int, help="map on the sphere, with HEALPix pixels of this Nside")
    add = command.add_argument_group("shear maps").add_argument
    add("--sigma-e", type=float, help="ellipticity dispersion per component, where there is no NOISE_STD")
    add("--x-axis", choices=("west", "east"), help="where columns run, without WCS")
    add("--rebin", type=int, help="average blocks of this many pixels")
    add = command.add_argument_group("HEALPix maps whose header does not say").add_argument
    frame = "frame of GAMMA1 and GAMMA2 (POLCCONV); TREECORR: means of the e1, e2 of catalogues"
    add("--convention", choices=tuple(FRAMES), help=frame)
    add("--ordering", choices=("RING", "NESTED"), help="order of the pixels")


def _add_image(command):
    from lofi.field.precisions import Precision
    from lofi.radio.imaging_options import POINTS, ROBUST, SPECTRA, WEIGHTINGS, ImagingOptions

    command.set_defaults(run=_image)
    add = command.add_argument
    least, most = ROBUST
    add(
        "visibilities", type=Path, nargs="+", help="Measurement Sets, UVFITS or npz files of one field, as one data set"
    )
    add("--prior", metavar="NAME|FOLDER", help="denoiser: a name of `lofi priors` or a folder; default radio")
    add("-o", "--output", required=True, metavar="NAME", help="beginning of the names of the files to write")
    add("--size", dest="pixels", type=_sides, required=True, metavar="N", help="pixels of a side, or rows,columns")
    add("--cell", dest="cell_arcsec", type=float, metavar="ARCSEC", help="pixel; default: a third of the resolution")
    weighting, scale = ImagingOptions.weighting, ImagingOptions.sigma_scale
    add("--weighting", choices=WEIGHTINGS, help=f"of the published images; default {weighting}")
    robust = f"of briggs, -2 (uniform) to 2 (natural), at most {least:g} to {most:g}; default 0"
    add("--robust", type=float, metavar="R", help=robust)
    add("--iterations", type=int, help="of ADMM, at most; default 80, fewer where the image has converged")
    add("--sigma-scale", type=float, metavar="FACTOR", help=f"multiply the weights' noise by this; default {scale:g}")
    add(
        "--centre",
        type=_pair(float),
        metavar="RA,DEC",
        help="phase centre, degrees (--centre=-10,20); default: the file's",
    )
    beam = "auto, none, meerkat, or the effective diameter of a dish; auto: MeerKAT's where it matters"
    add("--primary-beam", type=_number_or_word, metavar="METRES", help=beam)
    flux = "of the field, Jy, where it is known; default: from the shortest baselines, where short ones are missing"
    add("--total-flux", type=_pair(float), metavar="JY,ERROR", help=flux)
    add("--mask", metavar="FILE", help="FITS image or regions (DS9, CRTF): no emission outside")
    add("--points", choices=POINTS, help="auto: bright unresolved sources become components; default auto")
    spectrum = "of a pixel: flat, or index with a spectral index; auto: index for bands wider than 10 %%"
    add("--spectrum", choices=SPECTRA, help=spectrum)
    cube = "image N groups of neighbouring channels, each a plane of FITS cubes"
    add("--cube", type=int, metavar="N", help=cube)
    bars = "standard deviation, 68 %% and 90 %% bounds; default: where the prior has them"
    add("--errors", action=argparse.BooleanOptionalAction, default=None, help=bars)
    replicas = "error bars from N reconstructions of visibilities that are simulated from the image; at least 2"
    add("--replicas", type=int, metavar="N", help=replicas)
    fast = "fast: layers in bfloat16 where the processor multiplies it, a third less time; default: as trained"
    add("--precision", choices=get_args(Precision), help=fast)
    add("--figure", type=Path, help="picture of the images to write (.png, .pdf or .svg)")
    simulated = "say in the output that the sky is simulated; no primary beam but one that --primary-beam names"
    add("--simulated", action="store_true", default=None, help=simulated)
    add("--threads", type=int, default=1, help="of the processor, at least 1; default 1")
    add = command.add_argument_group("Measurement Sets").add_argument
    add("--field", metavar="FIELD", help="number or name; needed where the set holds several")
    add("--spw", metavar="SPW,...", help="numbers or names of spectral windows; default: all")
    add("--channels", metavar="FIRST~LAST", help="of each window, both included; default: all")
    add("--datacolumn", metavar="COLUMN", help="default: CORRECTED_DATA where there is one, else DATA")
    add("--scan", metavar="SCAN,...", help="numbers of scans; default: all")
    add("--time", metavar="START~END", help="UTC, such as 2021-05-03T18:00:00~2021-05-03T19:30:00; default: all")
    predict = "write the model's visibilities there, such as MODEL_DATA, for self-calibration"
    add("--predict", metavar="COLUMN", help=predict)


def _pair(kind):
    def parse(text):
        values = [kind(part) for part in text.split(",")]
        if len(values) != 2 or not all(math.isfinite(value) for value in values):
            raise ValueError
        return values

    parse.__name__ = f"pair of {kind.__name__} values"
    return parse


def _sides(text):
    return _pair(int)(text) if "," in text else int(text)


_sides.__name__ = "number or pair of numbers"


def _number_or_word(text):
    try:
        return float(text)
    except ValueError:
        return text


def _map(options):
    from lofi.mapping import map_observation

    chosen = _chosen(options, "shear")
    if "columns" in chosen:
        chosen["columns"] = columns(chosen["columns"])
    map_observation(options.shear, chosen, prior=options.prior, output=options.output, figure=options.figure)


def _priors(options):
    from lofi.priors.listing import listing

    _print(listing())


def _surveys(options):
    from lofi.lensing.surveys import listing

    _print(listing())


def _print(text):
    try:
        print(text, flush=True)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's last flush is quiet, too


def _image(options):
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read by torch: waiting threads take no time from others
    from lofi.device import choose
    from lofi.radio.imaging import image_visibilities
    from lofi.radio.imaging_options import ImagingOptions

    if options.threads < 1:
        raise ValueError(f"--threads is {options.threads}; expected at least 1")
    return_large_blocks()
    choose("cpu", options.threads)
    image_visibilities(
        options.visibilities,
        ImagingOptions(**_chosen(options, "visibilities", "threads", "predict", "precision")),
        prior=options.prior,
        output=options.output,
        figure=options.figure,
        threads=options.threads,
        predict=options.predict,
        precision=options.precision,
    )


def _chosen(options, *inputs):
    """The options that were given, without what is passed by name."""
    elsewhere = ("run", "prior", "output", "figure", *inputs)
    return {name: value for name, value in vars(options).items() if name not in elsewhere and value is not None}


if __name__ == "__main__":
    main()
