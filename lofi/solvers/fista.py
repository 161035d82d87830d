"""Accelerated proximal gradient steps on a batch of images, with restarts."""

from collections.abc import Callable

import torch

from lofi.solvers.conjugate_gradient import inner, per_image


def fista(
    gradient: Callable, prox: Callable, start: torch.Tensor, iterations: int, tolerance: float = 0.0
) -> torch.Tensor:
    """Minimises `f(x) + g(x)` in each image (FISTA, Beck & Teboulle 2009).

    The momentum of an image starts anew when it points uphill (O'Donoghue & Candès 2015, gradient scheme).

    Parameters
    ----------
    gradient : of f at images (B, H, W); its Lipschitz constant is 1, and so is the step.
    prox : `argmin g(x) + ‖x − z‖²/2` of images z.
    start : (B, H, W). iterations : at most; fewer where none changes an image by more than `tolerance` of its norm.
    """
    x = point = start
    inertia = torch.ones(len(start), dtype=start.dtype, device=start.device)
    for _ in range(iterations):
        new = prox(point - gradient(point))
        change = new - x
        inertia = torch.where(inner(point - new, change) > 0, 1.0, inertia)
        following = (1 + (1 + 4 * inertia**2).sqrt()) / 2
        point = new + per_image((inertia - 1) / following) * change
        x, inertia = new, following
        if tolerance and (inner(change, change) <= tolerance**2 * inner(new, new)).all():
            break
    return x
