"""`lofi map` with a prior for many pixel sizes and source redshifts: what is said, what warns, what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from astropy.io import fits
from sky_model import NOISE, NOMINAL, save_sky_model

from lofi.cli import main
from lofi.data.sights import Sight
from lofi.io import checkpoint
from lofi.io.fits import write_maps
from lofi.lensing.kaiser_squires import SIGHT, kaiser_squires, shear_from_convergence
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header
from lofi.priors.record import RECORD, read_record


@pytest.fixture
def run(sky_prior, tmp_path, capsys):
    """Map a shear map of these pixels; (exit code, file, what was said)."""

    def call(pixel, *arguments, noise=1.0, folder=sky_prior):
        rng = np.random.default_rng(0)
        y, x = np.mgrid[:48, :48]
        kappa = 0.1 * np.exp(-((x - 20) ** 2 + (y - 26) ** 2) / 60)
        level = noise * NOISE * NOMINAL / pixel
        gamma = shear_from_convergence(kappa) + level * (rng.standard_normal((2, 48, 48)).T @ [1, 1j]).T
        names = {"GAMMA1": gamma.real, "GAMMA2": gamma.imag, "NOISE_STD": np.full((48, 48), level)}
        maps = {name: (image, "") for name, image in names.items()}
        shear, output = tmp_path / "shear.fits", tmp_path / "kappa.fits"
        wcs = tangent_wcs((30.0, 10.0), pixel, (48, 48))
        write_maps(shear, maps, wcs_header(wcs), simulated=True, history=[])
        output.unlink(missing_ok=True)
        code = 0
        try:
            main(["map", str(shear), "--prior", str(folder), "-o", str(output), *map(str, arguments)])
        except SystemExit as end:
            code = end.code
        return code, output, capsys.readouterr().err

    return call


@pytest.mark.parametrize("pixel", [0.5, 1.1, 4.0])
def test_any_pixel_size_of_the_range_is_mapped_without_a_warning(run, pixel):
    code, output, said = run(pixel, "--redshift", 0.7)
    assert code == 0
    assert "trained" not in said
    with fits.open(output) as hdus:
        assert hdus[0].header["PIXARCM"] == pytest.approx(pixel)
        assert hdus[0].header["ZSOURCE"] == 0.7
        assert "sources at redshift 0.7" in str(hdus[0].header["HISTORY"])
        kappa = hdus["KAPPA"].data
        peak = np.unravel_index(np.nanargmax(kappa), kappa.shape)
        assert np.hypot(peak[0] - 26, peak[1] - 20) < 4
        np.testing.assert_allclose(kappa, hdus["KAPPA_WIENER"].data, atol=1e-6)


@pytest.mark.parametrize("pixel", [0.5, 4.0])
def test_a_network_is_told_pixel_and_redshift_in_their_places(run, tmp_path, pixel):
    """The map is what the network answers to the padded field, with the sight in the channels of that name."""
    folder = save_sky_model(tmp_path, spread=0.5)
    code, output, _ = run(pixel, "--redshift", 0.7, folder=folder)
    assert code == 0
    with fits.open(tmp_path / "shear.fits") as hdus:
        gamma, noise = hdus["GAMMA1"].data + 1j * hdus["GAMMA2"].data, hdus["NOISE_STD"].data
    kappa = kaiser_squires(np.pad(gamma, 24))
    told = [np.full(kappa.shape, value) for value in (pixel, 0.7)]
    observed = np.stack([kappa.real, kappa.imag, np.pad(noise, 24, constant_values=np.inf), *told])
    model, record = checkpoint.load(folder)
    assert record["channels"][3:] == ["pixel_arcmin", "redshift"]
    expected = model.reconstruct(torch.from_numpy(observed.astype(np.float32))[None])[0, 0].numpy()[24:-24, 24:-24]
    found, wiener = fits.getdata(output, "KAPPA"), fits.getdata(output, "KAPPA_WIENER")
    added = np.std(found - wiener)
    assert added > 0.02 * np.std(wiener)  # the network counts
    assert np.std(expected - found) < 0.05 * added  # but for the mean


def test_the_redshift_is_the_middle_of_the_range_unless_it_is_said(run):
    _, output, said = run(1.0)
    assert "sources at redshift 0.95 assumed; --redshift says where they are" in said
    header = fits.getheader(output)
    assert header["ZSOURCE"] == pytest.approx(0.95)
    assert "--redshift" in str(header["HISTORY"])
    spread = []
    for redshift in (0.4, 1.5):
        _, output, _ = run(1.0, "--redshift", redshift)
        spread.append(np.nanstd(fits.getdata(output, "KAPPA")))
    assert spread[1] > 1.2 * spread[0]  # a stronger sky is filtered less


@pytest.mark.parametrize(
    ("pixel", "options", "noise", "words"),
    [
        (0.3, ["--redshift", 0.7], 1.0, "pixels of 0.3' where the model was trained on 0.5' to 4'"),
        (6.0, ["--redshift", 0.7], 1.0, "pixels of 6' where"),
        (1.0, ["--redshift", 2.5], 1.0, "sources at redshift 2.5, outside the trained range 0.4 to 1.5"),
        (1.0, ["--redshift", 0.7], 4.0, "median noise 0.08 per pixel, outside the trained range 0.01 to 0.04"),
    ],
)
def test_outside_its_ranges_a_prior_warns_and_maps(run, pixel, options, noise, words):
    code, output, said = run(pixel, *options, noise=noise)
    assert code == 0
    assert f"warning: {words}" in said
    assert words.split(",")[0] in " ".join(map(str, fits.getheader(output)["HISTORY"])).replace("\n", " ")


def test_impossible_redshifts_are_refused(run):
    for redshift in (-1, 0, "nan", 1000):
        code, output, said = run(1.0, "--redshift", redshift)
        assert code == 1
        assert not output.exists()
        assert "--redshift is" in said
        assert "expected the redshift of the sources" in said


def test_a_prior_that_does_not_say_its_redshift_says_that(run, checkpoint_folder):
    code, output, said = run(2.34375, "--redshift", 0.7, folder=checkpoint_folder)
    assert code == 0
    assert "note: the prior does not say for which source redshift it was trained; --redshift 0.7 does not" in said
    assert fits.getheader(output)["ZSOURCE"] == 0.7
    _, output, said = run(2.34375, folder=checkpoint_folder)
    assert "redshift" not in said
    assert "ZSOURCE" not in fits.getheader(output)


@pytest.mark.parametrize("entry", ["ranges", "data"])
@pytest.mark.parametrize("given", [None, 0.9, 0.3])
def test_a_prior_of_one_redshift_warns_of_another(run, checkpoint_folder, tmp_path, entry, given):
    folder = Path(shutil.copytree(checkpoint_folder, tmp_path / "one"))
    record = read_record(folder)
    record |= {"ranges": {"redshift": [0.9, 0.9]}} if entry == "ranges" else {}
    record["data"] |= {"redshift": 0.9} if entry == "data" else {}
    (folder / RECORD).write_text(json.dumps(record))
    code, output, said = run(2.34375, *([] if given is None else ["--redshift", given]), folder=folder)
    assert code == 0
    words = "sources at redshift 0.3, but the prior was trained for 0.9 alone"
    assert (f"warning: {words}" in said) == (given == 0.3)
    header = fits.getheader(output)
    assert (words in "".join(header["HISTORY"])) == (given == 0.3)
    assert header["ZSOURCE"] == (0.9 if given is None else given)


@pytest.mark.parametrize("name", SIGHT)
def test_a_prior_that_does_not_say_its_ranges_is_refused(run, sky_prior, tmp_path, name):
    folder = Path(shutil.copytree(sky_prior, tmp_path / "damaged"))
    record = read_record(folder)
    del record["ranges"][name]
    (folder / RECORD).write_text(json.dumps(record))
    code, output, said = run(1.0, folder=folder)
    assert code == 1
    assert f"model.json does not say its ranges.{name}; it was not trained by this workflow" in said
    assert not output.exists()


def test_a_sight_is_a_pixel_and_a_redshift():
    assert Sight._fields == SIGHT
