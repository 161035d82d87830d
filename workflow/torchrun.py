"""Training one model in several processes: a job becomes `torchrun`, which runs the job's script in each of them."""

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from lofi.device import choose, gpus
from lofi.messages import EXPECTED
from lofi.training import parallel

PR_SET_PDEATHSIG = 1  # Linux, sys/prctl.h


def become(device: str, devices: int, nodes: int, threads: int, log: str, failed: Path) -> NoReturn:
    """Replace this process by `torchrun`: `devices` processes of `threads` threads on each of `nodes` nodes.

    What `torchrun` says is added to the `log`, and its processes write to stderr by way of stdout. `failed` as in
    `process`. Raises ValueError for more GPUs or nodes than there are.
    """
    _check(device, devices, nodes)
    failed.unlink(missing_ok=True)
    failed.parent.mkdir(parents=True, exist_ok=True)
    command = [*_on_nodes(nodes, devices * threads), *_torchrun(devices, nodes), *sys.orig_argv[1:]]
    os.dup2(2, 1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.execvpe(command[0], command, _environment(nodes, threads))


def started() -> bool:
    """Whether `torchrun` has started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def prepare(logs: list[str]) -> None:
    """In a process that `torchrun` started, before its job: the first one speaks and writes the job's log, `logs[0]`.

    It ends with `torchrun`, in whatever way that ends (on Linux).
    """
    with suppress(OSError, AttributeError, TypeError):  # not Linux
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ["RANK"] == "0":
        sys.stderr = sys.stdout
    else:
        logs[0] = os.devnull


@contextmanager
def process(device: str, threads: int, failed: Path) -> Iterator[None]:
    """The group of processes around a training. Only the first that fails says why: it makes the file `failed`."""
    with parallel.group(choose(device, threads)):
        try:
            yield
        except Exception as error:
            try:
                failed.touch(exist_ok=False)
            except FileExistsError:
                raise SystemExit(1) from None
            if os.environ["RANK"] == "0" or not isinstance(error, EXPECTED):
                raise
            for stream in (sys.__stdout__, sys.__stderr__):
                print(f"error: {error}", file=stream, flush=True)
            raise SystemExit(1) from None


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
    return [sys.executable, "-m", "torch.distributed.run", *meeting, f"--nproc-per-node={devices}"]


def _environment(nodes, threads):
    """For an inner `srun`, without what an outer one left: its options are inherited as SLURM_*, SRUN_*."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if nodes == 1 or not name.startswith(("SLURM_", "SRUN_")) or name in ("SLURM_JOB_ID", "SLURM_CONF")
    }
    return kept | {"OMP_NUM_THREADS": str(threads)}
