"""`--joint`: each bin of redshift has maps from the shear of all bins."""

import json

import numpy as np
import pytest
import torch
from astropy.io import fits
from astropy.table import Table
from sky_model import DESCRIPTION, save_sky_model

from lofi.cli import main
from lofi.io import checkpoint
from lofi.lensing.bin_correlations import plane
from lofi.lensing.joint_bins import correlations_of, joint_views
from lofi.lensing.kaiser_squires import CHANNELS, SIGHT, channels, with_sight
from lofi.lensing.mapping import load_lensing_model
from lofi.models.registry import build
from lofi.priors.record import read_record
from lofi.seeds import stream

EDGES = "z=0.4,0.7,1.1"
FIELD = ["--centre", "150.5,0.5", "--shape", "24,24", "--pixel-arcmin", "2"]
COLUMNS = "ra=ra,dec=dec,e1=e1,e2=e2,weight=w"


@pytest.fixture(scope="module")
def prior(tmp_path_factory):
    """A prior whose network adds something to its Wiener map."""
    return save_sky_model(tmp_path_factory.mktemp("prior"), spread=0.5)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rng, count = stream("joint bins", "galaxies"), 8000
    z = 0.4 + 0.7 * rng.random(count)
    table = {"ra": 150.1 + 0.8 * rng.random(count), "dec": 0.1 + 0.8 * rng.random(count), "z": z}
    table |= dict(zip(("e1", "e2"), 0.1 * rng.standard_normal((2, count)), strict=True))
    table |= {"w": np.ones(count), "bin": np.digitize(z, [0.4, 0.7])}
    folder = tmp_path_factory.mktemp("catalogue")
    Table(table).write(folder / "cat.fits")
    return folder / "cat.fits"


@pytest.fixture
def run(path, prior, tmp_path, capsys):
    """Run `lofi map`: (exit code, what it said)."""

    def call(*arguments, folder=prior, shear=path, columns=("--columns", COLUMNS)):
        code, output = 0, tmp_path / "kappa.fits"
        try:
            main(["map", str(shear), "--prior", str(folder), "-o", str(output), *columns, *map(str, arguments)])
        except SystemExit as end:
            code = end.code
        return code, capsys.readouterr().err

    return call


def field(redshifts, noise=0.02, side=24):
    """Channels (n, 5, H, W) of bins, each with its own noise and mask."""
    rng, fields = stream("joint bins", "field"), []
    for redshift in redshifts:
        level = noise * np.exp(0.3 * rng.standard_normal((side, side)))
        level[rng.random((side, side)) < 0.1] = np.inf
        gamma = 0.03 * (rng.standard_normal((side, side, 2)) @ [1, 1j]) * np.isfinite(level)
        fields.append(with_sight(channels(gamma, level), 2.0, redshift))
    return np.stack(fields).astype(np.float32)


def views_of(observed, prior, redshifts):
    model, _ = load_lensing_model(prior)
    sky = model.wiener.sky
    return joint_views(observed, sky, correlations_of(sky, [plane(z) for z in redshifts])), model


def test_one_bin_is_the_wiener_map_of_the_prior(prior):
    observed = field([0.7])
    (found,), model = views_of(observed, prior, [0.7])
    torch.testing.assert_close(found.wiener[None], model.wiener(torch.from_numpy(observed)), rtol=0, atol=1e-6)


def test_one_bin_of_one_depth_is_seen_as_it_is(prior):
    gamma = 0.03 * (stream("joint bins", "even").standard_normal((23, 23, 2)) @ [1, 1j])
    observed = with_sight(channels(gamma, np.full(gamma.shape, 0.02)), 2.0, 0.7)[None].astype(np.float32)
    (found,), _ = views_of(observed, prior, [0.7])
    mean = observed[0, 0].mean()
    np.testing.assert_allclose(found.observed[0], observed[0, 0] - mean, atol=1e-3 * observed[0, 0].std())
    np.testing.assert_allclose(found.observed[2], 0.02, rtol=1e-4)


