"""`lofi image`: visibilities in, the files of a radio imager out; every mistake one sentence, nothing half-written."""

import dataclasses
import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from measurement_set import write as write_measurement_set

from lofi.cli import main
from lofi.io import checkpoint
from lofi.models.denoiser import CHANNELS
from lofi.models.registry import build
from lofi.priors.record import read_record
from lofi.radio.coverage import ARCSEC, synthesis
from lofi.radio.error_features import FEATURES
from lofi.radio.error_field import ErrorField, save_errors
from lofi.radio.gridding import default_cell
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.radio_field import read_field
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.read import read_visibilities
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.solvers.admm import Schedule
from simulations.radio_observation import RadioObservation, write_observation
from simulations.receiver_noise import add_noise
from workflow.scripts.mock_visibilities import mock_visibilities

ROOT = Path(__file__).parents[3]
M87 = ROOT.parent / "shared" / "data" / "radio" / "m87_eht_2017_096_lo.uvfits"
PRODUCTS = ("dirty", "psf", "model", "residual", "image")
CENTRE = (40.0, -30.0)
CELL, SIZE, SIGMA = 2.5, 64, 0.2
POINT, EAST, NORTH = 0.5, 20.0, 25.0  # Jy, arcsec
CELL_MS = 2 * ARCSEC
EXTENDED, WIDTH = 2.0, 12.0  # Jy, arcsec (standard deviation), at the phase centre


@pytest.fixture(scope="module")
def sky():
    """A point and a Gaussian as MeerKAT sees them, from their analytic transforms."""
    seen = synthesis(telescope("meerkat"), CENTRE[1], (-0.5, 0.5), 600.0, [1.4e9])
    phase = 2 * np.pi * (seen.u * EAST + seen.v * NORTH) * ARCSEC
    extended = EXTENDED * np.exp(-2 * (np.pi * WIDTH * ARCSEC) ** 2 * (seen.u**2 + seen.v**2))
    sigma = np.full(len(phase), SIGMA)
    dumps, pairs = 6, np.triu_indices(64, k=1)
    return Visibilities(
        seen.u,
        seen.v,
        np.zeros(len(phase)),
        add_noise(POINT * np.exp(-1j * phase) + extended, sigma, np.random.default_rng(3)),
        sigma,
        np.full(len(phase), 1.4e9),
        width=np.full(len(phase), 1e7),
        time=np.repeat(np.arange(dumps) * 600.0, len(pairs[0])),
        antenna1=np.tile(pairs[0], dumps),
        antenna2=np.tile(pairs[1], dumps),
        channel=np.zeros(len(phase), int),
        centre=CENTRE,
        object="test",
        telescope="MeerKAT",
        date="2026-01-02",
    )


@pytest.fixture
def run(denoiser_folder, tmp_path):
    """Run `lofi image` on visibilities or a path; returns (exit code, beginning of the outputs' names)."""

    def call(source, *arguments, folder=denoiser_folder, size=SIZE, output="out/sky"):
        if isinstance(source, Visibilities):
            path = tmp_path / "source.npz"
            write_npz(path, source)
        else:
            path = source
        prefix = tmp_path / output
        command = ["image", str(path), "--prior", str(folder), "--output", str(prefix), "--size", str(size)]
        try:
            main([*command, *map(str, arguments)])
        except SystemExit as end:
            return end.code, prefix
        return 0, prefix

    return call


def image(prefix, name):
    return fits.getdata(f"{prefix}-{name}.fits")[0, 0].astype(float)


def refused(result, capsys, *words):
    code, prefix = result
    stderr = capsys.readouterr().err
    assert code == 1
    assert not list(prefix.parent.glob("*sky*"))  # neither a product nor a temporary file
    lines = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "Traceback" not in stderr
    for word in words:
        assert word in lines[0], lines[0]


