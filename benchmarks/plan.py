"""The jobs that a configuration asks for, as Snakemake plans them."""

import copy
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml
from snakemake.utils import update_config

from workflow.configuration import assemble

FIELDS = ("output", "benchmark", "wildcards")


@dataclass(frozen=True)
class Job:
    """rule, {wildcard: value}, output paths, path of its measured time or None; share : of the work of jobs like it."""

    rule: str
    wildcards: dict
    outputs: tuple
    benchmark: str | None
    share: float = 1.0


def configuration(*overlays):
    """The whole configuration of config/config.yaml under overlays, as the workflow has it."""
    merged = yaml.safe_load(Path("config/config.yaml").read_text())
    for overlay in overlays:
        update_config(merged, copy.deepcopy(yaml.safe_load(Path(overlay).read_text())))
    return assemble(merged)


def plan(*overlays):
    """All jobs of the default target, whatever is built already; target rules without outputs are left out."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--forceall", "--quiet", "host", "--cores", "1"]
    done = subprocess.run(
        [*command, *(["--configfile", *overlays] if overlays else [])], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"error: no plan: {' '.join((done.stdout + done.stderr).split())[-500:]}")
    return read_plan(done.stdout + done.stderr)


def read_plan(text):
    """Jobs of the text of a dry run."""
    found = []
    for block in re.split(r"^\s*(?:local)?(?:rule|checkpoint) (?=\w+:$)", text, flags=re.MULTILINE)[1:]:
        name, *lines = block.splitlines()
        pairs = (re.match(r"\s+(\w+): (.*)", line) for line in lines)
        told = {pair[1]: pair[2] for pair in pairs if pair and pair[1] in FIELDS}
        if "output" in told:
            wildcards = dict(part.split("=", 1) for part in told.get("wildcards", "").split(", ") if part)
            found.append(Job(name[:-1], wildcards, tuple(told["output"].split(", ")), told.get("benchmark")))
    alike = Counter(map(_work, found))
    return [Job(j.rule, j.wildcards, j.outputs, j.benchmark, 1 / alike[_work(j)]) for j in found]


def _work(job):
    """What jobs have in common that share one piece of work, such as the shards of a split."""
    return job.rule, tuple(sorted((key, value) for key, value in job.wildcards.items() if key not in ("shard", "part")))
