"""Runs at smoke scale, as a user types them."""

import sys


def smoke(*targets, overlay=(), dry_run=False):
    """The command line of a run at smoke scale; targets go first, since --configfile swallows what follows."""
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", "2", *(["--dry-run"] if dry_run else [])]
    return [*command, "--configfile", "config/smoke.yaml", *overlay]
