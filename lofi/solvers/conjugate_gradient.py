"""Conjugate gradients on a batch of images, each with its own steps and its own end (Hestenes & Stiefel 1952)."""

import torch


def inner(a, b):
    """Inner products (B,) of images (B, H, W)."""
    return (a * b).sum((-2, -1))


def per_image(values):
    """Values (B,) with the axes (B, 1, 1), to multiply images."""
    return values[:, None, None]


def conjugate_gradient(operator, rhs, start=None, tolerance=1e-4, max_iterations=100):
    """Solves `operator(x) = rhs` for each image of a batch.

    Parameters
    ----------
    operator : function of images (B, H, W), linear, symmetric and positive definite in each image.
    rhs : (B, H, W).
    start : (B, H, W); zeros if not given.
    tolerance : an image is done, and no longer changes, when `‖operator(x) − rhs‖ ≤ tolerance · ‖rhs‖`.

    Returns
    -------
    x (B, H, W); iterations (B,) int64, `max_iterations` where the tolerance may not have been reached.
    """
    x = torch.zeros_like(rhs) if start is None else start
    residual = rhs.clone() if start is None else rhs - operator(start)
    goal = tolerance**2 * inner(rhs, rhs)
    squared = inner(residual, residual)
    direction = residual
    iterations = torch.zeros(len(rhs), dtype=torch.int64, device=rhs.device)
    for _ in range(max_iterations):
        active = squared > goal
        if not active.any():
            break
        image = operator(direction)
        step = per_image(torch.where(active, squared / inner(direction, image), 0.0))
        x = torch.addcmul(x, step, direction)
        residual = torch.addcmul(residual, step, image, value=-1)
        previous, squared = squared, inner(residual, residual)
        ratio = per_image(torch.where(active, squared / previous, 0.0))
        direction = torch.addcmul(residual, ratio, direction)
        iterations += active
    return x, iterations
