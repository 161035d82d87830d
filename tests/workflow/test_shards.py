"""What is made by several jobs is what one job makes: maps, crops, observations, reconstructions, inversions."""

import numpy as np
import pandas as pd
import pytest

from lofi.io import checkpoint
from lofi.io.stack import Stack, read
from lofi.models.registry import build
from workflow.scripts.invert import invert
from workflow.scripts.maps import maps
from workflow.scripts.observe import observe
from workflow.scripts.pictures import pictures
from workflow.scripts.reconstruct import reconstruct
from workflow.scripts.score_inversion import score_inversion
from workflow.scripts.visibilities import visibilities
from workflow.shards import bounds, boxes_of, maps_of, names

LENSING = {
    "task": "lensing",
    "field": {"extent_arcmin": 75.0, "pixels": 32},
    "observation": {"galaxy_density": 30.0, "ellipticity_dispersion": {"value": 0.37, "of": "total"}},
}
DENOISING = {"task": "denoising", "field": {"pixels": 32}, "observation": {"noise": [0.01, 0.1], "levels": 2}}
NAME = ["test", "mass", "train"]


def make_maps(folder, theory, shards):
    split = {"source": "lognormal", "maps": 7, "shards": shards}
    params = {"source": {"kind": "lognormal"}, "split": split, "field": LENSING["field"], "margin": 0, "name": NAME}
    paths = [folder / f"{shard}.h5" for shard in names(shards)]
    for shard, path in zip(names(shards), paths, strict=True):
        maps(theory=theory, maps=path, shard=shard, **params)
    return paths


def make_pictures(folder, shards):
    split = {"source": "galaxies", "images": 4, "maps": 7, "shards": shards}
    source = {"kind": "galaxies", "pixels": 48}
    params = {"source": source, "split": split, "field": DENOISING["field"], "name": NAME}
    paths = [folder / f"{shard}.h5" for shard in names(shards)]
    for shard, path in zip(names(shards), paths, strict=True):
        pictures(maps=path, shard=shard, **params)
    return paths


def make_data(folder, shards, experiment):
    paths = [folder / path.name for path in shards]
    for source, path in zip(shards, paths, strict=True):
        observe(maps=source, data=path, experiment=experiment, depth={}, name=NAME)
    return paths


@pytest.fixture(scope="module")
def theory_file(theory, tmp_path_factory):
    path = tmp_path_factory.mktemp("theory") / "theory.h5"
    theory.save(path)
    return path


def test_parts_are_consecutive_and_of_about_equal_size():
    for total, parts in ((7, 3), (13000, 26), (100, 100), (5, 1)):
        borders = [bounds(total, parts, number) for number in range(parts)]
        assert [i for first, stop in borders for i in range(first, stop)] == list(range(total))
        sizes = {stop - first for first, stop in borders}
        assert max(sizes) - min(sizes) <= 1
    assert names(3) == ["0000", "0001", "0002"]
    assert maps_of({"maps": 7, "shards": 3}, "0001") == range(2, 4)
    assert maps_of({"maps": 7}, "0000") == range(7)
    assert boxes_of({"boxes": [7, 9], "maps": 5}, range(1, 4)) == [7, 7, 9]


def test_maps_and_their_noise_do_not_depend_on_shards(theory_file, tmp_path):
    one, three = (make_maps(tmp_path / f"maps{shards}", theory_file, shards) for shards in (1, 3))
    whole, parts = Stack(one, "images"), Stack(three, "images")
    assert np.array_equal(whole[:], parts[:])
    assert len(np.unique(whole[:], axis=0)) == 7
    assert whole.record["box"] == parts.record["box"] == [0] * 7
    observed = [read(make_data(p[0].parent / "data", p, LENSING), "observed", "truth") for p in (one, three)]
    for first, second in zip(*(arrays for _, *arrays in observed), strict=True):
        assert np.array_equal(first, second)


