"""Total variation and positivity: the best of the classical controls."""

import torch

from lofi.solvers.conjugate_gradient import per_image
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.fista import fista


def total_variation(
    term: Deconvolution,
    lam: torch.Tensor,
    iterations: int = 300,
    start: torch.Tensor | None = None,
    inner_iterations: int = 4,
) -> torch.Tensor:
    """`argmin ⟨x, H x⟩/2 − ⟨b, x⟩ + lam · TV(x)` over x ≥ 0 of a deconvolution, by accelerated proximal gradients,
    stopped after `iterations`: far from the minimum where λ is small, which regularises too.

    `TV(x) = Σ √((x[i+1, j] − x[i, j])² + (x[i, j+1] − x[i, j])²)`, differences across the border being 0.

    Parameters
    ----------
    lam : (B,), Jy/beam: in multiples c of the noise of the dirty image, `lam = c · term.noise`. Without a truth to
        choose by, c from 0.1 to 0.3 is usual; the best c grows with the image, to about 1 at 512².
    start : (B, H, W), zeros if not given; the solution for another `lam` shortens the way.
    inner_iterations : dual steps in each outer one, from where the last one ended. With 3 or fewer the outer steps can
        become unstable where `lam` is so large that the image is flat.

    Returns
    -------
    (B, H, W), Jy/pixel.
    """
    start = torch.zeros_like(term.dirty) if start is None else start
    prox = TotalVariationProx(start, lam / term.norm, inner_iterations)
    return fista(term.gradient, prox, start, iterations)


class TotalVariationProx:
    """`argmin lam TV(x) + ‖x − z‖²/2` over x ≥ 0: fast gradient projection of the dual (Beck & Teboulle 2009, TIP).

    With a field g of edges, `|g| ≤ lam` in each pixel, `x = max(0, z − Dᵀ g)`; g is kept from call to call.
    Edge (i, j) of `down` lies between the rows i − 1 and i, of `across` between the columns j − 1 and j.
    """

    def __init__(self, like: torch.Tensor, lam: torch.Tensor, iterations: int) -> None:
        batch, height, width = like.shape
        self.lam, self.iterations = per_image(lam.to(like)), iterations
        self.dual = (like.new_zeros(batch, height + 1, width), like.new_zeros(batch, height, width + 1))

    def __call__(self, z: torch.Tensor) -> torch.Tensor:
        point, inertia = self.dual, 1.0
        for _ in range(self.iterations):
            new = self._ascend(point, self._primal(point, z))
            following = (1 + (1 + 4 * inertia**2) ** 0.5) / 2
            weight = (inertia - 1) / following
            point = tuple(torch.lerp(old, edges, 1 + weight) for old, edges in zip(self.dual, new, strict=True))
            self.dual, inertia = new, following
        return self._primal(self.dual, z)

    @staticmethod
    def _primal(dual, z):
        down, across = dual
        x = z - down[:, :-1] + down[:, 1:]
        x -= across[:, :, :-1]
        x += across[:, :, 1:]
        return x.clamp_(min=0.0)

    def _ascend(self, point, x):
        """A step 1/8 (`‖D‖² ≤ 8`) along the gradient `D x` of the dual, then the projection on `|g| ≤ lam`."""
        down, across = (edges.clone() for edges in point)
        down[:, 1:-1].add_(x[:, 1:] - x[:, :-1], alpha=0.125)
        across[:, :, 1:-1].add_(x[:, :, 1:] - x[:, :, :-1], alpha=0.125)
        below, right = down[:, 1:], across[:, :, 1:]  # the two edges of each pixel
        length = torch.addcmul(below * below, right, right).sqrt_()
        shrink = self.lam / torch.maximum(length, self.lam).clamp_(min=torch.finfo(x.dtype).tiny)
        below *= shrink
        right *= shrink
        return down, across
