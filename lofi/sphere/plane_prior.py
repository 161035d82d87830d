"""A network of the plane, told pixel size and source redshift, on the sphere: the sky is flat within its patches."""

import copy
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lofi.lensing.mapping import assumed_redshift, load_lensing_model
from lofi.sphere.mapping import check_local
from lofi.sphere.pixels import CHANNELS, pixel_arcmin

SHALLOWEST = 1e-4  # precision that still counts as seen: noise of a hundred times the nominal one


class PlaneOnSphere(nn.Module):
    """What `lofi.sphere.mapping` needs of a model, from a field of the plane.

    Parameters
    ----------
    model : a local field that is told the sight. nside : of the maps. redshift : of the sources.
    nominal : noise per component and HEALPix pixel, the unit of the channel `precision`.
    """

    def __init__(self, model: nn.Module, nside: int, redshift: float, nominal: float) -> None:
        super().__init__()
        self.inputs, self.network, self.nominal = model.inputs, copy.deepcopy(model.network), nominal
        # ASSUME: a band-limited map is seen as one of averages over HEALPix's pixels. It holds a third of their modes;
        # told pixels √3 as wide, the network was no better.
        self.sight = (pixel_arcmin(nside), redshift)
        with torch.no_grad():  # offsets in HEALPix pixels
            self.network.geometry.offsets.mul_(max(1.0, self.inputs.wiener.length_arcmin / pixel_arcmin(nside)))

    @torch.no_grad()
    def correction_at(self, observed: torch.Tensor, coordinates: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
        """As `lofi.models.reconstructor.FieldReconstructor.correction_at`, of the channels of the sphere."""
        filtered, kappa_e, precision = (observed[:, CHANNELS.index(name)] for name in CHANNELS)
        noise = self.nominal / precision.clamp(min=SHALLOWEST).sqrt()
        sight = [torch.full_like(noise, value) for value in self.sight]
        plane = torch.stack([kappa_e, torch.zeros_like(noise), noise, *sight], dim=1)
        prior = self.inputs.wiener
        stack = self.inputs.scaled(prior.seen(plane), filtered / prior.unit(plane)[:, 0])
        _, conditions = prior.sampling(plane)
        options = {"coordinates": coordinates, "frames": frames, "conditions": conditions}
        values = self.network.evaluate(stack, (1, len(coordinates)), **options)
        return (self.inputs.unit(plane) * values)[:, :, 0]


def load_plane_model(folder: str | Path, nside: int, redshift: float | None) -> tuple[nn.Module, dict]:
    """Model and record, as `lofi.sphere.mapping.load_sphere_model` gives them, of a prior of the plane at this Nside.

    redshift : of the sources; None: the middle of those of the training.
    """
    model, record = load_lensing_model(folder)
    check_local(model, record, folder)
    redshift = assumed_redshift(record, redshift)
    nominal = record["noise_std"] * record["data"]["pixel_arcmin"] / pixel_arcmin(nside)
    field = PlaneOnSphere(model, nside, redshift, nominal)
    data = record["data"] | {"spectrum": _spectrum(model, redshift)}
    return field, record | {"pixel_arcmin": pixel_arcmin(nside), "noise_std": nominal, "data": data}


def _spectrum(model, redshift) -> Mapping[str, list]:
    """The spectrum of the sky at this redshift, as `lofi.sphere.channels.spectrum_of` reads it."""
    sky = model.inputs.wiener.sky
    ell = np.unique(np.geomspace(2, 16384, 80).round())
    power = sky.at(torch.from_numpy(ell).float()[None], torch.tensor([float(redshift)]))[0]
    return {"ell": ell.tolist(), "power": power.tolist()}
