"""The one door from the package to the simulations of a checkout, which are not installed with it."""

import importlib
import sys
from pathlib import Path

import numpy as np

import lofi

MODULE, NEEDED = "workflow.survey_maps", ("simulations", "camb", "yaml")


def simulated_maps(folder: Path, **options: object) -> tuple[dict, np.ndarray, np.ndarray]:
    """What `survey_maps` of `workflow/survey_maps.py` returns; what it keeps in `folder` is not made twice."""
    return _module().survey_maps(folder, **options)


def check_simulations() -> None:
    """ValueError, one sentence, where maps cannot be simulated."""
    _module()


def _module():
    checkout = Path(lofi.__file__).parents[1]
    if (checkout / "simulations").is_dir() and str(checkout) not in sys.path:
        sys.path.append(str(checkout))
    try:
        for name in NEEDED:
            importlib.import_module(name)
        return importlib.import_module(MODULE)
    except ModuleNotFoundError as error:
        raise ValueError(
            "convergence maps are simulated by the checkout of this project with its extra workflow "
            f"(pip install -e '.[workflow]'; {error.name} is missing); without it, give maps as --maps FOLDER"
        ) from error