def test_crops_and_their_noise_do_not_depend_on_shards(tmp_path):
    one, three = (make_pictures(tmp_path / f"maps{shards}", shards) for shards in (1, 3))
    images = [Stack(paths, "images")[:] for paths in (one, three)]
    assert np.array_equal(*images)
    observed = [read(make_data(p[0].parent / "data", p, DENOISING), "observed", "truth") for p in (one, three)]
    assert observed[0][1].shape == (14, 2, 32, 32)  # each at two levels
    for first, second in zip(*(arrays for _, *arrays in observed), strict=True):
        assert np.array_equal(first, second)


def test_reconstructions_do_not_depend_on_jobs(theory_file, tmp_path):
    data = make_data(tmp_path / "data" / "test", make_maps(tmp_path / "maps", theory_file, 3), LENSING)
    record, truth = read(data, "truth")
    model = build({"class": "identity"}, record["channels"], (32, 32))
    checkpoint.save(tmp_path / "model", model, {"class": "identity"}, record["channels"], (32, 32))
    made = []
    for jobs in (1, 2):
        parts = [tmp_path / f"jobs{jobs}" / f"{part}.h5" for part in names(jobs)]
        options = {"weights": tmp_path / "model" / "model.safetensors", "parts": jobs, "device": "cpu", "threads": 1}
        for part, path in enumerate(parts):
            reconstruct(data=data, reconstruction=path, part=part, **options)
        made.append(Stack(parts, "test")[:])
    assert made[0].shape == truth.shape
    assert np.array_equal(*made)


@pytest.mark.parametrize("method", ["dirty", "dncnn_admm"])
def test_inversions_do_not_depend_on_jobs(denoiser_folder, tmp_path, method):
    """To rounding: batches of different sizes are added up in a different order."""
    inversion = {
        "sky": {"source": "galaxies", "images": 3},
        "pixels": 32,
        "cell_arcsec": 2.8,
        "coverage": {
            "telescope": "meerkat",
            "declination_deg": -30.7,
            "hour_angles": [-0.1, 0.1],
            "dump_seconds": 240,
            "frequencies_hz": [1.4e9],
        },
        "noise": {"snr_db": 30},
        "noise_seeds": 1,
        "weighting": {"weighting": "briggs", "robust": 0.0},
    }
    observation = tmp_path / "observation.h5"
    visibilities(observation=observation, inversion=inversion, name=NAME, seed="test")
    options = {"class": "dirty"}
    if method == "dncnn_admm":
        options = {"class": "admm", "model": "dncnn_denoiser", "schedule": {"iterations": 4, "annealing": 2}}
    made, traces = [], []
    for jobs in (1, 2):
        parts = [tmp_path / f"jobs{jobs}" / f"{part}.h5" for part in names(jobs)]
        params = {"method": options, "name": NAME, "device": "cpu", "threads": 1, "parts": jobs}
        params["weights"] = denoiser_folder / "model.safetensors"
        for part, path in enumerate(parts):
            files = {"observation": observation, "images": path, "trace": path.with_suffix(".trace.csv")}
            invert(part=part, **files, **params)
        scores, trace = tmp_path / f"{jobs}.csv", tmp_path / f"{jobs}.trace.csv"
        files = {"observation": observation, "images": parts, "scores": scores, "trace": trace}
        files["traces"] = [path.with_suffix(".trace.csv") for path in parts]
        score_inversion(inversion="i", method=method, **files)
        made.append((Stack(parts, "images")[:], pd.read_csv(scores)))
        traces.append(pd.read_csv(trace))
    (whole, scores), (parts, scores_of_parts) = made
    assert np.allclose(parts, whole, atol=1e-4 * whole.max())
    assert list(scores_of_parts["problem"]) == list(scores["problem"]) == [0, 1, 2]
    assert np.allclose(scores_of_parts["snr"], scores["snr"], atol=1e-3)
    if method == "dncnn_admm":
        columns = ["problem", "iteration"]
        whole, parts = (trace.sort_values(columns, ignore_index=True) for trace in traces)
        assert whole[columns].equals(parts[columns])
        assert np.allclose(whole["sigma"], parts["sigma"], rtol=1e-4)
