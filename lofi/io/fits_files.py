"""Opening FITS files so that a truncated one is noticed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits


@contextmanager
def strictly(path: str | Path) -> Iterator[fits.HDUList]:
    """The HDU list of a file read whole; a truncated one raises astropy's warning, all other warnings are dropped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="File may have been truncated")
        with fits.open(path, memmap=False) as hdus:
            yield hdus
