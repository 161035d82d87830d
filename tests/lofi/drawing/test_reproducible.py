"""The same figure is the same file, byte for byte."""

import os
import subprocess
import sys

DRAW = """
import sys
import numpy as np
from lofi.drawing.style import save, show_map, style
figure, axes = style().subplots(1, 2, layout="constrained")
show_map(axes[0], np.random.default_rng(1).standard_normal((16, 16)), 2.0)
axes[1].plot([1, 2, 3], ".-", label="κ")
axes[1].legend()
axes[1].fill_between([0, 1], [0, 1], hatch="//")
save(figure, sys.argv[1:])
"""


def test_two_processes_write_the_same_bytes(tmp_path):
    forms = ("png", "pdf", "svg")
    for run in ("1", "2"):
        files = [tmp_path / f"{run}.{form}" for form in forms]
        environment = os.environ | {"PYTHONHASHSEED": run}
        subprocess.run([sys.executable, "-c", DRAW, *files], check=True, env=environment)
    for form in forms:
        first, second = ((tmp_path / f"{run}.{form}").read_bytes() for run in (1, 2))
        assert first == second
        assert b"Date" not in first  # processes of the same second would agree on it
