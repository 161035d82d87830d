"""Opening FITS files so that a damaged one is noticed, before it costs memory or time."""

import gzip
import math
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from astropy.io import fits

MOST_AXES = 999  # of NAXIS and TFIELDS (FITS standard 4.0), and of the parameters of random groups
GZIP_MAGIC, GZIP_RATIO = b"\x1f\x8b", 1100  # gzip cannot pack closer


def is_fits(path: Path) -> bool:
    """Whether a file begins as FITS does, or is gzipped, as FITS may be."""
    with path.open("rb") as file:
        beginning = file.read(6)
    return beginning == b"SIMPLE" or beginning.startswith(GZIP_MAGIC)


@contextmanager
def strictly(path: str | Path) -> Iterator[fits.HDUList]:
    """The HDU list of a FITS file, also a gzipped one, read whole; astropy's warnings are dropped.

    Raises ValueError, before any data are read, where a header has more axes or columns than FITS allows, or promises
    more data than the file holds.
    """
    with Path(path).open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="File may have been truncated")
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        with gzip.open(file) if packed else file as stream:
            limit = os.fstat(file.fileno()).st_size * (GZIP_RATIO if packed else 1)
            _check_headers(path, stream, limit)
            stream.seek(0)
            with fits.open(stream, memmap=False) as hdus:
                yield hdus


def _check_headers(path: str | Path, stream: BinaryIO, limit: int) -> None:
    number = 0
    while True:
        try:
            header = fits.Header.fromfile(stream)
        except (EOFError, OSError, ValueError):
            return  # the end, or what astropy names when it opens the file
        for card in ("NAXIS", "TFIELDS", *(("PCOUNT",) if header.get("GROUPS") is True else ())):
            value = header.get(card, 0)
            if not isinstance(value, int) or not 0 <= value <= MOST_AXES:
                raise ValueError(f"'{path}': HDU {number} has {card} {value}; expected 0 to {MOST_AXES}")
        unpacked = 0
        if header.get("ZIMAGE") is True:
            sides = [header.get(f"ZNAXIS{axis + 1}", 0) for axis in range(header.get("ZNAXIS", 0))]
            unpacked = math.prod(sides) * abs(header.get("ZBITPIX", 8)) // 8
        promised = max(header.data_size, unpacked)
        if stream.tell() + header.data_size > limit or unpacked > GZIP_RATIO * limit:
            raise ValueError(
                f"'{path}': HDU {number} promises {promised} bytes, more than the file can hold; it is truncated "
                "or its header is damaged"
            )
        stream.seek(header.data_size_padded, os.SEEK_CUR)
        number += 1
