"""How exactly a trained field's layers are computed: in float32, in bfloat16, or in 8-bit integers."""

import copy

import torch
from torch import nn

from lofi.field.inference import against_bfloat16
from lofi.field.int8 import quantised
from lofi.field.precisions import PRECISIONS
from lofi.models.denoiser import FieldDenoiser
from lofi.models.reconstructor import FieldReconstructor

FIELDS = (FieldReconstructor, FieldDenoiser)  # what has a `LocalField` as its network


def with_precision(
    model: nn.Module, precision: str | None, observed: torch.Tensor | None = None
) -> tuple[nn.Module, list[str]]:
    """A model that computes as `precision` says, and notes on how it does.

    Parameters
    ----------
    precision : exact: float32. fast: wide layers in bfloat16 where the processor multiplies it. int8: 8-bit integers,
        calibrated on `observed` (`lofi.field.int8`). None: what the model was trained for.
    observed : images (N, C, H, W) like those to come; only int8 needs them.

    Raises ValueError for another precision, and for fast and int8 of a model that is no local field.
    """
    if precision is not None and precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(PRECISIONS)}")
    if precision == "int8":
        return quantised(model, observed), ["the field was evaluated in 8-bit integers, calibrated on this map"]
    if precision == "fast" and not isinstance(model, FIELDS):
        raise ValueError(f"precision fast needs a local field; the model is a {type(model).__name__}")
    if precision is not None and isinstance(model, FIELDS):
        model = copy.deepcopy(model)
        model.network.precision = precision
    return model, precision_notes(model)


def precision_notes(model: nn.Module) -> list[str]:
    """A sentence on how a model that may run in bfloat16 runs where it is; nothing for others."""
    if not isinstance(model, FIELDS) or model.network.precision == "exact":
        return []
    obstacle = against_bfloat16(model.network.network, next(model.parameters()).device)
    return ["wide layers run in bfloat16" if obstacle is None else f"precision is exact, not fast: {obstacle}"]
