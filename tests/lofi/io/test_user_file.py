"""One sentence with the file's name for whatever goes wrong in a user's file."""

import pytest
from astropy.io import fits

from lofi.io.user_file import guarded, reading


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