def test_bins_at_one_redshift_are_one_survey(prior):
    """Two halves of the galaxies know together what all of them know."""
    observed = field([0.7]).repeat(2, axis=0)
    halves = observed.copy()
    halves[:, 2] *= 2**0.5
    found, model = views_of(halves, prior, [0.7, 0.7])
    for view, whole, channel in zip(found, model.wiener(torch.from_numpy(observed)), observed, strict=True):
        torch.testing.assert_close(view.wiener, whole, rtol=0, atol=5e-3 * float(whole.abs().max()))
        np.testing.assert_allclose(view.observed[2], channel[2], rtol=1e-3)


def test_each_bin_has_maps_of_all_bins(run, prior, tmp_path):
    code, said = run("--zbins", EDGES, "--joint", "--no-reduced-shear", *FIELD)
    assert code == 0, said
    assert "from the shear of all 2 bins" in said
    joint = ["KAPPA_WIENER_JOINT", "KAPPA_JOINT"]
    with fits.open(tmp_path / "kappa.fits") as hdus:
        assert not {hdu.name for hdu in hdus} & set(joint)
    files = [tmp_path / f"kappa-bin{number}.fits" for number in (1, 2)]
    observed = []
    for file, row in zip(files, ("1000:1.00,0.", ",1.00"), strict=True):
        with fits.open(file, checksum=True) as hdus:
            hdus.verify("exception")
            history = "".join(str(hdus[0].header["HISTORY"]).split())
            assert "KAPPA_WIENER_JOINTandKAPPA_JOINT:fromtheshearofall2bins" in history
            assert row in history
            mask = hdus["MASK"].data.astype(bool)
            for name in joint:
                assert (np.isfinite(hdus[name].data) == mask).all()
                assert abs(np.nanmean(hdus[name].data)) < 1e-7
            assert np.nanstd(hdus[joint[0]].data - hdus["KAPPA_WIENER"].data) > 0.02 * np.nanstd(hdus[joint[0]].data)
            redshift = hdus[0].header["ZSOURCE"]
            gamma = hdus["GAMMA1"].data + 1j * hdus["GAMMA2"].data
            noise = hdus["NOISE_STD"].data
        observed.append((np.where(mask, gamma, 0), np.where(mask, noise, np.inf), redshift))
    seen = np.stack(
        [
            with_sight(channels(np.pad(gamma, 32), np.pad(noise, 32, constant_values=np.inf)), 2.0, z)
            for gamma, noise, z in observed
        ]
    ).astype(np.float32)
    views, model = views_of(seen, prior, [z for *_, z in observed])
    for file, view in zip(files, views, strict=True):
        kappa = model.reconstruct(view.observed[None], margin=32, filtered=view.wiener[None])[0, 0]
        for name, image in {"KAPPA_WIENER_JOINT": view.wiener, "KAPPA_JOINT": kappa}.items():
            found, expected = fits.getdata(file, name), image[32:-32, 32:-32].numpy()
            inside = np.isfinite(found)
            expected = (expected - expected[inside].mean())[inside]
            np.testing.assert_allclose(found[inside], expected, atol=2e-3 * np.nanstd(found))


def test_the_maps_of_the_bin_alone_stay_what_they_are(run, tmp_path):
    found = []
    for joint in ([], ["--joint"]):
        assert run("--zbins", EDGES, *joint, *FIELD)[0] == 0
        with fits.open(tmp_path / "kappa-bin1.fits") as hdus:
            found.append({hdu.name: hdu.data.copy() for hdu in hdus[1:]})
    alone, together = found
    assert set(together) - set(alone) == {"KAPPA_JOINT", "KAPPA_WIENER_JOINT"}
    for name, image in alone.items():
        np.testing.assert_array_equal(image, together[name], err_msg=name)


@pytest.mark.parametrize("asked", ["--errors", "--no-errors"])
def test_the_maps_of_all_bins_have_error_bars(asked, run, tmp_path):
    code, said = run("--zbins", EDGES, "--joint", asked, *FIELD, folder="convergence")
    assert code == 0, said
    with fits.open(tmp_path / "kappa-bin1.fits") as hdus:
        names = {f"KAPPA_JOINT_{end}" for end in ("STD", "LO68", "HI68", "LO90", "HI90")}
        assert names & {hdu.name for hdu in hdus} == (names if asked == "--errors" else set())
        if asked == "--errors":
            low, high, joint, own = (
                hdus[n].data for n in ("KAPPA_JOINT_LO68", "KAPPA_JOINT_HI68", "KAPPA_JOINT", "KAPPA")
            )
            seen = hdus["MASK"].data.astype(bool)
            assert ((low < joint) & (joint < high))[seen].all()
            assert (hdus["KAPPA_JOINT_LO90"].data < low)[seen].all()
            assert np.abs(joint - own)[seen].max() > 0
            assert np.nanmean(hdus["KAPPA_JOINT_STD"].data) < 0.97 * np.nanmean(hdus["KAPPA_STD"].data)


