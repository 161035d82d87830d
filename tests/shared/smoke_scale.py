"""Runs at smoke scale, as a user types them."""

import sys
from collections import Counter


def smoke(*targets, overlay=(), dry_run=False):
    """The command line of a run at smoke scale; targets go first, since --configfile swallows what follows."""
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", "2", *(["--dry-run"] if dry_run else [])]
    return [*command, "--configfile", "config/smoke.yaml", *overlay]


def jobs_of(results, without=()):
    """How many jobs of every rule a run has measured: {rule: number}; `without` those that may end after their sum."""
    files = (path.relative_to(results / "benchmarks") for path in (results / "benchmarks").rglob("*.tsv"))
    counts = Counter(path.with_suffix("").parts[0] for path in files)
    return {rule: count for rule, count in counts.items() if rule not in without}
