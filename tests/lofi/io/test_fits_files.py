"""Damaged headers are refused before memory or time is spent on what they promise."""

import gzip

import numpy as np
import pytest
from astropy.io import fits

from lofi.io.fits_files import strictly

DAMAGE = {
    "axes": ("image", b"NAXIS", 2**31),
    "width": ("image", b"NAXIS1", 2**62),
    "columns": ("table", b"TFIELDS", 10**9),
    "rows": ("table", b"NAXIS2", 2**31),
    "packed image": ("packed", b"ZNAXIS2", 2**31),
    "parameters": ("groups", b"PCOUNT", 2**31),
}


def write(path, kind):
    images = {
        "table": fits.BinTableHDU.from_columns([fits.Column("RA", "D", array=np.zeros(9))]),
        "image": fits.ImageHDU(np.zeros((9, 9), np.float32)),
        "packed": fits.CompImageHDU(np.zeros((90, 90), np.int16)),
    }
    first = fits.PrimaryHDU()
    if kind == "groups":
        first = fits.GroupsHDU(fits.GroupData(np.zeros((4, 3)), parnames=["UU"], pardata=[np.zeros(4)], bitpix=-32))
    fits.HDUList([first, *([images[kind]] if kind in images else [])]).writeto(path)


def read(path):
    with strictly(path) as hdus:
        return [hdu.data for hdu in hdus]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_impossible_headers_are_refused(damage, packed, tmp_path):
    kind, card, value = DAMAGE[damage]
    path = tmp_path / "damaged.fits"
    write(path, kind)
    data = path.read_bytes()
    at = data.rindex(card.ljust(8) + b"=") + 10
    for content, fine in ((data, True), (data[:at] + b"%20d" % value + data[at + 20 :], False)):
        path.write_bytes(gzip.compress(content) if packed else content)
        if fine:
            assert len(read(path)) == 1 + (kind != "groups")
        else:
            with pytest.raises(ValueError, match=r"damaged.fits': HDU . (has|promises) "):
                read(path)


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "cut.fits"
    write(path, "packed")
    path.write_bytes(path.read_bytes()[:-2880])
    with pytest.raises(ValueError, match=r"cut.fits': HDU 1 promises .* it is truncated"):
        read(path)


def test_what_follows_the_last_hdu_does_no_harm(tmp_path):
    path = tmp_path / "padded.fits"
    write(path, "image")
    path.write_bytes(path.read_bytes() + bytes(2880))
    assert len(read(path)) == 2
