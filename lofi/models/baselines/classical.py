"""Reconstructions without a network, with the interface of a model (see `lofi.models.reconstructor`)."""

from collections.abc import Sequence

import torch
from torch import nn

from lofi.models.channels import NOISE, SIGHT
from lofi.models.priors import MeasuredPrior, SkyPrior
from lofi.models.reconstructor import resize
from lofi.solvers.smoothing import smooth


class Identity(nn.Module):
    """The observed image itself: Kaiser–Squires, a dirty image, a noisy one."""

    trainable = False

    def __init__(self, channels: Sequence[str], size: tuple[int, int], outputs: int = 1) -> None:
        super().__init__()
        self.outputs = outputs

    def calibrate(
        self, training: tuple[torch.Tensor, torch.Tensor], validation: tuple[torch.Tensor, torch.Tensor]
    ) -> None:
        pass

    def reconstruct(self, observed: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        return resize(observed[:, : self.outputs], shape)


class GaussianSmoothing(nn.Module):
    """The first channel smoothed by a Gaussian whose width, in pixels, is best on the validation sample.

    widths : smallest and largest width tried, and how many from one to the other.
    """

    trainable = False

    def __init__(
        self, channels: Sequence[str], size: tuple[int, int], widths: tuple[float, float, int] = (0.5, 6.0, 56)
    ) -> None:
        super().__init__()
        self.noise = channels.index(NOISE) if NOISE in channels else None
        self.widths = torch.linspace(widths[0], widths[1], int(widths[2]))
        self.register_buffer("width", torch.ones(()))

    def calibrate(
        self, training: tuple[torch.Tensor, torch.Tensor], validation: tuple[torch.Tensor, torch.Tensor]
    ) -> None:
        observed, truth = validation
        errors = [(self._smooth(observed, width) - truth).square().mean() for width in self.widths]
        self.width.copy_(self.widths[int(torch.stack(errors).argmin())])

    def _smooth(self, observed, width):
        image = observed[:, 0]
        noise = torch.ones_like(image) if self.noise is None else observed[:, self.noise]
        return smooth(image, noise, width)[:, None]

    def reconstruct(self, observed: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        return resize(self._smooth(observed, self.width), shape)


class Wiener(nn.Module):
    """Wiener filter of the first channel, noise from the noise map.

    The spectrum is that of the training truths, or, where images have their own pixel size and source redshift, that of
    theory (`lofi.models.priors`).
    """

    trainable = False

    def __init__(self, channels: Sequence[str], size: tuple[int, int]) -> None:
        super().__init__()
        if NOISE not in channels:
            raise ValueError(f"the Wiener filter needs a {NOISE} channel; observed are {', '.join(channels)}")
        self.noise = channels.index(NOISE)
        self.wiener = SkyPrior(channels) if set(SIGHT) <= set(channels) else MeasuredPrior(channels)

    def calibrate(
        self, training: tuple[torch.Tensor, torch.Tensor], validation: tuple[torch.Tensor, torch.Tensor]
    ) -> None:
        self.wiener.fit(training[1][:, 0])

    def reconstruct(self, observed: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        return resize(self.wiener(observed)[:, None], shape)


class WienerCurve(Wiener):
    """The Wiener map through the curve E[truth | Wiener value], the best pointwise correction of it.

    One curve per noise level, relative to the training sample's own, and linear in the logarithm of the level between
    them. A curve is the mean truth in bins of equal population of the Wiener value, narrower towards the peaks, joined
    by straight lines and prolonged by its end values' offset.
    """

    levels = 7  # 1/4 … 4 times the noise of the training sample; the middle one is that of the sample
    tail = (0.5, 0.25, 0.125, 0.0625, 0.03, 0.015, 0.008, 0.004, 0.002, 0.001, 0.0005, 0.0002)

    def __init__(self, channels: Sequence[str], size: tuple[int, int]) -> None:
        super().__init__(channels, size)
        edges = torch.cat([torch.linspace(0, 0.5, 26)[:-1], 1.0 - torch.tensor(self.tail)])
        self.register_buffer("edges", edges, persistent=False)
        self.register_buffer("factors", torch.logspace(-2, 2, self.levels, base=2), persistent=False)
        self.register_buffer("reference", torch.ones(()))
        self.register_buffer("values", torch.zeros(self.levels, len(edges)))
        self.register_buffer("means", torch.zeros(self.levels, len(edges)))

    def calibrate(
        self, training: tuple[torch.Tensor, torch.Tensor], validation: tuple[torch.Tensor, torch.Tensor]
    ) -> None:
        super().calibrate(training, validation)
        observed, truth = training
        level = observed[:, self.noise]
        self.reference.copy_(level[torch.isfinite(level)].median())
        for row, factor in enumerate(self.factors):
            scaled = observed.clone()  # the same noise, louder or fainter
            scaled[:, :1] = truth + factor * (observed[:, :1] - truth)
            scaled[:, self.noise] *= factor
            self._fit_curve(row, super().reconstruct(scaled).flatten(), truth.flatten())

    def _fit_curve(self, row, filtered, truth):
        values, order = filtered.sort()
        truth = truth[order]
        starts = (self.edges * len(values)).long().tolist()
        bins = list(zip(starts, [*starts[1:], len(values)], strict=True))
        if min(stop - start for start, stop in bins) < 1:
            raise ValueError(f"the curve of the Wiener map needs more than {len(values)} training pixels")
        for index, (start, stop) in enumerate(bins):
            self.values[row, index] = values[start:stop].mean()
            self.means[row, index] = truth[start:stop].mean()

    def _curve(self, row, filtered):
        values, means = self.values[row], self.means[row]
        clamped = filtered.clamp(values[0], values[-1])
        index = torch.searchsorted(values, clamped.contiguous()).clamp(1, len(values) - 1)
        low, high = values[index - 1], values[index]
        return torch.lerp(means[index - 1], means[index], (clamped - low) / (high - low)) + (filtered - clamped)

    def reconstruct(self, observed: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        filtered = super().reconstruct(observed)
        curves = torch.stack([self._curve(row, filtered) for row in range(self.levels)])
        relative = (observed[:, self.noise, None] / self.reference / self.factors[0]).log2()
        position = (relative * ((self.levels - 1) / 4)).clamp(0, self.levels - 1)  # four octaves
        low = position.floor().long().clamp(max=self.levels - 2)
        below, above = (curves.gather(0, (low + step)[None])[0] for step in (0, 1))
        return resize(torch.lerp(below, above, position - low), shape)
