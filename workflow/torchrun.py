"""Starting the processes of one training: `torchrun` on this machine, or on every node of a SLURM job."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from lofi.device import choose, gpus
from lofi.training.interruption import noticed
from workflow.orphans import end_with_parent

ROOT = Path(__file__).resolve().parent.parent


def train_in_processes(arguments, devices, nodes):
    """Run `workflow.training.train(**arguments)` in `devices` processes on each of `nodes` nodes.

    Their progress goes to stderr. Raises ValueError for more GPUs or nodes than there are, and OSError with the
    sentence of the process that failed.
    """
    _check(arguments["device"], devices, nodes)
    threads = max(1, arguments["threads"] // devices)
    folder = Path(arguments["folder"], "processes").absolute()  # where all nodes see it
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    task = folder / "arguments.json"
    task.write_text(json.dumps(arguments | {"threads": threads}, default=str))
    command = [*_on_nodes(nodes, devices * threads), *_torchrun(devices, nodes), str(task)]
    log = folder / "torchrun.log"
    try:
        code, stopped = _run(command, _environment(nodes, threads), log)
        if code:
            raise OSError(_reason(folder, log, code, stopped))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(task, sentence):
    """What process `RANK` of the `task` says to the process that started it."""
    Path(task).with_name(f"{int(os.environ['RANK']):05d}.error").write_text(sentence)


def _check(device, devices, nodes):
    if nodes > 1 and "SLURM_JOB_ID" not in os.environ:
        raise ValueError(
            f"training.nodes is {nodes}, but this is no SLURM job; run with --profile slurm or set training.nodes to 1"
        )
    choose(device)
    present = gpus()
    if device != "cpu" and devices > present:
        raise ValueError(
            f"training.devices is {devices}, but this machine has {present or 'no'} GPU{'s' * (present != 1)}"
            + ("; with device: cpu they would be processes on its processor" if not present else "")
        )


def _on_nodes(nodes, cpus):
    """`srun` of one task per node, in the resources of the running job; nothing on one node."""
    if nodes == 1:
        return []
    shape = [f"--nodes={nodes}", f"--ntasks={nodes}", "--ntasks-per-node=1", f"--cpus-per-task={cpus}"]
    return ["srun", "--overlap", "--kill-on-bad-exit=1", *shape]


def _torchrun(devices, nodes):
    meeting = ["--standalone"]
    if nodes > 1:
        with socket.socket() as free:
            free.bind(("", 0))
            place = f"{socket.gethostname()}:{free.getsockname()[1]}"
        job = os.environ["SLURM_JOB_ID"]
        meeting = [f"--nnodes={nodes}", "--rdzv-backend=c10d", f"--rdzv-endpoint={place}", f"--rdzv-id={job}"]
    program = [sys.executable, "-m", "torch.distributed.run", *meeting, f"--nproc-per-node={devices}"]
    return [*program, "-m", "workflow.training_process"]


def _environment(nodes, threads):
    """For an inner `srun`, without what an outer one left: its options are inherited as SLURM_*, SRUN_*."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if nodes == 1 or not name.startswith(("SLURM_", "SRUN_")) or name in ("SLURM_JOB_ID", "SLURM_CONF")
    }
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return kept | {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": path}


def _run(command, environment, log):
    """Exit code, and whether this process was told to stop; stdout is passed on to stderr, stderr to `log`."""
    with log.open("w") as noise:
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=noise,
            start_new_session=True,  # a Ctrl-C reaches it once, through `terminate`
            preexec_fn=end_with_parent,
        )
        try:
            with noticed(process.terminate) as signals:
                while chunk := process.stdout.read1(1 << 16):
                    sys.stderr.write(chunk.decode(errors="replace"))
                return process.wait(), bool(signals)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _reason(folder, log, code, stopped):
    """The sentence of the first process that left one, the earliest in time; else what torchrun wrote is shown."""
    told = sorted(folder.glob("*.error"), key=lambda path: path.stat().st_mtime_ns)
    if told:
        return told[0].read_text()
    if stopped:
        return "training was told to stop (SIGTERM or Ctrl-C) before its first step"
    sys.stderr.write(log.read_text())
    return f"the processes of the training ended with exit code {code}; what they wrote is above"
