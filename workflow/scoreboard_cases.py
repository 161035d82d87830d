"""Which public files each case of the scoreboard reads, which of them are not here, and whether WSClean is."""

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from workflow.places import seen_from_here

Files = dict[str, str]


def case_files(options: Mapping, project: Path) -> dict[str, Files]:
    """Paths, from the working directory, of the files of each case: of `{sky}.{coverage}` and of `cosmos`."""
    named = {
        f"{sky}.{coverage}": {"sky_file": image, "coverage_file": baselines}
        for sky, image in options["skies"].items()
        for coverage, baselines in options["coverages"].items()
    } | {"cosmos": options["cosmos"]}
    return {case: {key: seen_from_here(project, path) for key, path in files.items()} for case, files in named.items()}


def measured_cases(options: Mapping, cases: Mapping[str, Files]) -> list[str]:
    """Scores of every draw of the noise of those cases whose files are here."""
    return [
        f"scoreboard/{case}/{draw}.csv"
        for case, files in cases.items()
        if all(Path(path).exists() for path in files.values())
        for draw in range(options["draws"])
    ]


def left_out(cases: Mapping[str, Files]) -> list[str]:
    """A sentence on each file that is not here: which cases it leaves out, and where to get it."""
    absent = {}
    for case, files in cases.items():
        for path in files.values():
            if not Path(path).exists():
                absent.setdefault(Path(path).name, []).append(case)
    return [
        f"{', '.join(affected)}: there is no file {name}; `docs/data.md` (The scoreboard) says where it is from."
        for name, affected in absent.items()
    ]


def wsclean_obstacle() -> str | None:
    """What to install before WSClean can be compared here; None if nothing."""
    if shutil.which("wsclean") is None:
        return "WSClean: there is no command wsclean here; `apt-get install wsclean` (Debian, Ubuntu) brings it."
    if find_spec("casacore") is None:
        return "WSClean: there is no python-casacore here; `pip install '.[ms]'` brings it."
    return None
