"""Ten million visibilities in less than a gigabyte."""

import subprocess
import sys

import numpy as np
import pytest

from lofi.radio.coverage import synthesis
from simulations.measurement_set import write_measurement_set

CHANNELS, TIMES, PAIRS = 248, 20, 2016
FREQUENCIES = 1.3e9 + 8e5 * np.arange(CHANNELS)
EAST, NORTH = np.radians([200 / 3600, 100 / 3600])
READ = r"""
import re, sys
from pathlib import Path
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.radio_field import read_field
field = read_field([sys.argv[1]], ImagingOptions(pixels=256, cell_arcsec=2.5, weighting="natural"))
column, row = (field.imaged.dirty[0].argmax() % 256) - 128, (field.imaged.dirty[0].argmax() // 256) - 128
# Not ru_maxrss: a child begins with that of its parent.
kilobytes = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
print(field.data.count, column, row, int(kilobytes) / 2**20)
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory, meerkat):
    """A point source, its noise twice as large as its flux in each sample."""
    pytest.importorskip("casacore")
    path = tmp_path_factory.mktemp("large") / "obs.ms"
    seen = synthesis(meerkat, -30.7, (-0.5, 0.5), 3600 / TIMES, FREQUENCIES)
    path_length = np.sqrt(1 - EAST**2 - NORTH**2) - 1
    values = 0.5 * np.exp(-2j * np.pi * (seen.u * EAST + seen.v * NORTH + seen.w * path_length))
    values += np.random.default_rng(0).standard_normal((2, len(values))).T.copy().view(complex)[:, 0]
    write_measurement_set(path, seen, values, 1.0, right_ascension_deg=202.5, channel_hz=8e5, name="F")
    return path


def test_memory_does_not_grow_with_the_visibilities(path):
    result = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=True)
    count, column, row, gigabytes = result.stdout.split()
    assert int(count) == CHANNELS * TIMES * PAIRS  # 9 999 360
    assert (int(column), int(row)) == (-80, 40)
    assert float(gigabytes) < 1.0
