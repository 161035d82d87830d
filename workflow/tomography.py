"""The files of an observation that is mapped in bins of redshift, from its entry in the configuration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lofi.lensing.bins import parse_bins


def bin_count(options: Mapping) -> int:
    """How many bins an entry names by their edges; 0 without, and where only the column tells them: uncounted."""
    if "zbins" not in options:
        return 0
    files = options["file"]
    path = Path(files if isinstance(files, str) else files[0])
    return len(parse_bins(path, options["zbins"], "zbins").ranges or ())


def by_bins(observations: Mapping[str, Mapping], names: Sequence[str]) -> dict[int, list[str]]:
    """Names of observations of shear by their number of bins; those of none come first."""
    groups = {0: []}
    for name in names:
        groups.setdefault(bin_count(observations[name]), []).append(name)
    return groups