def test_distributions_say_how_bins_overlap(run, tmp_path):
    z, shown = np.linspace(0, 2, 201), []
    for width in (0.02, 0.2):
        bells = [np.exp(-0.5 * ((z - middle) / width) ** 2) for middle in (0.6, 0.9)]
        np.savetxt(tmp_path / "nz.txt", np.stack([z, *bells], axis=1))
        code, said = run("--zbins", "bin", "--nz", tmp_path / "nz.txt", "--joint", *FIELD)
        assert code == 0, said
        shown.append(float(said.partition("at multipoles around 1000: 1.00, ")[2][:4]))
    assert shown[0] < shown[1] < 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--joint"], r"--joint maps bins of redshift together; name them with --zbins"),
        (["--joint", "--zbins", "z=0.4,1.1"], r"has one bin (0.4 to 1.1); --joint maps two or more together"),
        (
            ["--joint", "--zbins", "bin"],
            r"--joint needs the redshift of each bin, and bin only numbers them; give --nz",
        ),
        (
            ["--joint", "--zbins", EDGES, "--redshift", "0.8"],
            r"--joint needs the redshift of each bin, not one --redshift",
        ),
        (["--joint", "--zbins", EDGES, "--nside", "64"], "is on the sphere; joint cannot be used with it"),
    ],
)
def test_bins_that_cannot_be_mapped_together_are_refused(arguments, message, run, tmp_path):
    code, said = run(*arguments)
    assert code
    assert message in said
    assert said.count("\n") <= 1
    assert not list(tmp_path.iterdir())


def test_a_prior_of_one_redshift_is_refused(run, checkpoint_folder):
    code, said = run("--joint", "--zbins", EDGES, folder=checkpoint_folder)
    assert code
    assert "knows one source redshift; --joint needs one for all redshifts" in said


def test_a_prior_that_filters_by_itself_is_refused(run, prior, tmp_path):
    network = {"class": "dncnn", "inputs": DESCRIPTION["inputs"], "features": 2, "layers": 2}
    names, record = [*CHANNELS, *SIGHT], read_record(prior)
    about = {key: record[key] for key in ("task", "ranges", "data", "noise_std", "depth", "seed")}
    checkpoint.save(tmp_path / "dncnn", build(network, names, (16, 16)), network, names, (16, 16), **about)
    (tmp_path / "dncnn" / "model.safetensors").unlink()  # its record tells
    code, said = run("--joint", "--zbins", EDGES, folder=tmp_path / "dncnn")
    assert code
    assert "the prior 'dncnn' cannot begin with the Wiener map of all bins; --joint needs a local field" in said


@pytest.mark.parametrize(("entry", "word"), [(None, "model"), ({"class": ["lofi"]}, "class"), ({}, "class")])
def test_a_record_of_no_network_is_refused(entry, word, run, prior, tmp_path):
    record = {key: value for key, value in (read_record(prior) | {"model": entry}).items() if value is not None}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes((prior / "model.safetensors").read_bytes())
    (tmp_path / "mine" / "model.json").write_text(json.dumps(record))
    code, said = run("--joint", "--zbins", EDGES, folder=tmp_path / "mine")
    assert code
    assert said.startswith("error: ")
    assert word in said


def test_a_shear_map_has_no_bins(run, tmp_path):
    fits.HDUList([fits.PrimaryHDU(), *(fits.ImageHDU(np.zeros((8, 8)), name=n) for n in ("GAMMA1", "GAMMA2"))]).writeto(
        tmp_path / "map.fits"
    )
    code, said = run("--joint", shear=tmp_path / "map.fits", columns=())
    assert code
    assert "is a shear map; joint cannot be used with it" in said
