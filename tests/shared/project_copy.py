"""Copies of the project, for tests that run the workflow in a folder of their own."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = (
    "Snakefile",
    "config",
    "workflow",
    "lofi",
    "simulations",
    "profiles",
    "envs",
    "pyproject.toml",
    "tests/results",
)


def copied(folder):
    """Put all that a run of the workflow needs in `folder`, without results and a site's own settings; the folder."""
    ignore = shutil.ignore_patterns("__pycache__", "site.yaml")
    for part in PARTS:
        source = ROOT / part
        shutil.copytree(source, folder / part, ignore=ignore) if source.is_dir() else shutil.copy(source, folder / part)
    return folder
