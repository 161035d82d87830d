"""What the probes share: noisy pictures, and a trained denoiser on them."""

import numpy as np
import torch

from lofi import metrics
from lofi.device import choose
from lofi.io.checkpoint import load_denoiser
from lofi.seeds import stream


class Probe:
    """The denoiser of a checkpoint `folder` at the level `sigma`, on `device` with `threads`."""

    def __init__(self, folder, sigma, device, threads):
        self.device, self.sigma = choose(device, threads), sigma
        self.denoiser = load_denoiser(folder)[0].to(self.device)

    def noisy(self, pictures, *name):
        """Pictures (N, H, W), float32, under white noise of the streams (*name, number)."""
        noise = [stream(*name, i).standard_normal(picture.shape, np.float32) for i, picture in enumerate(pictures)]
        return pictures + np.float32(self.sigma) * np.stack(noise)

    def denoise(self, noisy):
        """(N, H, W) → (N, H, W), one after the other."""
        level = torch.tensor([self.sigma], device=self.device)
        images = (torch.from_numpy(np.ascontiguousarray(image))[None].to(self.device) for image in noisy)
        return np.concatenate([self.denoiser.denoise(image, level).cpu().numpy() for image in images])


def scores_of(estimate, truth, mask=None):
    """PSNR and SSIM over the unmasked pixels (all)."""
    return metrics.measured(("psnr", "ssim"), estimate, truth, mask)
