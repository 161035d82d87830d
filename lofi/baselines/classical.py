"""Reconstructions without a network, with the interface of a model (see `lofi.reconstructor`)."""

import torch
from torch import nn

from lofi.inputs import NOISE
from lofi.reconstructor import resize
from lofi.wiener import WienerFilter, radial_frequency


class Identity(nn.Module):
    """The observed image itself: Kaiser–Squires, a dirty image, a noisy one."""

    trainable = False

    def __init__(self, channels, size):
        super().__init__()

    def calibrate(self, training, validation):
        pass

    def reconstruct(self, observed, shape=None):
        return resize(observed[:, :1], shape)


class GaussianSmoothing(nn.Module):
    """The observed image convolved with a periodic Gaussian whose width, in pixels, is best on the validation sample.

    widths : smallest and largest width tried, and how many from one to the other.
    """

    trainable = False

    def __init__(self, channels, size, widths=(0.5, 6.0, 56)):
        super().__init__()
        self.widths = torch.linspace(widths[0], widths[1], int(widths[2]))
        self.register_buffer("width", torch.ones(()))

    def calibrate(self, training, validation):
        observed, truth = validation
        errors = [(self._smooth(observed, width) - truth).square().mean() for width in self.widths]
        self.width.copy_(self.widths[int(torch.stack(errors).argmin())])

    def _smooth(self, observed, width):
        shape = observed.shape[-2:]
        kernel = torch.exp(-2.0 * (torch.pi * width * radial_frequency(shape, observed.device)) ** 2)
        return torch.fft.irfft2(torch.fft.rfft2(observed[:, :1]) * kernel, s=shape)

    def reconstruct(self, observed, shape=None):
        return resize(self._smooth(observed, self.width), shape)


class Wiener(nn.Module):
    """Wiener filter of the first channel, spectrum measured on the training truths, noise from the noise map."""

    trainable = False

    def __init__(self, channels, size):
        super().__init__()
        if NOISE not in channels:
            raise ValueError(f"the Wiener filter needs a {NOISE} channel; observed are {', '.join(channels)}")
        self.noise = channels.index(NOISE)
        self.filter = WienerFilter()

    def calibrate(self, training, validation):
        self.filter.fit(training[1][:, 0])

    def reconstruct(self, observed, shape=None):
        return resize(self.filter(observed[:, 0], observed[:, self.noise])[:, None], shape)


class WienerCurve(Wiener):
    """The Wiener map through the curve E[truth | Wiener value], the best pointwise correction of it.

    The curve is the mean truth in bins of equal population of the Wiener value on the training sample, narrower towards
    the peaks, joined by straight lines and prolonged by its end values' offset.
    """

    tail = (0.5, 0.25, 0.125, 0.0625, 0.03, 0.015, 0.008, 0.004, 0.002, 0.001, 0.0005, 0.0002)

    def __init__(self, channels, size):
        super().__init__(channels, size)
        edges = torch.cat([torch.linspace(0, 0.5, 26)[:-1], 1.0 - torch.tensor(self.tail)])
        self.register_buffer("edges", edges, persistent=False)
        self.register_buffer("values", torch.zeros(len(edges)))
        self.register_buffer("means", torch.zeros(len(edges)))

    def calibrate(self, training, validation):
        super().calibrate(training, validation)
        observed, truth = training
        values, order = super().reconstruct(observed).flatten().sort()
        truth = truth.flatten()[order]
        starts = (self.edges * len(values)).long().tolist()
        if min(stop - start for start, stop in zip(starts, [*starts[1:], len(values)], strict=True)) < 1:
            raise ValueError(f"the curve of the Wiener map needs more than {len(values)} training pixels")
        for index, (start, stop) in enumerate(zip(starts, [*starts[1:], len(values)], strict=True)):
            self.values[index] = values[start:stop].mean()
            self.means[index] = truth[start:stop].mean()

    def reconstruct(self, observed, shape=None):
        filtered = super().reconstruct(observed)
        clamped = filtered.clamp(self.values[0], self.values[-1])
        index = torch.searchsorted(self.values, clamped.contiguous()).clamp(1, len(self.values) - 1)
        low, high = self.values[index - 1], self.values[index]
        curve = torch.lerp(self.means[index - 1], self.means[index], (clamped - low) / (high - low))
        return resize(curve + (filtered - clamped), shape)
