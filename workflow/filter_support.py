"""How far a convolution kernel reaches: its energy within a radius."""

import numpy as np


def energy_within(kernel):
    """Radii from the centre pixel, 0 and up, and the fraction of the energy Σ|h|² of kernels (L, H, W) within them.

    The centre is that of a shifted transform, (H // 2, W // 2).
    """
    rows, columns = (np.arange(n) - n // 2 for n in kernel.shape[-2:])
    distance = np.hypot(rows[:, None], columns).ravel()
    order = np.argsort(distance, kind="stable")
    energy = np.cumsum((np.abs(kernel) ** 2).sum(0).ravel()[order])
    radii, first = np.unique(distance[order], return_index=True)
    return radii, energy[np.append(first[1:], len(order)) - 1] / energy[-1]


def radius_of(kernel, fraction):
    """The smallest radius, in pixels, that holds this `fraction` of the energy."""
    radii, within = energy_within(kernel)
    return radii[np.argmax(within >= fraction)]


def parts(kernel):
    """A filter, what training changed of the identity that it began as, and energy spread evenly: {name: kernel}."""
    start = np.zeros_like(kernel)
    start[..., kernel.shape[-2] // 2, kernel.shape[-1] // 2] = 1
    return {"filter": kernel, "change": kernel - start, "even": np.ones_like(kernel)}
