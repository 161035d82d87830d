"""The whole default workflow at smoke scale through a real SLURM, one training cancelled on the way."""

import os
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from cluster_runs import configured, jobs, snakemake, submitted
from ktng_shards import RUN, SHARDS, mend, with_a_broken_map

GPU = ("rule_train", "rule_reconstructions", "rule_inversions", "rule_map_observation", "rule_image_observation")
CANCELLED = "rule_train_wildcards_mass_lofi"


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Results of the same scale without a cluster: those in LOCAL_RESULTS, or of a run."""
    if "LOCAL_RESULTS" in os.environ:
        return Path(os.environ["LOCAL_RESULTS"])
    folder = configured(tmp_path_factory.mktemp("local"))
    assert snakemake(folder, "--cores", "2").wait() == 0, tail(folder)
    return folder / RUN


@pytest.fixture(scope="module")
def run(slurm, tmp_path_factory):
    """Results, SLURM's job table and the GPUs that the cancelled training was given, of a run through SLURM."""
    folder = configured(tmp_path_factory.mktemp("submitted"))
    first, begun = max((job.number for job in jobs()), default=0), time.monotonic()
    process = submitted(folder)
    try:
        gpus = cancel_in_mid_training(folder, process)
        assert process.wait() == 0, tail(folder)
    finally:
        process.terminate()
    table = [job for job in jobs() if job.number > first]
    print(f"\n{time.monotonic() - begun:.0f} s", *table, sep="\n")
    return folder / RUN, table, gpus


def cancel_in_mid_training(folder, process):
    """CUDA_VISIBLE_DEVICES of the training that was cancelled when it had written its first state."""
    state = folder / RUN / "models/mass/lofi/training.resume"
    while not state.exists() and process.poll() is None:
        time.sleep(0.2)
    assert state.exists(), tail(folder)
    gpus = visible_gpus(folder)
    number = next(job.number for job in jobs() if job.what == CANCELLED and job.state == "RUNNING")
    subprocess.run(["scancel", str(number)], check=True)
    return gpus


def visible_gpus(folder):
    """CUDA_VISIBLE_DEVICES of the trainings that run in `folder`."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "cwd").readlink() == folder / RUN and b".train.py" in (path / "cmdline").read_bytes():
                variables = dict(v.split("=", 1) for v in (path / "environ").read_text().split("\0") if "=" in v)
                if variables:  # none while a process begins or ends
                    found.append(variables.get("CUDA_VISIBLE_DEVICES"))
        except OSError:
            continue  # it has just ended
    return found


def tail(folder):
    return (folder / "run.log").read_text()[-3000:]


def test_tens_of_jobs_went_through_sbatch(run):
    _, table, _ = run
    assert 15 < len(table) < 60
    assert {job.state for job in table if job.what != CANCELLED} == {"COMPLETED"}
    assert {job.cpus for job in table} == {1}  # also of groups, whose rules run one after the other


def test_jobs_that_train_or_reconstruct_got_a_gpu_and_no_others(run):
    _, table, gpus = run
    for job in table:
        wanted = ("gpu", "gres:gpu:1") if job.what.startswith(GPU) else ("cpu", "N/A")
        assert (job.partition, job.gres) == wanted, job
    assert {rule for rule in GPU if any(job.what.startswith(rule) for job in table)} == set(GPU)
    assert gpus
    assert set(gpus) <= {"0", "1"}


def test_the_cancelled_training_was_submitted_again_with_more_and_went_on(run):
    results, table, _ = run
    cancelled, again = (job for job in table if job.what == CANCELLED)
    assert (cancelled.state, cancelled.memory, cancelled.limit) == ("CANCELLED", "4000M", "10:00:00")
    assert (again.state, again.memory, again.limit) == ("COMPLETED", "8000M", "20:00:00")
    assert "resumed at step" in (results / "logs/train/mass.lofi.log").read_text()


def test_what_a_group_had_finished_outlives_the_failure_of_one_of_it(slurm, project):
    with_a_broken_map(project, broken=2)
    run = {"targets": SHARDS, "overlays": ["overlay.yaml"]}
    made = finished_before_the_failure(project, run)
    mend(project, broken=2)
    assert submitted(project, **run).wait() == 0, tail(project)
    assert all((project / RUN / shard).exists() for shard in SHARDS)
    assert made == {path: path.stat().st_mtime_ns for path in made}


def finished_before_the_failure(project, run):
    """Shards that a group with a broken one made, and when. Its order is Snakemake's: the broken one may come first."""
    for _ in range(6):
        before = len(jobs())
        assert submitted(project, "--retries", "0", **run).wait() == 1
        assert len(jobs()) == before + 1  # the three shards are one group
        made = {path: path.stat().st_mtime_ns for shard in SHARDS if (path := project / RUN / shard).exists()}
        if made:
            assert len(made) < len(SHARDS)
            return made
    raise AssertionError(f"no shard was made before the broken one: {tail(project)}")


def test_results_equal_those_of_a_local_run(run, local):
    results = run[0]
    images = sorted(path.relative_to(results) for path in results.rglob("*.h5"))
    weights = sorted(path.relative_to(results) for path in results.rglob("*.safetensors"))
    tables = sorted(path.relative_to(results) for path in results.glob("tables/*.csv") if path.stem != "runtimes")
    assert min(len(images), len(weights), len(tables)) > 5
    for path in images:
        assert content(results / path) == content(local / path), path
    for path in weights:
        assert (results / path).read_bytes() == (local / path).read_bytes(), path
    for path in tables:
        pd.testing.assert_frame_equal(measures(results / path), measures(local / path), obj=str(path), check_exact=True)


def content(path):
    """Type, shape and values of every dataset of an HDF5 file but seconds, by name."""
    found = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset) and "seconds" not in name:
            values = np.asarray(item[()])
            exact = values.tolist() if values.dtype.hasobject else values.tobytes()
            found[name] = (values.dtype, values.shape, exact)

    with h5py.File(path) as file:
        file.visititems(keep)
    return found


def measures(path):
    table = pd.read_csv(path)
    return table[[name for name in table.columns if "seconds" not in name]]


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("cluster: {jobs: {partition: volta}}", "this cluster has no 'volta'; it has cpu, gpu"),
        (
            "cluster: {gpus: {partition: gpu, gres: 'gpu:a100:1'}}",
            "1 node(s) with 1 x gpu:a100:1 needed; partition gpu has 0",
        ),
        (
            "{training: {devices: 3}, cluster: {gpus: {partition: gpu, gres: 'gpu:1'}}}",
            "1 node(s) with 3 x gpu:1 needed; partition gpu has 0 (at most 2 GPU(s) each)",
        ),
    ],
)
def test_what_the_cluster_does_not_have_stops_the_run_before_any_job(slurm, project, site, words):
    before = len(jobs())
    (project / "config/site.yaml").write_text(site)
    assert submitted(project, limit=120).wait() == 1  # 124: it hung
    assert words in tail(project)
    assert len(jobs()) == before


def test_an_unknown_key_of_the_profile_is_named(slurm, project):
    with (project / "slurm/config.yaml").open("a") as file:
        file.write("slurm-partitoin: gpu\n")
    assert submitted(project, limit=120).wait() == 2
    assert "error: unrecognized arguments: --slurm-partitoin=gpu" in tail(project)
