"""Static 8-bit inference on a processor: a trained field's inner layers in integers, calibrated on images of its kind.

Outputs of a layer, after its ReLU, are unsigned 8-bit numbers of steps; 255 steps are the largest value that the
calibration met. Weights are in steps of their own row and use 7 of their 8 bits: processors without VNNI add pairs of
products in 16 bits, and 2 · 255 · 63 still fits. The layers that read pixels and the last one stay in single precision.
"""

import copy
from threading import Lock

import torch
from torch import nn

EVERY = 13  # of the pixels of a calibration image; shares no factor with usual widths
LEVELS, WEIGHT_LEVELS, SMALLEST = 255, 63, 1e-12


def quantised(model: nn.Module, observed: torch.Tensor) -> nn.Module:
    """A copy of a trained field model (`lofi.models.reconstructor`, `.denoiser`) that evaluates in 8-bit integers.

    It holds the weights of now, cannot be trained, and stays on the processor. It pays for wide networks: speed and
    loss are in benchmarks/README.md.

    Parameters
    ----------
    observed : images (N, C, H, W) like those to come, for a denoiser with their noise levels; the image itself will
        do. Layers that read more than these gave rise to saturate.

    Raises ValueError for a model that is no local field.
    """
    network = getattr(getattr(model, "network", None), "network", None)
    if not hasattr(network, "sequences"):
        raise ValueError(f"int8 evaluation needs a local field; the model is a {type(model).__name__}")
    quantised_model = copy.deepcopy(model).to("cpu").eval().requires_grad_(False)
    chunks, mixer = quantised_model.network.network.sequences()
    if not chunks:  # a plain MLP: its first layer reads the whole patch as one chunk
        chunks, mixer = [mixer[:1]], mixer[1:]
    calibration = _Calibration(chunks, mixer)
    quantised_model.network.network, quantised_model.network.precision = calibration, "exact"
    quantised_model.reconstruct(observed.to("cpu"))
    quantised_model.network.network = Int8Network(chunks, mixer, *calibration.steps())
    return quantised_model


def _by_chunk(patch, chunks):
    return patch.reshape(len(chunks), -1, patch.shape[-1])


class _Calibration(nn.Module):
    """In place of a network it notes the largest output of every layer, and reconstructs nothing."""

    def __init__(self, chunks, mixer):
        super().__init__()
        self.chunks, self.mixer = chunks, mixer
        self.largest = [[SMALLEST] * len(layers) for layers in (*chunks, mixer)]
        self.lock = Lock()  # parts of an image come in several threads

    def forward(self, patch):
        chunk_patches = _by_chunk(patch[..., ::EVERY], self.chunks)
        *chunk_largest, mixer_largest = self.largest
        features = [self._follow(*turn) for turn in zip(chunk_patches, self.chunks, chunk_largest, strict=True)]
        self._follow(torch.cat(features), self.mixer, mixer_largest)
        return patch.new_zeros(len(self.mixer[-1][1]), patch.shape[-1])

    def _follow(self, x, layers, largest):
        for number, (weight, bias) in enumerate(layers):
            x = torch.addmm(bias, weight, x).relu_()
            reached = float(x.max())
            with self.lock:
                largest[number] = max(largest[number], reached)
        return x

    def steps(self):
        """Steps of the outputs of each layer, a list per chunk, and of the mixer's; chunks end in the same step."""
        *chunks, mixer = [[value / LEVELS for value in largest] for largest in self.largest]
        end = max(steps[-1] for steps in chunks)
        return [[*steps[:-1], end] for steps in chunks], mixer


class Int8Network(nn.Module):
    """(chunks, inputs, n) → (outputs, n) like the network it was made from."""

    tile = 2048  # pixels

    def __init__(
        self,
        chunks: list[list[tuple[torch.Tensor, torch.Tensor]]],
        mixer: list[tuple[torch.Tensor, torch.Tensor]],
        steps: list[list[float]],
        mixer_steps: list[float],
    ) -> None:
        super().__init__()
        mixer_steps = [steps[0][-1], *mixer_steps]
        firsts = [layers[0] for layers in chunks]
        self.first = [(w / step[0], b / step[0] + 0.5) for (w, b), step in zip(firsts, steps, strict=True)]
        self.inner = [_packed(layers[1:], step) for layers, step in zip(chunks, steps, strict=True)]
        self.mixer = _packed(mixer[:-1], mixer_steps)
        weight, bias = mixer[-1]
        self.last = weight * mixer_steps[len(mixer) - 1], bias.clone()

    @torch.no_grad()
    def forward(self, patch: torch.Tensor) -> torch.Tensor:
        features = []
        for x, (weight, bias), layers in zip(_by_chunk(patch, self.first), self.first, self.inner, strict=True):
            # ReLU and rounding in one: a negative number of steps is 0, and half a step was added to the bias
            x = torch.addmm(bias.T, x.T, weight.T).clamp_(0, LEVELS).to(torch.uint8)
            features.append(_pass(x, layers))
        x = _pass(torch.cat(features, dim=1), self.mixer)
        weight, bias = self.last
        return torch.addmm(bias, weight, x.float().T)


def _pass(x, layers):
    """Integers (n, in) → (n, out)."""
    for layer in layers:
        x = torch.ops.onednn.qlinear_pointwise(x, *layer, 0, torch.uint8, "relu", [], "")
    return x


def _packed(layers, steps):
    """Arguments of `qlinear_pointwise` for each layer; `steps` of what the first reads, and of their outputs."""
    arguments = []
    for number, (weight, bias) in enumerate(layers):
        rows = weight.abs().amax(1).clamp(min=SMALLEST) / WEIGHT_LEVELS
        integers = (weight / rows[:, None]).round().to(torch.int8).contiguous()
        packed = torch.ops.onednn.qlinear_prepack(integers, None)
        zeros = torch.zeros(len(rows), dtype=torch.int32)
        arguments.append((steps[number], 0, packed, rows, zeros, bias.flatten().clone(), steps[number + 1]))
    return arguments
