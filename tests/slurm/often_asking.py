"""Snakemake that asks SLURM after its jobs every two seconds: `python often_asking.py ARGUMENTS...`.

The executor waits ten seconds longer each time that no job has ended. That suits jobs of hours; a run of short ones
would mostly wait.
"""

import sys

from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

if __name__ == "__main__":
    Executor.next_seconds_between_status_checks = property(lambda self: 2, lambda self, seconds: None)
    sys.exit(main())
