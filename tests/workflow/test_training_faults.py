"""Training that is killed, told to stop, or asked for what is not there: the train rule's script."""

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
from training_job import ROOT, simulate, train

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


def killed(folder, **options):
    """A training that is killed in mid-epoch; the processes that it started end with it."""
    process = start(folder, **options)
    until_saved(process, folder, 10)
    process.kill()
    assert finished(process)[0] == -signal.SIGKILL
    assert not (folder / "model.safetensors").exists()
    deadline = time.monotonic() + 120
    while alive(str(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(str(folder))


def stopped(folder, **options):
    """The same, told to stop, as a cluster does: not only the job's first process. What it said."""
    process = start(folder, **options)
    until_saved(process, folder, 50)
    for number in alive(str(folder)):
        os.kill(int(number), signal.SIGTERM)
    code, stderr = finished(process)
    assert code == 1
    assert stderr.count("error: ") == 1
    assert "error: training was stopped (SIGTERM or Ctrl-C) after step " in stderr
    assert "Traceback" not in stderr
    return stderr


def goes_on_to_the_end_of(whole, folder, **options):
    """Started again, the training makes the same files as an undisturbed one, bit for bit."""
    code, stderr = finished(start(folder, **options))
    assert code == 0, stderr
    assert "training resumed at step " in stderr
    assert result(folder) == result(whole)
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in whole.iterdir())


def test_a_training_told_to_stop_ends_as_an_undisturbed_one(data):
    train(data / "whole", RECIPE)
    stopped(data / "cut")
    goes_on_to_the_end_of(data / "whole", data / "cut")


def test_two_processes_killed_and_told_to_stop_end_as_two_undisturbed_ones(data):
    whole, cut = data / "whole2", data / "cut2"
    assert finished(start(whole, devices=2))[0] == 0
    killed(cut, devices=2)
    assert "training resumed at step " in stopped(cut, devices=2)
    goes_on_to_the_end_of(whole, cut, devices=2)


def refusal(capsys, folder, **options):
    """The one sentence with which the job refuses, in this process."""
    with pytest.raises(SystemExit) as end:
        train(folder, RECIPE, **options)
    assert end.value.code == 1
    (sentence,) = (line for line in capsys.readouterr().err.splitlines() if "error: " in line)
    return sentence


def test_more_gpus_than_there_are(data, capsys):
    present = torch.cuda.device_count()
    said = refusal(capsys, data / "gpus", device="auto", devices=1 + max(1, present))
    assert "error: training.devices is 2, but this machine has no GPU" in said or present
    assert "but this machine has " in said


def test_nodes_need_a_cluster(data, capsys, monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    said = refusal(capsys, data / "nodes", nodes=2)
    assert "error: training.nodes is 2, but this is no SLURM job; run with --profile slurm" in said


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
    train(data / "alone", short)
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
