"""Patches relative to the noise level, so that one network denoises at every level and brightness."""

import torch


def relative_to_noise(patch: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
    """A patch normalised by its own mean and spread, and what that removed, in units of the noise.

    With mean `m` and spread `s = std + level` of the patch, each chunk receives `(patch − m)/s`, `asinh(m/level)/2` and
    `log(s/level)`. Nothing else depends on the unit of the image: with the network's output scaled by `level` the
    denoiser is homogeneous, `D(c·z, c·level) = c·D(z, level)`.

    Parameters
    ----------
    patch : tensor (chunks, R, n). level : tensor (n,), noise standard deviation, > 0, in units of the patch.

    Returns
    -------
    tensor (chunks, R + 2, n).
    """
    mean = patch.mean((0, 1))
    centred = patch - mean
    spread = centred.square().mean((0, 1)).sqrt() + level
    removed = torch.stack([torch.asinh(mean / level) / 2, torch.log(spread / level)])
    return torch.cat([centred / spread, removed.expand(len(patch), -1, -1)], dim=1)


EXTRA = 2  # rows that `relative_to_noise` adds to a chunk
