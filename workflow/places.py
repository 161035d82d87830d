"""Where files lie: a run's in its own folder, a user's where the project's folder says."""

import os
from pathlib import Path

# What the configuration names files of a user with: groups, where `*` is any name, and their keys.
FILES = {
    "sources.*": ("path", "folder"),
    "downloads.*": ("folder", "list"),
    "inversions.*.sky": ("file", "pictures"),
    "inversions.*.coverage": ("file",),
    "observations.*": ("file",),
}


def located(config: dict, project: Path) -> dict:
    """The configuration with the paths of a user's files, which begin at `project`, as the working directory sees them.

    Files of simulated observations lie in the run's folder, the working directory.
    """
    for group, keys in FILES.items():
        top, *rest = group.split(".")
        entries = {name: _entry(options, rest[1:]) for name, options in config[top].items()}
        for options in entries.values():
            if "simulated" not in options:
                options.update({key: seen_from_here(project, options[key]) for key in keys if key in options})
    return config


def seen_from_here(project: Path, path: str) -> str:
    """A path of the project from the working directory, `../../data`, so that a project that moves stays as it is;
    absolute if the working directory lies elsewhere."""
    whole = Path(project, path)
    inside = Path.cwd().is_relative_to(Path(project).resolve())
    return os.path.relpath(whole) if inside and not Path(path).is_absolute() else str(whole)


def _entry(options, keys):
    for key in keys:
        options = options.get(key, {})
    return options
