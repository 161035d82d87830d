"""Images that are made when they are first asked for, so that a job makes only those it needs."""

from collections.abc import Callable, Sequence

import numpy as np


class OnDemand(Sequence):
    """`count` images; number i is `make(i)`, made once and kept."""

    def __init__(self, count: int, make: Callable) -> None:
        self.count, self.make, self.made = count, make, {}

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> np.ndarray:
        if not 0 <= number < self.count:
            raise IndexError(f"there are images 0 to {self.count - 1}, not {number}")
        if number not in self.made:
            self.made[number] = self.make(number)
        return self.made[number]
