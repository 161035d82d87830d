"""Options on a shear catalogue that several commands have."""

import argparse
from collections.abc import Callable


def add_catalogue(add: Callable[..., argparse.Action]) -> None:
    """Add them to a parser or group by its `add_argument`."""
    from lofi.lensing.estimators import DEFAULT_ESTIMATOR, ESTIMATORS
    from lofi.lensing.surveys import SURVEYS

    preset = "columns, estimator and signs of a published catalogue (`lofi surveys` prints them)"
    add("--survey", choices=tuple(SURVEYS), help=f"{preset}; options beside it win")
    names = "KEY=NAME,… of ra, dec, e1, e2, weight, r11 to r22, rms_e, m, c1, c2, psf_e1, psf_e2, psf_size"
    add("--columns", help=f"{names}; default ra=ra,dec=dec,e1=e1,e2=e2")
    add("--estimator", choices=tuple(ESTIMATORS), help=f"of the ellipticities; default {DEFAULT_ESTIMATOR}")
    response = (
        "shear is e/R; of lensfit R is 1+m; of hsc-regauss shear is e/2R; default: of columns or variants, else 1"
    )
    add("--responsivity", type=float, metavar="R", help=response)
    add("--bins", metavar="COLUMN[=EDGE,…]", help="calibrate the galaxies of each bin, or each value, by themselves")
    add("--m", type=numbers, metavar="M,…", help="multiplicative bias, a number or one for each bin (--m=-0.01,0.02)")
    for key in ("c1", "c2"):
        add(f"--{key}", type=numbers, metavar="C,…", help="additive bias of the shear, in the frame of the columns")
    add("--max-ellipticity", type=float, help="larger moduli are refused; default 1")
    invalid = "drop rows with missing or impossible values instead of refusing them"
    add("--drop-invalid", action="store_true", default=None, help=invalid)
    add("--select", metavar="EXPRESSION", help="rows to keep, such as 'flag == 0 & z > 0.5'")


def add_frame(add: Callable[..., argparse.Action]) -> None:
    """Add the signs of the components and the choice of tables."""
    add("--e1-sign", type=int, choices=(1, -1), help="sign that brings e1 to the (West, North) frame; default 1")
    add("--e2-sign", type=int, choices=(1, -1), help="-1 if e2 was measured against (East, North) axes; default 1")
    add("--hdu", metavar="HDU,...", help="numbers or names of the tables or images to read, or all")


def columns(text: str) -> dict[str, str]:
    """Names of columns by key; ValueError for unknown keys and missing names."""
    from lofi.lensing.estimators import KEYS

    pairs = [part.partition("=") for part in text.split(",")]
    named = {key.strip(): name.strip() for key, _, name in pairs}
    if not (set(named) <= set(KEYS) and all(named.values())):
        raise ValueError(f"--columns is {text!r}; expected KEY=NAME,… with keys of {', '.join(KEYS)}")
    return named


def numbers(text: str) -> list[float]:
    """Numbers separated by commas."""
    return [float(number) for number in text.split(",")]
