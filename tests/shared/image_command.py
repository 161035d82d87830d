"""A small sky for `lofi image`, and what its tests read of the files and the errors."""

from astropy.io import fits

from lofi.radio.coverage import ARCSEC

PRODUCTS = ("dirty", "psf", "model", "residual", "image")
CENTRE = (40.0, -30.0)
CELL, SIZE, SIGMA = 2.5, 64, 0.2
POINT, EAST, NORTH = 0.5, 20.0, 25.0  # Jy, arcsec
CELL_MS = 2 * ARCSEC
EXTENDED, WIDTH = 2.0, 12.0  # Jy, arcsec (standard deviation), at the phase centre


def image(prefix, name):
    return fits.getdata(f"{prefix}-{name}.fits")[0, 0].astype(float)


def refused(result, capsys, *words):
    code, prefix = result
    stderr = capsys.readouterr().err
    assert code == 1
    assert not list(prefix.parent.glob("*sky*"))  # neither a product nor a temporary file
    lines = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "Traceback" not in stderr
    for word in words:
        assert word in lines[0], lines[0]
