"""The cluster's partitions and GPUs against what the configuration asks for, before anything is submitted."""

import re
import shutil
import subprocess
import sys
from typing import NamedTuple

COMMANDS = ("sbatch", "squeue", "sinfo")


class Nodes(NamedTuple):
    """Nodes of a kind in a partition, as sinfo lists them."""

    partition: str
    default: bool  # whether jobs go there that name no partition
    count: int
    gres: str  # of each, such as gpu:a100:4(S:0-1)


def check_cluster(config):
    """ValueError, one sentence, if SLURM is not here, a partition is unknown or has too few GPUs or nodes with them.

    A warning where networks would train without a GPU though one is not ruled out.
    """
    if not all(map(shutil.which, COMMANDS)):
        raise ValueError(f"no SLURM on this machine ({', '.join(COMMANDS)}): start the workflow on a login node")
    cluster = _cluster()
    known = sorted({nodes.partition for nodes in cluster})
    for kind, options in config["cluster"].items():
        for name in _partitions(options):
            if name not in known:
                raise ValueError(
                    f"configuration, cluster.{kind}.partition: this cluster has no {name!r}; it has {', '.join(known)}"
                )
    if config["device"] == "cpu":
        return
    if "gres" not in config["cluster"]["gpus"]:
        print("warning: cluster.gpus names no gres (docs/cluster.md): trainings run on processors", file=sys.stderr)
    else:
        _check_gpus(config["cluster"]["jobs"] | config["cluster"]["gpus"], config["training"], cluster)


def _check_gpus(options, training, cluster):
    devices, wanted = training["devices"], training["nodes"]
    names = _partitions(options)
    here = [nodes for nodes in cluster if (nodes.partition in names if names else nodes.default)]
    kind = _gpus(options["gres"])[0][0]
    gpus = [(sum(n for other, n in _gpus(nodes.gres) if kind in ("", other)), nodes.count) for nodes in here]
    found = sum(count for each, count in gpus if each >= devices)
    if found < wanted:
        raise ValueError(
            f"configuration, cluster.gpus, training: {wanted} node(s) with {devices} x {options['gres']} needed; "
            f"partition {', '.join(names) or '(default)'} has {found} (at most {max(gpus, default=[0])[0]} GPU(s) each)"
        )


def _partitions(options):
    return [name for name in options.get("partition", "").split(",") if name]


def _gpus(gres):
    """[(kind, number), …] of the GPUs in SLURM's notation, such as gpu:a100:4(S:0-1),shard:8; "" of no kind."""
    parts = re.sub(r"\([^)]*\)", "", gres).split(",")
    split = (part.split(":") for part in parts if part.startswith("gpu:"))
    return [(":".join(kind), int(count)) for _, *kind, count in split]


def _cluster():
    command = ["sinfo", "--noheader", "--format", "%P|%D|%G"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise ValueError(f"sinfo gave no answer: {' '.join(str(error.stderr or error).split())}") from error
    lines = (line.split("|") for line in answer.splitlines())
    return [Nodes(name.rstrip("*"), name.endswith("*"), int(count), gres) for name, count, gres in lines]
