"""A denoiser as an ONNX file, for programs without PyTorch: windows of pixels in, denoised pixels out."""

import logging
import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

from lofi.field.patch import taps
from lofi.io.atomic import replacing
from lofi.models.denoiser import Denoiser, FieldDenoiser

LOUD = "torch.onnx._internal.exporter._registration"  # warns that torchvision is missing, which nobody needs here


class WindowDenoiser(nn.Module):
    """Windows (n, S, S) of pixels and their noise (n,) → the denoised pixels in their centres (n,)."""

    def __init__(self, denoiser: FieldDenoiser) -> None:
        super().__init__()
        self.field = denoiser.network
        weights, self.reach = taps(self.field.geometry.offsets.detach().flatten(0, 1))
        self.register_buffer("weights", weights)

    def forward(self, windows: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        patch = self.weights @ windows.flatten(1).T  # (A·R, n)
        return windows[:, self.reach, self.reach] - level * self.field.values(patch[None], level)[0]


def export(path: str | Path, denoiser: Denoiser) -> None:
    """Write a local field that denoises as ONNX: float32 inputs `windows` (n, S, S) and `level` (n,), output `pixels`.

    A window has the pixels around the one that is denoised, beyond a border those reflected about the border's pixels;
    `level` is the noise in the unit of the image. n is free.

    Raises ValueError for another denoiser, one whose offsets differ from pixel to pixel among them, and without the
    packages of the extra `onnx`.
    """
    if not isinstance(denoiser, FieldDenoiser):
        raise ValueError(f"ONNX is written for a lofi_denoiser; the model is a {type(denoiser).__name__}")
    if not denoiser.network.geometry.shared:
        raise ValueError("ONNX is written for a geometry that all pixels share; this one depends on the image")
    if find_spec("onnxscript") is None:
        raise ValueError("ONNX needs packages that are not installed; try: pip install lofi-maps[onnx]")
    model = WindowDenoiser(denoiser).eval()
    side = 2 * model.reach + 1
    pixels = torch.export.Dim("n")
    with replacing(path) as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch about itself
        logging.getLogger(LOUD).setLevel(logging.ERROR)
        torch.onnx.export(
            model,
            (torch.rand(3, side, side), torch.ones(3)),
            temporary,
            input_names=["windows", "level"],
            output_names=["pixels"],
            dynamic_shapes={"windows": {0: pixels}, "level": {0: pixels}},
            external_data=False,
            dynamo=True,
            verbose=False,
        )
