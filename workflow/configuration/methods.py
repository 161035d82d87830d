"""`methods`: ways to make an image from visibilities; and those that fill in missing pixels."""

from workflow.configuration.networks import Keywords, check_class
from workflow.configuration.setting import setting
from workflow.configuration.signatures import check_keywords, choices, signature

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
            check_keywords(signature("lofi.solvers.admm", "Schedule"), self.keywords["schedule"], f"{key}.schedule")


class Fill(Keywords):
    """A way to fill in missing pixels: its class (`workflow/fills.py`) and keywords of its constructor."""

    kind: str = setting("Class of the fill, as named in `workflow/fills.py`.", alias="class", example="admm")

    def check(self, key: str) -> None:
        """Raise Mistake if a keyword does not fit."""
        check_class(self.kind, FILLS, key)
        check_keywords(signature(*choices(*FILLS)[self.kind]), self.keywords, key)
        if self.keywords.get("schedule"):
            parameters = signature("lofi.solvers.fill_schedule", "FillSchedule")[1:]  # `first` is that of the fill
            check_keywords(parameters, self.keywords["schedule"], f"{key}.schedule")
