"""What a network's training costs, cell by cell: model × resolution, each in a fresh process (paper Table II)."""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = [
    *("model", "parameters", "pixels", "objects", "microbatch", "outcome", "peak_gb", "images_gb"),
    *("batch_seconds", "processor_seconds", "epoch_seconds", "training_images", "memory_limit_gb", "time_limit_s"),
    *("device", "threads"),
]


def cost_files(config, cost):
    """The cells of a cost, network by network."""
    options = config["costs"][cost]
    cells = [f"{model}.{pixels}" for model in options["models"] for pixels in options["resolutions"]]
    return [f"costs/{cost}/{cell}.csv" for cell in cells]


def cell_options(config, cost):
    """What the cells of a cost have in common."""
    return {key: value for key, value in config["costs"][cost].items() if key not in ("models", "resolutions")}


def cell_memory_mb(config, cost):
    """What a cell needs of the machine: its limit and the interpreter. With GPUs asked for, the limit is theirs."""
    on_gpu = config["device"] != "cpu" and "gres" in config["cluster"]["gpus"]
    return 16000 if on_gpu else 1000 * (2 + config["costs"][cost]["memory_limit_gb"])


def measure(name, description, pixels, cost, device, threads):
    """The row, a mapping of `COLUMNS`, of model `name` on images of `pixels`²; `cost` as in config/costs.yaml.

    `outcome` is ok; or memory or time where the cell exceeded that limit, and then there are no numbers. ValueError,
    one sentence, for a model that cannot be trained so.
    """
    cell = {"description": description, "pixels": pixels, "cost": cost, "device": device, "threads": threads}
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "workflow.cost_cell"]
    done = subprocess.run(command, input=json.dumps(cell), env=environment, capture_output=True, text=True)
    if done.returncode == -signal.SIGALRM:
        measured = {"outcome": "time"}
    elif done.returncode == -signal.SIGKILL or (done.returncode == -signal.SIGABRT and "bad_alloc" in done.stderr):
        # the system ran out of memory before the limit was reached, or a library could not say that the limit was
        measured = {"outcome": "memory"}
    elif done.returncode:
        last = (done.stderr.strip().splitlines() or [f"the process ended with {done.returncode}"])[-1]
        raise ValueError(f"cost of {name} at {pixels}²: {last.removeprefix('error: ')}")
    else:
        measured = json.loads(done.stdout)
    own = {key: cost[key] for key in ("objects", "training_images", "memory_limit_gb", "time_limit_s")}
    row = dict.fromkeys(COLUMNS) | own | {"model": name, "pixels": pixels, "threads": threads} | measured
    if row["batch_seconds"] is not None:
        row["epoch_seconds"] = row["batch_seconds"] * math.ceil(cost["training_images"] / cost["objects"])
    return row
