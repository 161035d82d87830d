"""`methods`: ways to make an image from visibilities; and those that fill in missing pixels."""

from typing import Any

from workflow.configuration.networks import Keywords, check_class
from workflow.configuration.setting import Mistake, setting
from workflow.configuration.signatures import Parameter, check_keywords, choices, signature

METHODS = ("workflow.methods", "METHODS")
FILLS = ("workflow.fills", "FILLS")


class Method(Keywords):
    """A way to make an image from visibilities: its class (`workflow/methods.py`) and keywords of its constructor."""

    kind: str = setting("Class of the method, as named in `workflow/methods.py`.", alias="class", example="admm")

    def check(self, key: str) -> None:
        """Raise Mistake if a keyword does not fit."""
        check_class(self.kind, METHODS, key)
        check_keywords(signature(*choices(*METHODS)[self.kind]), self.keywords, key)
        if self.keywords.get("schedule"):
            _check_schedule(signature("lofi.solvers.admm", "Schedule"), self.keywords["schedule"], f"{key}.schedule")
        strengths = self.keywords.get("strengths", [1.0])
        if not isinstance(strengths, list) or not strengths:
            raise Mistake(f"{key}.strengths", f"is {strengths!r}; expected a list of numbers")
        if len(strengths) > 1 and not self.keywords.get("oracle"):
            raise Mistake(f"{key}.strengths", f"is {strengths}; expected one number, unless oracle is true")


class Fill(Keywords):
    """A way to fill in missing pixels: its class (`workflow/fills.py`) and keywords of its constructor."""

    kind: str = setting("Class of the fill, as named in `workflow/fills.py`.", alias="class", example="admm")

    def check(self, key: str) -> None:
        """Raise Mistake if a keyword does not fit."""
        check_class(self.kind, FILLS, key)
        check_keywords(signature(*choices(*FILLS)[self.kind]), self.keywords, key)
        if self.keywords.get("schedule"):
            parameters = signature("lofi.solvers.fill_schedule", "FillSchedule")[1:]  # `first` is that of the fill
            _check_schedule(parameters, self.keywords["schedule"], f"{key}.schedule")


def _check_schedule(parameters: tuple[Parameter, ...], options: Any, key: str) -> None:
    """Raise Mistake if a keyword of a schedule does not fit, or it anneals in more iterations than there are."""
    check_keywords(parameters, options, key)
    values = {parameter.name: parameter.default for parameter in parameters} | options
    if not 0 < values["annealing"] <= values["iterations"]:
        raise Mistake(key, f"has annealing {values['annealing']}; expected 1 to its iterations, {values['iterations']}")
