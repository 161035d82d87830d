"""`lofi train`: priors of one's own."""

import argparse
from pathlib import Path

RADIO = (
    "A folder of pictures (FITS, PNG, JPEG, TIFF, npy or npz) in; a denoiser for `lofi image --prior FOLDER` out, "
    "trained by the recipe of the one that ships. A tenth of the pictures is kept for validation. The same command "
    "goes on with a training that was stopped or killed."
)


def add_train(command: argparse.ArgumentParser) -> None:
    """Add the sub-commands and options of `lofi train` to its parser."""
    kinds = command.add_subparsers(required=True, metavar="KIND")
    _add_radio(kinds.add_parser("radio", help="a denoiser of pictures like your sources", description=RADIO))


def _add_radio(command):
    command.set_defaults(run=_radio)
    add = command.add_argument
    add("--pictures", type=Path, required=True, metavar="FOLDER", help="pictures to learn from")
    add("--crop", type=int, metavar="N", help="pixels of a side of the crops of pictures; default: the recipe's")
    add("--width", type=int, metavar="N", help="of the network; default: the recipe's")
    _add_shared(add)


def _add_shared(add):
    add("-o", "--output", type=Path, required=True, metavar="FOLDER", help="of the prior; new, or of this training")
    add("--steps", type=int, metavar="N", help="of the training; default: the recipe's")
    add("--seed", type=int, default=0, metavar="N", help="of all random numbers; default 0")
    add("--threads", type=int, default=1, help="of the processor; default 1")


def _radio(options):
    from lofi.radio.training import train_denoiser

    train_denoiser(**_keywords(options))


def _keywords(options):
    if options.threads < 1:
        raise ValueError(f"--threads is {options.threads}; expected at least 1")
    return {name: value for name, value in vars(options).items() if name != "run"}