def test_the_products_show_the_sky(run, sky, denoiser_folder, tmp_path, capsys):
    code, prefix = run(sky, "--cell", CELL, "--figure", tmp_path / "sky.png")
    errors = capsys.readouterr().err
    assert code == 0, errors
    assert "warning" not in errors
    assert f"note: prior {denoiser_folder.name}, dncnn_denoiser, weights " in errors
    assert (tmp_path / "sky.png").stat().st_size > 10000
    headers = {}
    for name in PRODUCTS:
        with fits.open(f"{prefix}-{name}.fits", checksum=True) as hdus:
            hdus.verify("exception")
            assert hdus[0].data.shape == (1, 1, SIZE, SIZE)
            headers[name] = hdus[0].header
    for name in ("model", "residual", "image"):
        assert f"prior {denoiser_folder.name}, dncnn_denoiser, weights " in " ".join(headers[name]["HISTORY"])
    assert {name: header["BUNIT"] for name, header in headers.items()} == {
        name: "Jy/pixel" if name == "model" else "Jy/beam" for name in PRODUCTS
    }
    assert "BMAJ" not in headers["model"]
    assert 4 < headers["image"]["BMAJ"] * 3600 < 15
    assert headers["image"]["OBJECT"] == "test"
    assert headers["image"]["SIMULATD"] is False
    model = image(prefix, "model")
    assert model.min() >= 0
    assert model.sum() == pytest.approx(POINT + EXTENDED, rel=0.04)  # least squares with positivity: +2 %
    row, column = np.unravel_index(model.argmax(), model.shape)
    place = SkyCoord(*WCS(headers["model"]).celestial.all_pix2world(column, row, 0), unit="deg")
    offsets = SkyCoord(*CENTRE, unit="deg").spherical_offsets_to(place)
    assert [offset.to_value("arcsec") for offset in offsets] == pytest.approx([EAST, NORTH], abs=0.1)
    around = model[row - 2 : row + 3, column - 2 : column + 3].sum()
    assert around == pytest.approx(POINT, abs=0.1)
    psf = image(prefix, "psf")
    assert psf[SIZE // 2, SIZE // 2] == pytest.approx(psf.max()) == pytest.approx(1.0, abs=1e-6)
    assert image(prefix, "residual").std() < 0.3 * image(prefix, "dirty").std()


def test_history_and_trace_say_how_it_was_made(run, sky, denoiser_folder):
    _, prefix = run(sky, "--cell", CELL, "--weighting", "briggs", "--robust", 0.5, "--simulated", "--iterations", 6)
    header = fits.getheader(f"{prefix}-model.fits")
    assert header["SIMULATD"] is True
    history = " ".join(header["HISTORY"])
    for words in ("source.npz", "dncnn_denoiser", "test/3", "briggs, robust 0.5", f"of {len(sky)} visibilities"):
        assert words in history, words
    trace = pd.read_csv(f"{prefix}-trace.csv")
    assert trace["iteration"].tolist() == [1, 2, 3, 4, 5, 6]
    columns = ["sigma", "alpha", "chi2", "change", "cg_iterations", "data_seconds", "denoiser_seconds", "cell"]
    assert list(trace.columns) == ["iteration", *columns]
    reported = float(history.partition("chi2/M ")[2].split()[0])
    assert trace["chi2"].iloc[-1] == pytest.approx(reported, abs=2e-3)
    assert 0.9 < reported < 1.05


@pytest.mark.parametrize("size", [63, 64])
def test_the_phase_centre_stays_where_it_is(run, sky, size):
    _, prefix = run(sky, "--cell", CELL, "--iterations", 4, size=size)
    wcs = WCS(fits.getheader(f"{prefix}-image.fits")).celestial
    assert wcs.all_world2pix(*CENTRE, 0) == pytest.approx([size // 2] * 2, abs=1e-6)
    model = image(prefix, "model")
    row, column = np.unravel_index(model.argmax(), model.shape)
    assert (row, column) == (size // 2 + NORTH / CELL, size // 2 - EAST / CELL)


def test_the_weighting_chooses_beam_and_noise_but_not_the_model(run, sky):
    beams, models = {}, {}
    for weighting in ("natural", "briggs", "uniform"):
        _, prefix = run(sky, "--cell", CELL, "--weighting", weighting, "--iterations", 4)
        beams[weighting] = fits.getheader(f"{prefix}-image.fits")["BMAJ"]
        models[weighting] = image(prefix, "model")
    assert beams["uniform"] < beams["briggs"] < beams["natural"]
    assert np.array_equal(models["uniform"], models["natural"])


def test_the_default_cell_samples_the_longest_baseline(run, sky, capsys):
    cell = default_cell(np.hypot(sky.u, sky.v).max())
    assert cell * ARCSEC * 3 * np.hypot(sky.u, sky.v).max() == pytest.approx(1.0, rel=0.01)
    code, prefix = run(sky, "--iterations", 2)
    assert code == 0
    assert f"cell {cell:g} arcsec" in capsys.readouterr().err
    assert fits.getheader(f"{prefix}-psf.fits")["CDELT2"] * 3600 == pytest.approx(cell)


def test_wrong_weights_are_noticed_and_mended(run, sky, capsys):
    loud = dataclasses.replace(sky, sigma=sky.sigma / 2)
    assert run(loud, "--cell", CELL, "--iterations", 4)[0] == 0
    errors = capsys.readouterr().err
    chi2 = float(errors.partition("warning: chi2/M is ")[2].split(",")[0])
    assert chi2 == pytest.approx(4, rel=0.1)
    factor = float(errors.partition("use the sigma scale ")[2].split()[0].rstrip("."))
    assert factor == pytest.approx(2, rel=0.1)
    assert run(loud, "--cell", CELL, "--iterations", 4, "--sigma-scale", 2)[0] == 0
    assert "warning" not in capsys.readouterr().err


def test_a_wide_field_is_corrected_or_not_and_says_so(run, sky, capsys):
    short = 0.02 * np.stack([sky.u, sky.v])
    for choice, words in ((None, "primary beam: katbeam"), ("none", "the primary beam is not corrected")):
        options = ["--primary-beam", choice] if choice else []
        wide = dataclasses.replace(sky, u=short[0], v=short[1])
        _, prefix = run(wide, "--cell", 90, "--iterations", 2, *options, output=f"{choice}/sky")
        assert words in capsys.readouterr().err
        assert Path(f"{prefix}-image-pb.fits").exists() == (choice is None)


def test_bad_visibilities(run, sky, tmp_path, capsys):
    def changed(**arrays):
        path = tmp_path / "changed.npz"
        write_npz(path, sky)
        with np.load(path) as file:
            content = dict(file) | arrays
        np.savez(path, **{key: value for key, value in content.items() if value is not None})
        return path

    count = len(sky)
    values = sky.values.copy()
    values[7] = np.nan
    refused(run(changed(visibilities=values), "--cell", CELL), capsys, "changed.npz", "NaN")
    refused(run(changed(flags=np.ones(count, bool)), "--cell", CELL), capsys, "changed.npz", "flagged")
    refused(run(changed(weights=np.zeros(count)), "--cell", CELL), capsys, "changed.npz", "weight")
    refused(run(changed(visibilities=np.zeros(count, complex)), "--cell", CELL), capsys, "changed.npz", "are 0")
    refused(
        run(changed(visibilities=np.full(count, -1.0 + 0j), antenna1=None), size=32), capsys, "positive", "calibrated"
    )
    refused(run(changed(ra=None, dec=None), "--cell", CELL), capsys, "changed.npz", "centre")
    loud = sky.values.copy()
    loud[7] = 1e30
    refused(run(changed(visibilities=loud), "--cell", CELL), capsys, "changed.npz", "largest visibility is 1e+30 Jy")
    refused(run(changed(visibilities=sky.values * 1e200)), capsys, "changed.npz", "e+200 Jy")
    refused(run(changed(u=np.zeros(count), v=np.zeros(count))), capsys, "changed.npz", "u and v are 0")
    gigahertz = {"u": sky.u * 1e-9, "v": sky.v * 1e-9, "frequencies": np.full(count, 1.4)}
    refused(run(changed(**gigahertz)), capsys, "changed.npz", "are they in MHz or GHz?")
    refused(run(tmp_path / "none.npz"), capsys, "none.npz", "does not exist")
    picture = tmp_path / "picture.fits"
    fits.writeto(picture, np.zeros((8, 8)))
    refused(run(picture), capsys, "picture.fits", "no visibilities")
    refused(run(tmp_path), capsys, "Measurement Set")


def test_the_centre_may_be_given(run, sky):
    code, prefix = run(dataclasses.replace(sky, centre=None), "--iterations", 2, "--centre", "10,-20")
    assert code == 0
    assert fits.getheader(f"{prefix}-model.fits")["CRVAL2"] == -20
    _, prefix = run(sky, "--iterations", 2, "--centre=-10,20")
    assert fits.getheader(f"{prefix}-model.fits")["CRVAL1"] == 350


def test_scales_that_no_baseline_measures_are_warned_of(run, sky, capsys):
    """A source far larger than what the shortest baseline measures: its flux is not known."""
    assert not measured(run, sky, capsys)
    long = np.hypot(sky.u, sky.v) > 3000  # wavelengths; scales up to 69 arcsec
    chosen = {key: getattr(sky, key)[long] for key in ("u", "v", "w", "values", "sigma", "frequency", "time")}
    chosen |= {key: getattr(sky, key)[long] for key in ("width", "antenna1", "antenna2", "channel")}
    errors = measured(run, dataclasses.replace(sky, **chosen), capsys)
    shortest = np.hypot(sky.u, sky.v)[long].min()
    largest = f"{1 / shortest / ARCSEC:.3g} arcsec"
    assert f"baselines from {shortest:.4g} wavelengths measure structure up to {largest}; the field" in errors
    assert f"Jy, beyond {largest} not measured" in errors
    assert "use a smaller size" in errors


def measured(run, visibilities, capsys):
    """What is said of scales that are not measured."""
    run(visibilities, "--cell", CELL, "--iterations", 2)
    return "".join(line for line in capsys.readouterr().err.splitlines() if "measure" in line)


def test_help_tells_the_default_of_iterations(capsys):
    with pytest.raises(SystemExit):
        main(["image", "--help"])
    assert f"of ADMM, at most; default {Schedule.iterations}" in " ".join(capsys.readouterr().out.split())


def test_bad_options(run, sky, capsys):
    longest = max(np.abs(sky.u).max(), np.abs(sky.v).max())
    refused(
        run(sky, "--cell", 5),
        capsys,
        "source.npz",
        f"{0.5 / longest / ARCSEC:.2g}",
        f"{default_cell(np.hypot(sky.u, sky.v).max()):g}",
    )
    refused(run(sky, "--cell", 0), capsys, "cell_arcsec", "positive")
    refused(run(sky, "--sigma-scale", 0), capsys, "sigma_scale", "positive")
    refused(run(sky, "--sigma-scale", -2), capsys, "sigma_scale", "-2")
    refused(run(sky, "--sigma-scale", "nan"), capsys, "sigma_scale", "nan")
    refused(run(sky, "--iterations", 0), capsys, "iterations", "0")
    refused(run(sky, size=4), capsys, "4 pixels", "32")
    refused(run(sky, "--centre", "10,95"), capsys, "95")
    refused(run(sky, "--robust", 1, "--weighting", "natural"), capsys, "robust", "natural")
    refused(run(sky, "--robust", "nan"), capsys, "robust")
    refused(run(sky, "--robust", -300), capsys, "robust is -300", "from -5 to 5")
    refused(run(sky, "--centre", "1000,20"), capsys, "1000")
    refused(run(sky, "--threads", 0), capsys, "threads")
    refused(run(sky, "--cell", 0.01), capsys, "source.npz", "beam")
    refused(run(sky, "--total-flux=-1,0.1"), capsys, "--total-flux", "flux is -1 Jy")
    refused(run(sky, "--total-flux", "1,0"), capsys, "--total-flux", "error of the flux is 0 Jy")
    refused(run(sky, "--total-flux", "0.1,0.1"), capsys, "source.npz", "shortest baselines measure 2.", "--total-flux")


def test_bad_targets(run, sky, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    refused(run(sky, output="file/sky"), capsys, "not a writable folder")
    refused(run(sky, "--figure", tmp_path / "picture"), capsys, ".png")
    refused(run(sky, "--output", ""), capsys, "''", "beginning of the files' names")
    refused(run(sky, "--output", f"{tmp_path}/out/"), capsys, "out/", "beginning of the files' names")
    if Path("/proc/self").exists():  # every folder there looks writable to the superuser
        refused(run(sky, "--output", "/proc/sky"), capsys, "/proc/sky", "not a writable folder")
    path = tmp_path / "out" / "data-dirty.fits"
    path.parent.mkdir()
    path.write_text("visibilities")
    refused(run(path, output="out/data"), capsys, "would be overwritten")
    assert path.read_text() == "visibilities"


def test_bad_priors(run, sky, checkpoint_folder, denoiser_folder, tmp_path, capsys):
    words = "was trained for catalogues and maps on a plane; expected one for visibilities such as radio"
    refused(run(sky, folder=checkpoint_folder), capsys, words)
    unnamed = shutil.copytree(checkpoint_folder, tmp_path / "unnamed")
    (unnamed / "model.json").write_text((unnamed / "model.json").read_text().replace('"task"', '"tasks"'))
    refused(run(sky, folder=unnamed), capsys, "kappa_e", "image, noise_std", "denoiser")
    description = {
        "class": "lofi",
        "inputs": {"channels": ["image"]},
        "geometry": {"kind": "circular", "rings": 2, "angles": 3, "radius": 1.0},
        "network": {"kind": "mlp", "width": 4, "depth": 1},
    }
    model = build(description, CHANNELS, (32, 32))
    checkpoint.save(tmp_path / "deaf", model, description, CHANNELS, (32, 32), data={}, noise=[0.1, 0.1], seed=["x"])
    refused(run(sky, folder=tmp_path / "deaf"), capsys, "deaf", "cannot be used as a prior", "lofi_denoiser")
    total_variation = {"class": "tv_denoiser"}
    model = build(total_variation, CHANNELS, (32, 32))
    checkpoint.save(tmp_path / "tv", model, total_variation, CHANNELS, (32, 32), data={}, noise=[0.1, 0.1], seed=["x"])
    refused(run(sky, folder=tmp_path / "tv"), capsys, "a model tv_denoiser, cannot be used as a prior; expected one of")
    refused(run(sky, folder=tmp_path / "nothing"), capsys, "nothing", "does not exist")
    cut = tmp_path / "cut"
    shutil.copytree(denoiser_folder, cut)
    (cut / "model.safetensors").write_bytes((cut / "model.safetensors").read_bytes()[:50])
    refused(run(sky, folder=cut), capsys, "model.safetensors")


def test_a_prior_used_below_its_noise_is_warned_of(run, sky, denoiser_folder, tmp_path, capsys):
    folder = tmp_path / "coarse"
    shutil.copytree(denoiser_folder, folder)
    record = folder / "model.json"
    coarse = json.loads(record.read_text()) | {"noise": [0.5, 1.0]}
    record.write_text(json.dumps(coarse))
    assert run(sky, "--iterations", 4, folder=folder)[0] == 0
    assert "the training's lowest 0.5" in capsys.readouterr().err


def test_mock_visibilities_have_the_noise_and_the_sky_of_the_inversion(tmp_path):
    rng = np.random.default_rng(1)
    truth = np.zeros((2, 32, 32), np.float32)
    truth[1, 20, 10] = 1.0
    x, y = rng.uniform(-3, 3, (2, 300))
    row, column = 20 - 16, 10 - 16
    clean = np.exp(-1j * (x * column + y * row)).astype(np.complex64)
    source, output = tmp_path / "observation.h5", tmp_path / "visibilities.npz"
    observation = RadioObservation(
        inversion={"cell_arcsec": 2.0, "weighting": {"weighting": "natural"}},
        name="radio",
        seed=["test"],
        simulated=True,
        description="a point",
        kinds=["galaxy", "nebula"],
        beam=(2.0, 2.0, 0.0),
        telescope="meerkat",
        declination_deg=-30.7,
        frequency_hz=1.4e9,
        bandwidth_hz=None,
        w_phase=0.0,
        truth=truth,
        image=np.array([0, 0, 1, 1]),
        noise_seed=np.array([0, 1, 0, 1]),
        x=x,
        y=y,
        sigma=np.ones(300),
        scale=np.array([1.0, 1.0, 0.25, 0.5]),
        visibilities=np.stack([0 * clean] * 2 + [clean] * 2),
    )
    write_observation(source, observation)
    mock_visibilities(observation=source, npz=output, number=1)
    visibilities = read_visibilities(output)
    assert visibilities.simulated
    assert visibilities.centre[1] == -30.7
    assert np.allclose(visibilities.sigma, 0.25)
    east, north = -column * 2.0 * ARCSEC, row * 2.0 * ARCSEC
    assert np.allclose(
        visibilities.values, np.exp(-2j * np.pi * (visibilities.u * east + visibilities.v * north)), atol=1e-4
    )
    with pytest.raises(ValueError, match="2"):
        mock_visibilities(observation=source, npz=output, number=2)


@pytest.mark.skipif(not M87.exists(), reason="no real visibilities here")
def test_real_visibilities_are_read_weighed_and_measured(run, capsys):
    field = read_field([M87], ImagingOptions(pixels=64, cell_arcsec=2e-6))
    assert not field.warnings  # the weights hold
    bmaj, bmin = field.imaged.beam.arcsec(2.0)
    assert 12 < bmin <= bmaj < 30  # microarcsec
    assert field.centre == pytest.approx((187.70593, 12.39112), abs=1e-5)
    refused(run(M87, "--cell", 2e-6), capsys, "not calibrated")  # phases of single stations are not
    refused(run(M87, "--cell", 1.0), capsys, "m87", "wavelengths", f"{default_cell(field.data.longest):g} arcsec")


def test_predict_writes_the_visibilities_of_the_published_model(run, tmp_path, capsys):
    tables = pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
    path = tmp_path / "obs.ms"
    write_measurement_set(path).close()
    arguments = ("--cell", 2, "--iterations", 2, "--predict")
    refused(run(path, *arguments, "DATA"), capsys, "--predict DATA would overwrite observed visibilities")
    code, prefix = run(path, *arguments, "MODEL_DATA")
    assert code == 0, capsys.readouterr().err
    model = image(prefix, "model")
    with tables.table(str(path), ack=False) as main:
        uvw, written = -main.getcol("UVW"), main.getcol("MODEL_DATA")
    l = -CELL_MS * (np.arange(SIZE) - SIZE // 2)  # noqa: E741
    east, north = np.meshgrid(l, -l)
    depth = np.sqrt(1 - east**2 - north**2) - 1
    for row in (1, 40, 83):
        for channel in range(3):
            path_length = sum(c * x for c, x in zip(uvw[row], (east, north, depth), strict=True))
            turns = path_length * (1.4e9 + 2e6 * channel) / 299792458.0
            expected = (model * np.exp(-2j * np.pi * turns)).sum()
            assert written[row, channel] == pytest.approx([expected, 0, 0, expected], abs=1e-5)


def test_predict_needs_a_measurement_set(run, sky, capsys):
    refused(run(sky, "--predict", "MODEL_DATA"), capsys, "source.npz is no Measurement Set, so --predict cannot write")


def test_a_dish_of_known_size_corrects_the_image(run, sky, capsys):
    code, prefix = run(sky, "--cell", CELL, "--iterations", 2, "--primary-beam", 500)
    errors = capsys.readouterr().err
    assert code == 0, errors
    assert (
        "note: primary beam: Airy pattern of 500 m, 1400 to 1400 MHz, half power 0.757 arcmin from the axis" in errors
    )
    power, blank = image(prefix, "pb"), image(prefix, "pb") < 0.1
    for name, plain in (("image-pb", image(prefix, "image")), ("noise-pb", None)):
        corrected = image(prefix, name)
        assert np.array_equal(np.isnan(corrected), blank)
        ratio = corrected * power / (np.nanmin(corrected) if plain is None else plain)
        np.testing.assert_allclose(ratio[~blank], 1, rtol=1e-5)
    headers = {name: fits.getheader(f"{prefix}-{name}.fits") for name in ("pb", "image-pb", "noise-pb")}
    assert {name: header.get("BUNIT") for name, header in headers.items()} == {
        "pb": None,
        "image-pb": "Jy/beam",
        "noise-pb": "Jy/beam",
    }
    assert "BMAJ" in headers["image-pb"]
    assert "Airy pattern of 500 m" in " ".join(headers["image-pb"]["HISTORY"])


@pytest.mark.parametrize("value", ["meercat", "nan", "-13", "0", "1e9"])
def test_no_such_primary_beam(run, sky, capsys, value):
    refused(run(sky, f"--primary-beam={value}"), capsys, "primary_beam is", "expected auto, none, meerkat or the eff")


def test_a_mask_and_components_are_told(run, sky, tmp_path, capsys):
    region = tmp_path / "around the point.reg"
    region.write_text(f'fk5\ncircle({CENTRE[0]},{CENTRE[1]},60")\n')
    phase = 2 * np.pi * (sky.u * EAST + sky.v * NORTH) * ARCSEC
    bright = dataclasses.replace(sky, values=sky.values + 100 * np.exp(-1j * phase))
    code, prefix = run(bright, "--cell", CELL, "--mask", region)
    told = capsys.readouterr().err
    assert code == 0, told
    assert "1 of 100.5 Jy in all" in told
    (component,) = pd.read_csv(f"{prefix}-components.csv").itertuples()
    offset = SkyCoord(*CENTRE, unit="deg").spherical_offsets_to(
        SkyCoord(component.ra_deg, component.dec_deg, unit="deg")
    )
    assert [axis.arcsec for axis in offset] == pytest.approx([EAST, NORTH], abs=0.02)
    history = str(fits.getheader(f"{prefix}-model.fits")["HISTORY"]).replace("\n", " ")
    assert "mask around the point.reg: emission is allowed in" in history
    assert "unresolved sources: 1 of 100.5 Jy" in history
    model, y, x = image(prefix, "model"), *(np.mgrid[:SIZE, :SIZE] - SIZE // 2) * CELL
    assert (model[np.hypot(x, y) > 60] == 0).all()
    assert model[SIZE // 2 + round(NORTH / CELL), SIZE // 2 - round(EAST / CELL)] > 100
    code, prefix = run(bright, "--cell", CELL, "--points", "none", output="none/sky")
    assert code == 0
    assert pd.read_csv(f"{prefix}-components.csv").empty
    capsys.readouterr()
    region.write_text("fk5\ncircle(10,10,1)\n")
    refused(
        run(sky, "--cell", CELL, "--mask", region, output="no/sky"), capsys, "around the point.reg", "another field"
    )


def test_replicas_add_error_bars_and_change_nothing_else(run, sky, capsys):
    _, alone = run(sky, "--cell", CELL, "--iterations", 2, output="alone/sky")
    code, prefix = run(sky, "--cell", CELL, "--iterations", 2, "--replicas", 3)
    told = capsys.readouterr().err
    assert code == 0, told
    assert "3 replicas take about" in told
    for name in PRODUCTS:
        assert np.array_equal(image(prefix, name), image(alone, name))
    model, bounds = image(prefix, "model"), [image(prefix, name) for name in ("lo90", "lo68", "hi68", "hi90")]
    assert all((low <= high).all() for low, high in pairwise(bounds))
    assert fits.getval(f"{prefix}-error.fits", "BUNIT") == "Jy/pixel"
    assert fits.getval(f"{prefix}-image-error.fits", "BUNIT") == "Jy/beam"
    drawn = fits.getdata(f"{prefix}-replicas.fits")
    assert image(prefix, "error") == pytest.approx(np.sqrt((drawn**2).mean(0)), rel=1e-4)
    assert 0 < image(prefix, "error").mean() < model.max()
    history = str(fits.getheader(f"{prefix}-error.fits")["HISTORY"]).replace("\n", " ")
    assert "error bars: 3 replicas" in history
    capsys.readouterr()
    run(sky, "--cell", CELL, "--iterations", 2)
    assert "of an earlier image of this name" in capsys.readouterr().err
    assert sorted(path.name for path in prefix.parent.iterdir()) == sorted(path.name for path in alone.parent.iterdir())
    refused(run(sky, "--replicas", 1, output="no/sky"), capsys, "replicas is 1", "at least 2")


def test_a_prior_with_an_error_field_gives_error_bars(run, sky, denoiser_folder, tmp_path, capsys):
    folder = Path(shutil.copytree(denoiser_folder, tmp_path / "mine"))
    count = len(FEATURES)
    zero, quantiles = np.zeros(2 * count), np.array([[-2.0, -1.0, 1.0, 2.0]])
    constant = np.append(zero, np.log(2.0))  # of the level, and of the noise
    bars = ErrorField(zero, zero + 1, constant, constant, np.zeros(1), quantiles, np.ones(1), np.array(1.0))
    save_errors(folder, bars, read_record(folder), description="twice the level")
    code, prefix = run(sky, "--cell", CELL, "--iterations", 2, folder=folder)
    told = capsys.readouterr().err
    assert code == 0, told
    assert "note: error bars: twice the level" in told
    level = pd.read_csv(f"{prefix}-trace.csv")["sigma"].iloc[-1]
    model = image(prefix, "model")
    assert image(prefix, "error") == pytest.approx(np.full_like(model, 2 * level), rel=1e-5)
    assert image(prefix, "hi90") == pytest.approx(model + 4 * level, rel=1e-5)
    assert image(prefix, "lo68") == pytest.approx(np.maximum(model - 2 * level, 0), rel=1e-4, abs=1e-9)
    assert not Path(f"{prefix}-replicas.fits").exists()
    code, without = run(sky, "--cell", CELL, "--iterations", 2, "--no-errors", folder=folder, output="without/sky")
    assert not Path(f"{without}-error.fits").exists()
    assert np.array_equal(image(without, "model"), model)
    capsys.readouterr()
    refused(run(sky, "--errors", output="no/sky"), capsys, "errors.json", "--errors asks for", "--replicas")
    (folder / "errors.json").write_text((folder / "errors.json").read_text().replace('"prior": "', '"prior": "0'))
    refused(run(sky, folder=folder, output="no/sky"), capsys, "errors.json holds error bars of another prior")
