"""Training that is killed, told to stop, or asked for what is not there: real processes of the train rule's script."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch
from training_job import ROOT, simulate

PROGRAM = Path(__file__).with_name("training_job.py")
RECIPE = {"steps": 200, "objects": 4, "validate_every": 60, "save_every": 10}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    simulate(folder)
    return folder


def start(folder, environment=None, **options):
    """The job, started; `folder` is that of the model, beside the data."""
    task = json.dumps({"folder": str(folder), "training": RECIPE} | options)
    path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{PROGRAM.parent}", "OMP_NUM_THREADS": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), task],
        env=kept | path | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(process):
    """Exit code and stderr of a job that must end by itself."""
    stderr = process.communicate(timeout=600)[1]
    return process.returncode, stderr


def until_saved(process, folder, steps):
    """Wait for the state of a step from `steps` on."""
    state = folder / "training.resume"
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and process.poll() is None:
        if state.exists() and int(state.read_bytes()[8:].split(b'\\"step\\": ')[1].split(b",")[0]) >= steps:
            return
        time.sleep(0.01)
    raise AssertionError(f"no state of step {steps}: {process.communicate()[1][-3000:]}")


def result(folder):
    history = pd.read_csv(folder / "history.csv").drop(columns="seconds")
    return (folder / "model.safetensors").read_bytes(), history.to_csv(), (folder / "model.json").read_text()


def alive(text):
    """Processes whose command line contains `text`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [path.parent.name] * (text.encode() in path.read_bytes())
        except OSError:  # ended meanwhile
            continue
    return found


@pytest.mark.parametrize("devices", [1, 2])
def test_a_training_killed_and_told_to_stop_ends_as_an_undisturbed_one(data, devices):
    """SIGKILL in mid-epoch, SIGTERM later, and at last to the end: the same files, bit for bit."""
    whole, cut = data / f"whole{devices}", data / f"cut{devices}"
    assert finished(start(whole, devices=devices))[0] == 0

    killed = start(cut, devices=devices)
    until_saved(killed, cut, 10)
    killed.kill()
    assert finished(killed)[0] == -signal.SIGKILL
    assert not (cut / "model.safetensors").exists()
    deadline = time.monotonic() + 120
    while alive(str(cut)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(str(cut))  # the processes that it started ended with it

    stopped = start(cut, devices=devices)
    until_saved(stopped, cut, 50)
    for process in alive(str(cut)):  # as a cluster does: not only the job's first
        os.kill(int(process), signal.SIGTERM)
    code, stderr = finished(stopped)
    assert code == 1
    assert "training resumed at step " in stderr
    assert stderr.count("error: ") == 1
    assert "error: training was stopped (SIGTERM or Ctrl-C) after step " in stderr
    assert "Traceback" not in stderr

    code, stderr = finished(start(cut, devices=devices))
    assert code == 0, stderr
    assert "training resumed at step " in stderr
    assert result(cut) == result(whole)
    assert sorted(path.name for path in cut.iterdir()) == sorted(path.name for path in whole.iterdir())


def test_more_gpus_than_there_are(data):
    code, stderr = finished(start(data / "gpus", device="auto", devices=1 + max(1, torch.cuda.device_count())))
    assert code == 1
    assert "error: training.devices is 2, but this machine has no GPU" in stderr or torch.cuda.device_count()
    assert "but this machine has " in stderr
    assert "Traceback" not in stderr


def test_nodes_need_a_cluster(data):
    code, stderr = finished(start(data / "nodes", nodes=2))
    assert code == 1
    assert "error: training.nodes is 2, but this is no SLURM job; run with --profile slurm" in stderr
    assert "Traceback" not in stderr


def test_two_nodes_meet(data, tmp_path):
    """With `srun` replaced by a program that starts the tasks of all nodes here."""
    srun = tmp_path / "srun"
    srun.write_text(
        f"#!{sys.executable}\n"
        "import os, subprocess, sys\n"
        "options = [word for word in sys.argv[1:] if word.startswith('--')]\n"
        "program = sys.argv[1 + sys.argv[1:].index(sys.executable):]\n"
        "assert '--nodes=2' in options and '--ntasks-per-node=1' in options, options\n"
        "assert not [name for name in os.environ if name.startswith('SLURM_') and name != 'SLURM_JOB_ID']\n"
        "tasks = [subprocess.Popen(program) for node in range(2)]\n"
        "sys.exit(max(task.wait() for task in tasks))\n"
    )
    srun.chmod(0o755)
    job = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "SLURM_JOB_ID": "77", "SLURM_NTASKS": "1"}
    short = RECIPE | {"steps": 20, "validate_every": 20}
    code, stderr = finished(start(data / "meeting", job, nodes=2, training=short))
    assert code == 0, stderr
    assert finished(start(data / "alone", training=short))[0] == 0
    histories = [pd.read_csv(data / name / "history.csv").drop(columns="seconds") for name in ("meeting", "alone")]
    pd.testing.assert_frame_equal(*histories, rtol=1e-4)


def test_a_process_that_fails_says_why_once(data):
    code, stderr = finished(start(data / "few", devices=2, training=RECIPE | {"objects": 1}))
    assert code == 1
    assert stderr.count("error: ") == 1
    assert "error: training: objects is 1; 2 processes need at least one each" in stderr
    assert "Traceback" not in stderr


SECOND = """
import os, sys
from pathlib import Path
from torch import distributed
from workflow import torchrun
failed, log = Path(sys.argv[1]), sys.argv[2]
if not torchrun.started():
    torchrun.become("cpu", 2, 1, 1, log, failed)
torchrun.prepare([log])
with torchrun.process("cpu", 1, failed):
    if os.environ["RANK"] == "1":
        raise ValueError("the second has no data")
    distributed.barrier()
"""


def test_another_process_than_the_first_says_why_it_failed(tmp_path):
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(SECOND)
    command = [sys.executable, str(program), str(tmp_path / "failed"), str(log)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert run.returncode == 1
    assert run.stderr == "error: the second has no data\n"
    assert run.stderr in log.read_text()
