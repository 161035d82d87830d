"""Bright sources beside other emission that pixels cannot represent: found, measured, told from what is resolved.

An unresolved source between pixels is no positive image: whatever fits it leaves rings, some thousandths of its flux.
And the levels of ADMM follow the brightest pixel. So bright ones become components: places and fluxes that explain the
visibilities best, given an image of all else. That image is the positive one without the components, in which the
pixels around a component are replaced by a plane through those farther out: flux that pixels or components might
explain goes to the component, down to the level of its surroundings. Both are improved in turn, each time from the
exact residual: sources and their surroundings by the PSF near them (`lofi.radio.local_residual`).

A component must explain what it replaces: of a resolved source it leaves a residual of more than a tenth of its flux.
At first a little more passes, and is judged again when the component no longer disturbs the image beside it. Then a
point that leaves too much is tried as a Gaussian, with the pixels farther out replaced, and stays one where that leaves
less than half as much and it is smaller than the resolution: pixels represent larger ones. In the end those points go
that a small Gaussian would explain better.

A positive image that is near its best imitates what a wrong shape leaves, by ripples on all emission, and the shape
moves little from one image to the next. An image of few iterations has no such ripples: it serves beside Gaussians.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve, map_coordinates, spline_filter
from scipy.optimize import least_squares

from lofi.radio.local_residual import LocalResidual
from lofi.radio.measurement import Measurement
from lofi.radio.point_sources import PointSources, around, extents, fitted, residual_without, without

# ASSUME: chosen on simulated galaxies and Gaussians through an hour of MeerKAT at 30 dB.
LEAST = 300.0  # noise of the dirty image; fainter sources do the image little harm
FAINTEST = 0.1  # of the brightest candidate; what is fainter may be its artefact, and is looked for again
UNRESOLVED = 0.1  # of the flux, the largest residual near an unresolved source
DOUBTFUL = 0.13  # where the source was still in the image that it is judged beside
COMPACT = 0.1  # of the resolution, the largest σ of a source in the end: points have 0.03, resolved ones 0.15 or more
# ASSUME: the next seven chosen on Gaussians of 0.5 to 6 pixels beside others, an hour of MeerKAT, 6000 times the noise.
RESOLVED = 0.01  # of the flux, and
SIGNIFICANT = 10.0  # of the noise: the least residual near a point that may be a Gaussian
BETTER = 0.5  # of the residual of the point, the largest of the Gaussian
NARROW, LONG = 0.27, 0.5  # of the resolution, the largest σ of the axes of a Gaussian: FWHM of 0.64 and 1.2
SPREAD = 1.5  # of the resolution, from a Gaussian: pixels that may hold its flux
BEGIN = 0.2  # of the resolution, σ of a Gaussian at first
SHAPING = 6  # steps from there
LARGE = 2**20  # pixels; of a larger image, only the surroundings of sources are made anew once these are known
AROUND = 8  # of the resolution, from a source: its surroundings
MOST, ROUNDS, STEPS = 30, 8, 2


def find_points(
    measurement: Measurement,
    start: np.ndarray,
    positive: Callable[[Measurement], np.ndarray],
    allowed: np.ndarray | None = None,
) -> tuple[PointSources, np.ndarray]:
    """The bright unresolved sources of a measurement of one sky, and a positive image of all else.

    Most skies have none; the image is then the `start`.

    Parameters
    ----------
    start : the positive image (H, W), Jy/pixel, of the measurement. positive : makes it of any measurement.
    allowed : (H, W) bool, the pixels that a source may be in; None: all.
    """
    noise, scale = measurement.noise[0], 2 * np.pi / measurement.longest
    sources, resolved, image, inner = PointSources.at([]), PointSources.at([]), start, scale
    large, allowed = start.size > LARGE, np.ones(start.shape, bool) if allowed is None else allowed
    for _ in range(ROUNDS):
        known = sources
        sources, model = _round(measurement, image, known, resolved, allowed, inner, LEAST * noise)
        if not len(sources):
            return sources, start
        if len(sources) == len(known) and np.abs(sources.flux - known.flux).max() < noise:
            break
        too_large = known.of(known.extended & ~sources.near(known, scale))
        resolved, inner = PointSources.at([*resolved.values, *too_large.values]), 2 / 3 * scale
        if len(known) and large:
            image = model.beside(sources, allowed, scale)
        elif sources.extended.any():
            image = _smoother(measurement, image, sources, allowed)
        else:
            image = positive(without(measurement, sources))
    sources = fitted(measurement, _flattened(image, sources, inner, scale), sources)
    if sources.extended.any() and not large:
        image = positive(without(measurement, sources))
    compact = extents(measurement, image, sources) < (COMPACT * scale) ** 2
    sources = sources.of(compact)
    if not len(sources):
        return sources, start
    if not compact.all():  # the flux of a resolved source is in all its pixels
        image = model.beside(sources, allowed, scale) if large else positive(without(measurement, sources))
    return sources, image


def _round(measurement, image, known, resolved, allowed, inner, least):
    """Better sources than the known ones, more of them, none near `resolved`; and the model with the known ones."""
    scale = 2 * np.pi / measurement.longest
    candidates = _candidates(image, PointSources.at([*known.values, *resolved.values]), least, scale)
    if not (len(known) or candidates):
        return known, None
    model = _Model(image, known, LocalResidual(measurement.psf, residual_without(measurement, known, image)))
    candidates = [source for source in candidates if _like_psf(model.exact, image, source, scale)]
    # Judged as if no pixel nearer than the resolution were emission: beside it, resolved sources fit, too.
    sources = model.fit(PointSources.at([*known.values, *candidates]), allowed, scale, scale)
    residual = model.without_pixels(sources, scale, scale)
    largest = np.where(known.near(sources, scale), UNRESOLVED, DOUBTFUL)
    sources = sources.of((_misfit(residual, sources, scale) < largest) & (sources.flux > least))
    sources = model.shaped(sources, known.near(sources, scale), measurement.noise[0], scale)
    return model.fit(sources, allowed, inner, scale), model


def _smoother(measurement, image, sources, allowed):
    """A positive image beside sources, of few iterations; `image`: an earlier one."""
    exact = LocalResidual(measurement.psf, residual_without(measurement, sources, image))
    return exact.positive(tuple(slice(0, size) for size in image.shape), image, allowed)


@dataclass(frozen=True, eq=False)
class _Model:
    """An image (H, W), Jy/pixel, and sources, with the exact residual of both."""

    image: np.ndarray
    sources: PointSources
    exact: LocalResidual

    def fit(self, sources, allowed, inner, scale):
        """Sources fitted beside the image without them; those that run away or get large are dropped."""
        for _ in range(STEPS):
            if len(sources):
                after = self.without_pixels(sources, inner, scale).step(sources)
                moved = np.hypot(*(after.values - sources.values)[:, :2].T)
                sources = after.of((moved < scale) & (after.flux > 0))
                sources = sources.of(sources.within(allowed))
        small, compact = _sizes(sources, scale)
        return sources.with_shapes(np.where(compact[:, None], 0.0, sources.values[:, 3:])).of(small)

    def shaped(self, sources, known, noise, scale):
        """The sources, with Gaussians in place of those known points that leave too much, where these leave less."""
        reach = SPREAD * scale
        points = _misfit(self.without_pixels(sources, reach, scale), sources, scale)
        tried = known & ~sources.extended & (points > np.maximum(RESOLVED, SIGNIFICANT * noise / sources.flux))
        if not tried.any():
            return sources
        begin = (BEGIN * scale) ** 2
        trial = sources.with_shapes(np.where(tried[:, None], [begin, 0.0, begin], sources.values[:, 3:]))
        for _ in range(SHAPING):
            trial = self.without_pixels(trial, reach, scale).step(trial)
        misfit = _misfit(self.without_pixels(trial, reach, scale), trial, scale)
        moved = np.hypot(*(trial.values - sources.values)[:, :2].T)
        small, compact = _sizes(trial, scale)
        better = small & ~compact & (misfit < BETTER * points) & (moved < scale) & (trial.flux > 0)
        return PointSources.at(np.where((tried & better)[:, None], trial.values, sources.values))

    def without_pixels(self, sources, inner, scale):
        """The residual of sources beside the image without them."""
        windows = _windows(self.image.shape, sources, 2 * scale)
        taken = self.image - _flattened(self.image, sources, inner, scale)
        return self.exact.changed(windows, self.sources, sources, taken)

    def beside(self, sources, allowed, scale):
        """The positive image beside sources: made anew around these and the earlier ones, as it is elsewhere."""
        both = PointSources.at([*self.sources.values, *sources.values])
        windows = _joined(_windows(self.image.shape, both, AROUND * scale))
        residual, image = self.exact.changed(windows, self.sources, sources), self.image.copy()
        for window in windows:
            image[window] = residual.positive(window, self.image, allowed)
        return image


def _sizes(sources, scale):
    """Which sources (K,) are so small that pixels do not represent them, and which are as compact as points."""
    minor, major = sources.widths.T / scale
    return (minor < NARROW) & (major < LONG), major < COMPACT


def _windows(shape, sources, radius):
    """Those parts of an image (H, W) that are at most `radius` pixels from the sources, one for each."""
    return [
        tuple(slice(side.start, min(side.stop, size)) for side, size in zip(window, shape, strict=True))
        for window in (around(shape, column, row, radius)[0] for column, row, *_ in sources.values)
    ]


def _joined(windows):
    """Windows that overlap become one, the smallest that holds them."""
    apart = []
    for window in windows:
        while others := [other for other in apart if _overlap(window, other)]:
            apart = [other for other in apart if other not in others]
            sides = zip(window, *others, strict=True)
            window = tuple(slice(min(s.start for s in side), max(s.stop for s in side)) for side in sides)
        apart.append(window)
    return apart


def _overlap(one, other):
    return all(a.start < b.stop and b.start < a.stop for a, b in zip(one, other, strict=True))


def _candidates(image, sources, least, scale):
    """Column, row and flux of the bright peaks, brightest first, that are no remains of a source."""
    height, width = image.shape
    found = []
    for peak_row, peak_column in _peaks(image, least / scale**2, round(scale)):
        window, x, y = around(image.shape, peak_column - width // 2, peak_row - height // 2, scale / 2)
        part = image[window] * (np.hypot(x, y) <= scale / 2)
        flux = part.sum()
        column, row = (
            peak_column - width // 2 + (x * part).sum() / flux,
            peak_row - height // 2 + (y * part).sum() / flux,
        )
        if flux > least and not (sources.offset(column, row) < scale).any():
            found.append((column, row, flux))
    found.sort(key=lambda source: -source[2])
    return [source for source in found if source[2] > FAINTEST * found[0][2]][: MOST - len(sources)]


def _peaks(image, least, reach):
    """Rows and columns (N, 2) of pixels above `least`, and nowhere below one that is at most `reach` away in both."""
    padded, peaks = np.pad(image, reach, constant_values=-np.inf), np.argwhere(image > least)
    for offset in np.ndindex(2 * reach + 1, 2 * reach + 1):
        peaks = peaks[padded[tuple((peaks + offset).T)] <= image[tuple(peaks.T)]]
    return peaks


def _like_psf(exact, image, source, scale):
    """Whether a peak may be unresolved, by the PSF near its centre alone: a cheap test that most peaks do not pass.

    exact : the `LocalResidual` of the image. Fitted is what it would be with a plane in place of the peak.
    """
    psf, residual = exact.psf, exact.residual
    half = int(np.ceil(4 * scale)) + 2
    centre = np.array(psf.shape) // 2
    near = psf[centre[0] - half : centre[0] + half + 1, centre[1] - half : centre[1] + half + 1]
    if near.shape != (2 * half + 1, 2 * half + 1):
        return True
    window, x, y = around(image.shape, *source[:2], 2 * scale)
    distance = np.hypot(x, y)
    ring = (distance > scale) & (distance <= 2 * scale)
    peak = image[window] - _levelled(image[window], x, y, distance <= scale, ring)
    data, spline = (residual[window] + convolve(peak, near, mode="constant")) / source[2], spline_filter(near)

    def misfit(offset):
        place = [half + y - offset[1], half + x - offset[0]]
        return (offset[2] * map_coordinates(spline, place, prefilter=False) - data).ravel()

    fit = least_squares(misfit, [0.0, 0.0, 1.0], max_nfev=20)
    return np.abs(fit.fun).max() < 1.2 * DOUBTFUL * fit.x[2]


def _flattened(image, sources, inner, scale):
    """The image with a plane in place of what is nearer to a source than `inner` pixels, to a Gaussian than SPREAD.

    It is fitted in a ring that is `scale` pixels wide.
    """
    near, image = np.zeros(image.shape, bool), image.copy()
    discs = np.where(sources.extended, SPREAD * scale, inner)
    windows = [
        (*around(image.shape, column, row, disc + scale), disc)
        for (column, row, *_), disc in zip(sources.values, discs, strict=True)
    ]
    for window, x, y, disc in windows:
        near[window] |= np.hypot(x, y) <= disc
    for window, x, y, disc in windows:
        distance = np.hypot(x, y)
        ring = (distance > disc) & (distance <= disc + scale) & ~near[window]
        image[window] = _levelled(image[window], x, y, distance <= disc, ring)
    return image


def _levelled(values, x, y, disc, ring):
    """Values with those of a plane, fitted in a ring, in a disc."""
    plane = np.stack([np.ones_like(x), x, y], axis=-1)
    factors = np.linalg.lstsq(plane[ring], values[ring], rcond=None)[0]
    return np.where(disc, np.clip(plane @ factors, 0, None), values)


def _misfit(model, sources, scale):
    """Largest residual (K,) near each source, as a fraction of its flux."""
    windows = _windows(model.residual.shape, sources, 2 * scale)
    return np.array([np.abs(model.residual[window]).max() for window in windows]) / sources.flux
