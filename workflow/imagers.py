"""Programs that image a Measurement Set, each as a command on one thread, and what it cost."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.fingerprint import ROOT

KINDS = ("image", "model", "residual")
LAST_LINES = 5  # of a failed command's output


def image_with(command: list[str], visibilities: Path, targets: Mapping[str, Path], cost: Path) -> None:
    """Run `command`, in which VISIBILITIES is a copy of the Measurement Set and PREFIX the beginning of the images.

    targets : where the FITS file of each of `KINDS` goes; of several channels it is the image of the whole band.
    cost : JSON of processor seconds and of the peak of memory.

    Raises ValueError with the end of what a command said that failed.
    """
    with tempfile.TemporaryDirectory(dir=cost.parent) as folder:
        copy, prefix, measured = Path(folder, "visibilities.ms"), Path(folder, "made"), Path(folder, "cost.json")
        shutil.copytree(visibilities, copy)  # programs write into it
        words = {"VISIBILITIES": str(copy), "PREFIX": str(prefix)}
        done = subprocess.run(
            [sys.executable, "-m", "workflow.child_cost", measured, *(words.get(word, word) for word in command)],
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": _python_path()},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = " ".join((done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:])
            raise ValueError(f"{visibilities}: {command[0]} ended with {done.returncode}: {said}")
        for kind, target in targets.items():
            band = prefix.with_name(f"made-MFS-{kind}.fits")
            with replacing(target) as temporary:
                shutil.copyfile(band if band.exists() else prefix.with_name(f"made-{kind}.fits"), temporary)
        with replacing(cost) as temporary:
            shutil.copyfile(measured, temporary)


def _python_path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
