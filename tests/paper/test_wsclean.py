"""What `snakemake wsclean` builds at smoke scale."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from project_copy import copied
from smoke_scale import smoke

pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
pytestmark = pytest.mark.skipif(shutil.which("wsclean") is None, reason="wsclean is not installed: tests/install.sh")


def test_every_image_is_scored_and_drawn(tmp_path):
    project = copied(tmp_path)
    done = subprocess.run(smoke("wsclean"), cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    results = project / "results/smoke"
    table = pd.read_csv(results / "tables/wsclean.csv")
    images = {"narrow_128": ["lofi", "wsclean"], "wide_128": ["lofi", "wsclean", "wsclean"]}
    assert {name: rows["imager"].tolist() for name, rows in table.groupby("comparison")} == images
    assert np.isfinite(table.drop(columns=["comparison", "imager", "threshold", "image"]).to_numpy(float)).all()
    assert (table["snr"] > 10).all()  # the sky is there, neither turned nor shifted
    assert table["processor_seconds"].between(0.1, 60).all()
    paired = pd.read_csv(results / "tables/wsclean_paired.csv").set_index("comparison")
    assert paired["n_skies"].to_dict() == {"narrow_128": 1, "wide_128": 1, "all": 2}
    for form in ("png", "pdf"):
        assert (results / f"figures/wsclean.{form}").stat().st_size > 5000
