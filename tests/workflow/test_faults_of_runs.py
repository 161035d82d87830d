"""Runs that are killed, run out of disk, started twice or fail in one place: nothing complete is lost or made again."""

import os
import signal
import subprocess
import sys
import time

import h5py
import pytest

MAPS = "experiments: {mass: {field: {pixels: 32}, splits: {train: {maps: 2000, shards: 1}, test: {maps: 4}}}}"

RUN = "results/smoke"


def command(*targets, overlay="config/faults.yaml"):
    """A run of the smoke configuration; the configuration goes last, since --configfile swallows what follows."""
    logger = ["--logger", "lofi", "--keep-going", "--cores", "2"]
    return [sys.executable, "-m", "snakemake", *targets, *logger, "--configfile", "config/smoke.yaml", overlay]


def run(folder, *targets, **options):
    return subprocess.run(command(*targets, **options), cwd=folder, capture_output=True, text=True)


def stamps(folder):
    """{file: (time of change, size)} of all results but logs."""
    files = [
        path for path in (folder / RUN).rglob("*") if path.is_file() and not {"logs", ".snakemake"} & set(path.parts)
    ]
    return {path: (path.stat().st_ctime_ns, path.stat().st_size) for path in files}


@pytest.fixture(scope="module")
def begun(project):
    """A project with a theory and the maps of one split."""
    (project / "config/faults.yaml").write_text(MAPS)
    done = run(project, "maps/mass/test/0000.h5")
    assert done.returncode == 0, done.stderr
    return project


def start(folder, *targets):
    """A run in the background, once its job has begun to write its log."""
    (log := folder / RUN / "logs/maps/mass.train.0000.log").unlink(missing_ok=True)
    process = subprocess.Popen(command(*targets), cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 300
    while not log.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert log.exists()
    return process


def test_a_killed_run_is_unlocked_and_goes_on(begun):
    before = stamps(begun)
    process = start(begun, "maps/mass/train/0000.h5")
    os.killpg(process.pid, signal.SIGKILL)  # Snakemake and its jobs, as in a power cut
    process.communicate()
    train = begun / RUN / "maps/mass/train/0000.h5"
    assert not train.exists()
    locked = run(begun, "maps/mass/train/0000.h5")
    assert locked.returncode == 1
    assert "--unlock" in locked.stderr
    assert not train.exists()
    unlocked = [sys.executable, "-m", "snakemake", "--unlock", "--configfile", "config/smoke.yaml"]
    assert subprocess.run(unlocked, cwd=begun, capture_output=True).returncode == 0
    again = run(begun, "maps/mass/train/0000.h5", "maps/mass/test/0000.h5")
    assert again.returncode == 0, again.stderr
    assert "1 of 1" in again.stderr
    with h5py.File(train) as file:
        assert len(file["images"]) == 2000
    after = stamps(begun)
    assert {path: after[path] for path in before} == before
    assert not [path for path in after if path.name.endswith(".tmp")]


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_goes_on(begun):
    (begun / RUN / "maps/mass/train/0000.h5").unlink(missing_ok=True)
    first = start(begun, "maps/mass/train/0000.h5")
    os.killpg(first.pid, signal.SIGSTOP)  # it takes as long as it takes to start another
    second = run(begun, "maps/mass/train/0000.h5")
    os.killpg(first.pid, signal.SIGCONT)
    said = first.communicate()[1]
    assert second.returncode == 1
    assert "Directory cannot be locked" in second.stderr
    assert "Traceback" not in second.stderr
    assert first.returncode == 0, said
    with h5py.File(begun / RUN / "maps/mass/train/0000.h5") as file:
        assert len(file["images"]) == 2000


def test_a_damaged_input_of_a_rule_is_named(begun):
    path = begun / RUN / "maps/mass/test/0000.h5"
    path.write_bytes(path.read_bytes()[:3000])
    done = run(begun, "data/mass/test/0000.h5")
    assert done.returncode == 1
    *_, failed, log = done.stderr.splitlines()
    assert failed.startswith("observe mass.test.0000 failed: maps/mass/test/0000.h5 ")
    assert log.split() == ["its", "log:", f"{RUN}/logs/observe/mass.test.0000.log"]
    assert not (begun / RUN / "data/mass/test/0000.h5").exists()
    path.unlink()


def test_a_full_disk_ends_a_run_with_one_sentence_and_space_mends_it(project, small_disk):
    results = small_disk(100, project / "elsewhere/results/smoke")
    for part in ("Snakefile", "config", "workflow", "lofi", "simulations", "profiles", "envs"):
        (project / "elsewhere" / part).symlink_to(project / part)
    full = run(project / "elsewhere", "theory.h5", overlay="config/smoke.yaml")
    assert full.returncode == 1
    assert "theory failed: theory.h5 cannot be written: the disk is full" in full.stderr.splitlines()[-2]
    assert "Traceback" not in full.stderr
    assert not (results / "theory.h5").exists()
    subprocess.run(["mount", "-o", "remount,size=5000k", str(results)], check=True)
    mended = run(project / "elsewhere", "theory.h5", overlay="config/smoke.yaml")
    assert mended.returncode == 0, mended.stderr
    with h5py.File(results / "theory.h5") as file:
        assert file.attrs["source_redshift"] > 0
