"""Conjugate gradients on a batch of images, each with its own steps and its own end (Hestenes & Stiefel 1952)."""

from collections.abc import Callable

import torch


def inner(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Inner products (B,) of images (B, H, W)."""
    return (a * b).sum((-2, -1))


def per_image(values: torch.Tensor) -> torch.Tensor:
    """Values (B,) with the axes (B, 1, 1), to multiply images."""
    return values[:, None, None]


def conjugate_gradient(
    operator: Callable,
    rhs: torch.Tensor,
    start: torch.Tensor | None = None,
    tolerance: float | torch.Tensor = 1e-4,
    max_iterations: int = 100,
    product: Callable = inner,
    precondition: Callable = lambda residual: residual,
    plain: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Solves `operator(x) = rhs` for each image of a batch.

    Parameters
    ----------
    operator : function of images (B, H, W), linear, symmetric and positive definite in each image.
    rhs : (B, H, W), real or complex.
    start : (B, H, W); zeros if not given.
    tolerance : a number or (B,); an image is done, and changes no more, when `‖operator(x) − rhs‖ ≤ tolerance · ‖rhs‖`.
    product : inner products (B,) in which the operator is symmetric. precondition : an approximate inverse of it.
    plain : ‖r‖² is the product of r with itself; by default that of r with the preconditioned r.

    Returns
    -------
    x (B, H, W); iterations (B,) int64, `max_iterations` where the tolerance may not have been reached.
    """
    x = torch.zeros_like(rhs) if start is None else start
    residual = rhs.clone() if start is None else rhs - operator(start)
    direction = scaled = precondition(residual)
    energy = product(residual, scaled)
    squared = product(residual, residual) if plain else energy
    goal = tolerance**2 * product(rhs, rhs if plain else precondition(rhs))
    iterations = torch.zeros(len(rhs), dtype=torch.int64, device=rhs.device)
    for _ in range(max_iterations):
        active = squared > goal
        if not active.any():
            break
        image = operator(direction)
        step = per_image(torch.where(active, energy / product(direction, image), 0.0))
        x = torch.addcmul(x, step, direction)
        residual = torch.addcmul(residual, step, image, value=-1)
        scaled = precondition(residual)
        previous, energy = energy, product(residual, scaled)
        squared = product(residual, residual) if plain else energy
        ratio = per_image(torch.where(active, energy / previous, 0.0))
        direction = torch.addcmul(scaled, ratio, direction)
        iterations += active
    return x, iterations
