"""What a null test found."""

from dataclasses import dataclass

FAILED = 0.01  # a smaller p-value fails


@dataclass(frozen=True)
class NullTest:
    """One null test.

    Attributes
    ----------
    name : of the test. value, error : of what should be zero, and its standard error.
    p_value : chance that a clean catalogue gives at least this value; uniform from 0 to 1 over clean catalogues.
    """

    name: str
    value: float
    error: float
    p_value: float

    @property
    def fails(self) -> bool:
        """Whether the p-value is below 0.01."""
        return self.p_value < FAILED
