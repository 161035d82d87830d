"""How exactly the layers of a field may be computed. Loads no torch."""

from typing import Literal, get_args

Precision = Literal["exact", "fast"]  # of a model: float32, or bfloat16 where the processor multiplies it
PRECISIONS = (*get_args(Precision), "int8")  # of an evaluation
