"""Wide networks in bfloat16, on processors that multiply it (AMX, AVX-512 BF16): half the bytes, many more products.

A number has 8 significant bits; sums of products are in float32 (oneDNN). The last layer is in float32.
"""

import torch

OPERATORS = ("_linear_pointwise", "_reorder_linear_weight")  # ASSUME: private to torch, which may drop them


def operators() -> bool:
    """Whether this version of torch has the products that a network in bfloat16 needs."""
    return all(hasattr(torch.ops.mkldnn, name) for name in OPERATORS)


class Bfloat16Network:
    """(chunks, inputs, n) → (outputs, n) like the network whose layers these are: `chunks`, a list of layers for each
    chunk (or none), and the layers of the `mixer`, each (weight (out, in), bias (out, 1)); ReLU before every layer.
    """

    tile = 2048  # pixels

    def __init__(
        self, chunks: list[list[tuple[torch.Tensor, torch.Tensor]]], mixer: list[tuple[torch.Tensor, torch.Tensor]]
    ) -> None:
        self.chunks = [_packed(layers) for layers in chunks]
        self.mixer, self.last = _packed(mixer[:-1]), mixer[-1]

    @torch.no_grad()
    def __call__(self, patch: torch.Tensor) -> torch.Tensor:
        parts = zip(patch, self.chunks, strict=True) if self.chunks else [(patch.flatten(0, 1), [])]
        features = [_pass(part.T.to(torch.bfloat16, memory_format=torch.contiguous_format), c) for part, c in parts]
        x = _pass(torch.cat(features, dim=1), self.mixer)
        weight, bias = self.last
        return torch.addmm(bias, weight, x.float().T)


def _pass(x, layers):
    """Features (n, in) → (n, out)."""
    for weight, bias in layers:
        x = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "relu", [], "")
    return x


def _packed(layers):
    """Weights in the order of the processor's products, and biases (out,)."""
    numbers = [(weight.bfloat16().contiguous(), bias.flatten().bfloat16()) for weight, bias in layers]
    return [(torch.ops.mkldnn._reorder_linear_weight(weight), bias) for weight, bias in numbers]
