"""What the benchmarks share: the measured models, fresh processes, processor time, peak memory."""

import ctypes
import json
import platform
import subprocess
import sys
import time
from pathlib import Path

CHANNELS = ["kappa_e", "kappa_b", "noise_std"]
RINGS = {"kind": "circular", "rings": 9, "angles": 9}
COMPACT = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener"},
    "geometry": RINGS | {"radius": 6.0},
    "network": {"kind": "multimlp", "width": 32, "depth": 3, "chunk_outputs": 32},
    "loss": "l2",
}
PAPER = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e", "kappa_b"]},
    "geometry": RINGS | {"radius": 2.0},
    "network": {"kind": "multimlp", "width": 370, "depth": 3, "chunk_outputs": 100},
}
FILTERED = PAPER | {"filter": {"kind": "fourier", "complex_pair": True}}
MODELS = {"compact": COMPACT, "paper": PAPER, "paper+filter": FILTERED}


def observations(size, objects):
    """Noise (objects, 3, size, size) with one noise level, and truths."""
    import torch

    generator = torch.Generator().manual_seed(1)
    observed = 0.03 * torch.randn(objects, 3, size, size, generator=generator)
    observed[:, 2] = 0.03
    return observed, 0.02 * torch.randn(objects, 1, size, size, generator=generator)


def model_of(name, size):
    """A model of `MODELS`, its scales set, on one thread."""
    import torch

    from lofi.models.registry import build

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = build(MODELS[name], CHANNELS, (size, size))
    model.calibrate(observations(64, 4), None)
    return model


def forget_peak():
    """Give freed memory back and let `peak_mb` start anew from what is resident then (Linux)."""
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb():
    """Largest resident memory of this process since its start or `forget_peak` (Linux), in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def seconds_of(call, clock=time.process_time):
    """Processor time of one call."""
    start = clock()
    call()
    return clock() - start


def interleaved(calls, repeats, clock=time.process_time):
    """Least processor time of each call of a dict, the calls taken in turn so that they share a machine's moods."""
    times = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            times[name].append(seconds_of(call, clock))
    return {name: min(values) for name, values in times.items()}


def fresh(script, cell):
    """The JSON that `script` prints for one cell, in a process of its own; its peak memory is nobody else's."""
    done = subprocess.run([sys.executable, script, json.dumps(cell)], capture_output=True, text=True)
    if done.returncode:
        return cell | {"failed": done.stderr.strip().splitlines()[-1] if done.stderr else f"signal {-done.returncode}"}
    return cell | json.loads(done.stdout)


def main(script, measure, cells):
    """One cell, given as JSON argument, or all of them in turn; prints JSON."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(**json.loads(sys.argv[1]))))
        return
    results = []
    for cell in cells:
        results.append(fresh(script, cell))
        print(json.dumps(results[-1]), file=sys.stderr)
    print(json.dumps({"machine": platform.machine(), "threads": 1, "cells": results}, indent=1))
