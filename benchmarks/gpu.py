"""What does a GPU compute, how fast, and in how much memory? One command, under eight minutes; one JSON.

`--small` runs all of it at a small size, also without a GPU. Only torch, numpy, scipy, h5py, safetensors and tqdm are
imported.
"""

import argparse
import json
import platform
import sys
import time

import torch
from gpu_admm import imaging
from gpu_device import STARTED
from gpu_networks import agreement, training
from gpu_precision import precision

from lofi.device import choose

SECTIONS = {"agreement": agreement, "precision": precision, "imaging": imaging, "training": training}
FULL = {
    "agreement": {"size": 128},
    "precision": {"objects": 64, "size": 128, "steps": 300},
    "imaging": {"sizes": [512, 1024, 2048, 4096], "iterations": 24, "compared": 256},
    "training": {"sizes": [128, 256, 512, 1024], "objects": 64, "steps": 3},
}
SMALL = {
    "agreement": {"size": 16},
    "precision": {"objects": 2, "size": 16, "steps": 2, "pixels": 16},
    "imaging": {"sizes": [24, 32], "iterations": 3, "compared": 16},
    "training": {"sizes": [16, 32], "objects": 1, "steps": 1, "pixels": 16},
}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="everything at a small size, also on a processor")
    small = parser.parse_args(arguments).small
    device = choose("auto", 1 if small else torch.get_num_threads())
    gpu = device.type == "cuda"
    if not small and not gpu:
        parser.error("torch sees no GPU here; --small runs everything at a small size on the processor")
    report = {"device": torch.cuda.get_device_name(device) if gpu else f"processor ({platform.machine()})"}
    report |= {"gpu": gpu, "size": "small" if small else "full", "torch": torch.__version__}
    report["says"] = "measured on a GPU" if gpu else "ran on a processor at a small size; no GPU was measured"
    for name, options in (SMALL if small else FULL).items():
        clock = time.monotonic()
        try:
            report[name] = SECTIONS[name](device, **options)
        except Exception as error:  # the other sections are worth having
            report[name] = {"failed": f"{type(error).__name__}: {error}"}
        report[name]["seconds"] = round(time.monotonic() - clock, 1)
        print(json.dumps({name: report[name]}), file=sys.stderr)
    report["seconds"] = round(time.monotonic() - STARTED, 1)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
