"""The one door from the package to the simulations of a checkout, which are not installed with it."""

import importlib
import importlib.util
import sys
from pathlib import Path

import numpy as np

import lofi

CHECKOUT = Path(lofi.__file__).parents[1]
MODULE, NEEDED = "workflow.survey_maps", ("simulations", "camb", "yaml")
OURS = ("simulations", "workflow")  # packages of the checkout, not others of that name
ELSE = "without it, give maps as --maps FOLDER"


def simulated_maps(folder: Path, **options: object) -> tuple[dict, np.ndarray, np.ndarray]:
    """What `survey_maps` of `workflow/survey_maps.py` returns; what it keeps in `folder` is not made twice."""
    return _module().survey_maps(folder, **options)


def check_simulations() -> None:
    """ValueError, one sentence, where maps cannot be simulated."""
    _module()


def _module():
    wanted = "convergence maps are simulated by the checkout of this project with its extra workflow"
    if not (CHECKOUT / "Snakefile").is_file():
        raise ValueError(f"{wanted} (pip install -e '.[workflow]'); {ELSE}")
    if str(CHECKOUT) not in sys.path:
        sys.path.append(str(CHECKOUT))
    for name in OURS:
        found = importlib.util.find_spec(name)
        if found is not None and not Path(found.origin or "").is_relative_to(CHECKOUT):
            raise ValueError(f"{wanted}, but Python finds another package '{name}' ({found.origin}); {ELSE}")
    try:
        for name in NEEDED:
            importlib.import_module(name)
        return importlib.import_module(MODULE)
    except ModuleNotFoundError as error:
        raise ValueError(f"{wanted} (pip install -e '.[workflow]'; {error.name} is missing); {ELSE}") from error
