"""`lofi train`: priors of one's own."""

import argparse
from pathlib import Path

RADIO = (
    "A folder of pictures (FITS, PNG, JPEG, TIFF, npy or npz) in; a denoiser for `lofi image --prior FOLDER` out, "
    "trained by the recipe of the one that ships. A tenth of the pictures is kept for validation. The same command "
    "goes on with a training that was stopped or killed."
)
LENSING = (
    "The pixels, depth and source redshift of a survey in; a network for `lofi map --prior FOLDER` out. It learns from "
    "the convergence maps of a folder, or from N-body boxes that a checkout of this project simulates for it. The same "
    "command goes on with a training that was stopped or killed."
)


def add_train(command: argparse.ArgumentParser) -> None:
    """Add the sub-commands and options of `lofi train` to its parser."""
    kinds = command.add_subparsers(required=True, metavar="KIND")
    _add_lensing(kinds.add_parser("lensing", help="a convergence network for your survey", description=LENSING))
    _add_radio(kinds.add_parser("radio", help="a denoiser of pictures like your sources", description=RADIO))


def _add_lensing(command):
    command.set_defaults(run=_lensing)
    add = command.add_argument
    add("--pixel", type=float, required=True, metavar="ARCMIN", help="side of a pixel")
    add("--galaxies", type=float, required=True, metavar="N", help="per square arcmin")
    add("--redshift", type=float, required=True, metavar="Z", help="of the sources")
    add("--sigma-e", type=float, default=0.37, help="ellipticity dispersion per component; default 0.37")
    maps = "convergence maps to learn from (FITS, npy, κTNG), for sources at that redshift; default: simulated"
    add("--maps", type=Path, metavar="FOLDER", help=maps)
    add("--map-pixel", type=float, metavar="ARCMIN", help="side of a pixel of maps that do not say it")
    add(
        "--crop",
        type=int,
        metavar="N",
        help="pixels of a side of the fields, at least 32; default: 128, or as many as 5 degrees hold",
    )
    _add_shared(add)


def _add_radio(command):
    command.set_defaults(run=_radio)
    add = command.add_argument
    add("--pictures", type=Path, required=True, metavar="FOLDER", help="pictures to learn from")
    add(
        "--crop",
        type=int,
        metavar="N",
        help="pixels of a side of the crops, at least 16; default: the recipe's",
    )
    add("--width", type=int, metavar="N", help="of the network, at least 1; default: the recipe's")
    _add_shared(add)


def _add_shared(add):
    add("-o", "--output", type=Path, required=True, metavar="FOLDER", help="of the prior; new, or of this training")
    add("--steps", type=int, metavar="N", help="of the training, at least 1; default: the recipe's")
    add("--seed", type=int, default=0, metavar="N", help="of all random numbers, any whole number; default 0")
    add("--threads", type=int, default=1, help="of the processor, at least 1; default 1")


def _lensing(options):
    from lofi.lensing.training import train_convergence

    train_convergence(**_keywords(options))


def _radio(options):
    from lofi.radio.training import train_denoiser

    train_denoiser(**_keywords(options))


def _keywords(options):
    if options.threads < 1:
        raise ValueError(f"--threads is {options.threads}; expected at least 1")
    return {name: value for name, value in vars(options).items() if name != "run"}
