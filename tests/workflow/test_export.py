"""Exported simulated fields: the same maps as `lofi map` makes of the same shear."""

import numpy as np
import torch
from astropy.io import fits

from lofi.data.depth import Depth
from lofi.data.lensing import LensingObservation
from lofi.io import hdf5
from lofi.lensing.mapping import load_lensing_model, map_shear
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.tangent_plane import tangent_wcs
from workflow.scripts.export import CENTRE, export
from workflow.scripts.reconstruct import reconstruct

PIXEL = 2.34375
DEPTH = Depth(relative_noise=(1.0, 1.0), nominal_fraction=0.0, gradient=0.3, holes=(4, 4), hole_radius=(2.0, 3.0))


def test_a_periodic_field_is_exported_as_it_is_mapped(checkpoint_folder, tmp_path):
    """Bit for bit, without the margin that a survey needs: opposite edges of the simulated field do meet."""
    observation = LensingObservation(0.03, depth=DEPTH)
    kappa = 0.02 * np.random.default_rng(1).standard_normal((40, 48))
    observed, truth = observation.observe(kappa, np.random.default_rng(2))
    gamma, noise_std = observation.shear(kappa, np.random.default_rng(2))
    model, record = load_lensing_model(checkpoint_folder)
    batch = torch.from_numpy(observed)[None]

    data, parts = tmp_path / "test" / "0000.h5", [tmp_path / name / "0000.h5" for name in ("lofi", "wiener")]
    sky = {"channels": ["kappa_e", "kappa_b", "noise_std"], "pixel_arcmin": PIXEL, "description": "test", "seed": ["x"]}
    sky |= {"observation": {}, "shard": {"observed": [0, 1], "truth": [0, 1]}}
    hdf5.write(data, sky, observed=observed[None], truth=truth[None])
    weights = checkpoint_folder / "model.safetensors"
    reconstruct(data=[data], weights=weights, reconstruction=parts[0], part=0, parts=1, device="cpu", threads=1)
    filtered = model.wiener(batch)[:, None].numpy()
    hdf5.write(parts[1], {"shard": {"test": [0, 1]}}, test=filtered)
    path = checkpoint_folder / "model.json"
    export(data=[data], reconstructions=parts, record=path, folder=tmp_path / "fits", model="lofi", split="test")

    wcs = tangent_wcs(CENTRE, PIXEL, kappa.shape)
    binned = BinnedShear(gamma, noise_std, np.isfinite(noise_std), None, None, PIXEL, wcs)
    maps, _ = map_shear(binned, model, record, periodic=True)
    with fits.open(tmp_path / "fits" / "map_0000.fits") as hdus:
        exported = {hdu.name: hdu.data for hdu in hdus[1:]}
        assert "KAPPA: lofi, trained on test fields" in list(hdus[0].header["HISTORY"])
    assert set(exported) - set(maps) == {"TRUTH"}
    for name in set(exported) & set(maps):
        image = maps[name][0].astype(exported[name].dtype)
        assert np.array_equal(exported[name], image, equal_nan=True), name
    assert 0.5 < exported["MASK"].mean() < 1
