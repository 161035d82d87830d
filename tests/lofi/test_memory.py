"""Freed memory stays in the process: arrays made again cause no page faults; where asked, large ones are returned."""

import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lofi.memory import keep_freed_memory, return_large_blocks

ROOT = Path(__file__).parents[2]
PROGRAM = """
import resource, sys
import numpy as np
from lofi.memory import keep_freed_memory, return_large_blocks
if sys.argv[1] != "returned":
    keep_freed_memory()
    keep_freed_memory()
if sys.argv[1] == "large":
    return_large_blocks()
for turn in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(8_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    """Page faults of the third array of 64 MB."""
    return int(subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_an_array_made_again_causes_no_page_faults():
    assert faults("kept") < 20
    assert faults("returned") > 10 * faults("kept")
    assert faults("large") > 10 * faults("kept")


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr("lofi.memory.ctypes.CDLL", lambda _: SimpleNamespace())
    keep_freed_memory()
    return_large_blocks()
