"""Paths of files: a run's begin at the run's folder, a user's at the project's folder."""

import os
from pathlib import Path

# Keys of the configuration that hold paths of a user's files, by group; `*` is any name.
FILES = {
    "sources.*": ("path", "folder"),
    "downloads.*": ("folder", "list"),
    "inversions.*.sky": ("file", "pictures"),
    "comparisons.*.sky": ("file", "pictures"),
    "inversions.*.coverage": ("file",),
    "observations.*": ("file", "mask"),
    "figures.*": ("short", "long"),
}


def located(config: dict, project: Path) -> dict:
    """The configuration with a user's paths, relative to `project`, made relative to the working directory.

    The working directory is the run's folder. Files of simulated observations lie there; their paths stay as they are.
    """
    for group, keys in FILES.items():
        top, *rest = group.split(".")
        entries = {name: _entry(options, rest[1:]) for name, options in config.get(top, {}).items()}
        for options in entries.values():
            if "simulated" not in options:
                options.update({key: _seen(project, options[key]) for key in keys if key in options})
    return config


def seen_from_here(project: Path, path: str) -> str:
    """`path`, relative to `project`, as a path from the working directory, such as `../../data`.

    It is relative where the working directory is inside the project, so that a moved project is not run again.
    Otherwise, or where `path` is absolute, it is absolute.
    """
    whole = Path(project, path)
    inside = Path.cwd().is_relative_to(Path(project).resolve())
    return os.path.relpath(whole) if inside and not Path(path).is_absolute() else str(whole)


def _seen(project, paths):
    if isinstance(paths, str):
        return seen_from_here(project, paths)
    return [seen_from_here(project, path) for path in paths]


def _entry(options, keys):
    for key in keys:
        options = options.get(key, {})
    return options
