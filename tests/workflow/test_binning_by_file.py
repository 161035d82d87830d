"""An observation of several files is binned by a job for each, through Snakemake, and is the map of `lofi map`."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits
from project_copy import ROOT

from lofi.mapping import map_observation
from lofi.seeds import stream
from workflow.binning import files_of_parts, is_by_file

COLUMNS = {"ra": "ra", "dec": "dec", "e1": "e1", "e2": "e2"}


@pytest.fixture
def paths(tmp_path):
    rng, count = stream("binning by file"), 3000
    table = pd.DataFrame({"ra": 39.5 + rng.random(count), "dec": 59.7 + 0.5 * rng.random(count)})
    table["e1"], table["e2"] = 0.2 * rng.standard_normal((2, count))
    files = [tmp_path / f"part {number}.csv" for number in range(3)]
    for file, first, last in zip(files, (0, 100, 2000), (100, 2000, count), strict=True):
        table[first:last].to_csv(file, index=False)
    return files


def test_what_is_binned_by_file():
    entry = {"file": ["a.fits", "b.fits"], "columns": COLUMNS}
    assert is_by_file(entry)
    assert not is_by_file(entry | {"file": "a.fits"})
    assert not is_by_file(entry | {"zbins": "z=0,1"})
    assert not is_by_file({"file": ["a.fits", "b.fits"]})
    found = files_of_parts({"observations": {"mine": entry, "map": {"file": "map.fits"}}}, "mine")
    assert found["sums"] == ["observations/mine/sums/0.npz", "observations/mine/sums/1.npz"]
    assert files_of_parts({"observations": {"map": {"file": "map.fits"}}}, "map") == {}


def test_the_jobs_make_the_map_of_the_command(paths, tmp_path):
    options = {"columns": COLUMNS, "e2_sign": -1, "redshift": 0.9}
    overlay, run = tmp_path / "overlay.yaml", tmp_path / "run"
    entry = options | {"file": [str(path) for path in paths], "prior": "convergence"}
    overlay.write_text(yaml.safe_dump({"observations": {"several": entry}}))
    command = [sys.executable, "-m", "snakemake", "observations/several/kappa.fits", "--cores", "1"]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(run), "--configfile"]
    command += [str(ROOT / "config/smoke.yaml"), str(overlay)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    folder = run / "observations/several"
    assert not (folder / "plan.json").exists()
    assert not list(folder.glob("sums/*"))
    map_observation(paths, options, output=tmp_path / "kappa.fits")
    with fits.open(folder / "kappa.fits") as made, fits.open(tmp_path / "kappa.fits") as expected:
        assert [hdu.name for hdu in made] == [hdu.name for hdu in expected]
        for one, other in zip(made[1:], expected[1:], strict=True):
            np.testing.assert_array_equal(one.data, other.data)
