"""One sentence with the file's name for whatever goes wrong in a user's file."""

import numpy as np
import pytest
from astropy.io import fits

from lofi.io.fits_files import strictly
from lofi.io.user_file import check_sizes, guarded, reading


@pytest.mark.parametrize(
    "error", [KeyError("TFORM3"), AttributeError("no _x"), AssertionError(), fits.VerifyError("(NAXIS1)")]
)
def test_errors_of_libraries_become_a_sentence_with_the_files_name(error):
    with pytest.raises(ValueError, match=r"^'obs.fits' cannot be read") as caught, reading("obs.fits"):
        raise error
    assert caught.value.__cause__ is error
    assert str(error).strip("'") in str(caught.value)


@pytest.mark.parametrize(
    "error", [ValueError("'obs.fits' has no rows"), FileNotFoundError(2, "No such file", "obs.fits")]
)
def test_sentences_that_name_the_file_pass_unchanged(error):
    with pytest.raises(type(error)) as caught, reading("obs.fits"):
        raise error
    assert caught.value is error


def test_a_reader_keeps_its_result_and_names_its_file():
    @guarded
    def reader(path, number):
        return [1, 2][number]

    assert reader("obs.fits", 1) == 2
    with pytest.raises(ValueError, match=r"'obs.fits'.*IndexError"):
        reader("obs.fits", 2)


@pytest.mark.parametrize("kind", ["table", "image", "packed"])
@pytest.mark.parametrize("damaged", [False, True])
def test_a_header_that_promises_more_than_the_file_holds_is_refused(kind, damaged, tmp_path):
    path = tmp_path / "damaged.fits"
    card, hdu = {
        "table": (b"NAXIS2", fits.BinTableHDU.from_columns([fits.Column("RA", "D", array=np.zeros(9))])),
        "image": (b"NAXIS1", fits.ImageHDU(np.zeros((9, 9), np.float32))),
        "packed": (b"ZNAXIS2", fits.CompImageHDU(np.zeros((90, 90), np.int16))),
    }[kind]
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    if damaged:
        data = path.read_bytes()
        at = data.rindex(card.ljust(8) + b"=")
        path.write_bytes(data[: at + 10] + b"%20d" % 2**31 + data[at + 30 :])
    if damaged:
        with pytest.raises(ValueError, match=r"damaged.fits.* (promises \d+ bytes|truncated)"):
            read(path)
    else:
        read(path)


@guarded
def read(path):
    with strictly(path) as hdus:
        check_sizes(path, hdus)
