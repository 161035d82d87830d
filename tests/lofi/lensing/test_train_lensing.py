"""`lofi train lensing`: a survey's pixels and depth in, a prior of `lofi map` out, from maps or simulated boxes."""

import json
import sys
import weakref

import h5py
import numpy as np
import prior_trainings
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from prior_trainings import Killed, files, killed_in

from lofi.cli import main
from lofi.data.convergence_maps import ConvergenceMap, fields, find_maps, read_convergence
from lofi.data.ktng_planes import plane_redshifts
from lofi.data.lensing import lensing_observation
from lofi.lensing import simulated_maps, training
from lofi.lensing.shape_noise import shear_noise_std
from lofi.priors.recipe import shipped_recipe
from lofi.priors.record import read_record
from lofi.priors.shipped import find

PIXEL, CROP, SIDE = 2.34375, 32, 40
SURVEY = {"--pixel": PIXEL, "--galaxies": 25, "--redshift": 0.9, "--crop": CROP, "--steps": 7}
NETWORK = {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4}
TRAINING = {"steps": 400, "objects": 4, "learning_rate": 1e-3, "warmup": 1, "save_every": 3}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """The recipe with a small network and few maps."""

    def recipe(task, steps):
        whole = shipped_recipe(task, steps)
        steps = whole["model"]["training"]["steps"]
        return whole | {
            "model": whole["model"] | {"network": NETWORK, "training": TRAINING | {"steps": steps}},
            "images": 12,
        }

    monkeypatch.setattr(training, "shipped_recipe", recipe)


def sky(number, side=SIDE):
    """A map with the steep spectrum of a convergence field, white where it is finest."""
    k = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    field = np.fft.ifft2(np.fft.fft2(np.random.default_rng(number).standard_normal((side, side))) / (k + 0.02)).real
    return 0.012 * (field - field.mean()) / field.std()


@pytest.fixture
def maps(tmp_path):
    folder = tmp_path / "maps"
    folder.mkdir()
    for number in range(3):
        np.save(folder / f"{number}.npy", sky(number))
    return folder


def train(maps, output, **changes):
    given = {"--maps": maps} | ({} if maps is None else {"--map-pixel": PIXEL}) | SURVEY | {"-o": output}
    given |= {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    pairs = [(name, str(value)) for name, value in given.items() if value is not None]
    main(["train", "lensing", *(word for pair in pairs for word in pair)])


def refusal(capsys, maps, output, **changes):
    return prior_trainings.refusal(capsys, lambda: train(maps, output, **changes))


def test_the_prior_serves_lofi_map_and_knows_its_survey(maps, tmp_path, catalogue_file):
    train(maps, tmp_path / "prior")
    record = json.loads((tmp_path / "prior" / "model.json").read_text())
    assert sorted(files(tmp_path / "prior")) == ["model.json", "model.safetensors", "request.json"]
    assert (record["task"], record["ranges"]["redshift"], record["size"]) == ("lensing", [0.9, 0.9], [CROP, CROP])
    assert record["ranges"]["pixel_arcmin"] == pytest.approx([PIXEL, PIXEL])
    assert record["noise_std"] == pytest.approx(float(shear_noise_std(PIXEL, 25, 0.37)))
    shipped = read_record(find(None, "lensing"))
    assert record["depth"] == shipped["depth"]
    assert record["model"]["geometry"] == shipped["model"]["geometry"]
    assert "length_arcmin" not in record["model"]["inputs"]
    output = tmp_path / "kappa.fits"
    columns = "ra=RA,dec=DEC,e1=E1,e2=E2,weight=WEIGHT"
    options = ["--columns", columns, "--centre", "210,30", "--shape", "48,48", "--e2-sign", "-1"]
    main(["map", str(catalogue_file), "--prior", str(tmp_path / "prior"), "-o", str(output), *options])
    assert np.isfinite(fits.getdata(output, "KAPPA")).any()


@pytest.mark.parametrize("step", [1, 5])
def test_killed_the_same_command_ends_with_the_same_files(maps, tmp_path, monkeypatch, step):
    train(maps, tmp_path / "whole")
    killed_in(step, lambda: train(maps, tmp_path / "cut"))
    monkeypatch.delattr(training, "read_convergence")  # the maps are not read again
    train(maps, tmp_path / "cut")
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_another_survey_in_the_same_folder_is_refused(maps, tmp_path, capsys):
    train(maps, tmp_path / "prior")
    assert "was begun with --galaxies 25.0, not --galaxies 30.0" in refusal(
        capsys, maps, tmp_path / "prior", galaxies=30
    )
    assert "was begun with --maps maps, not no --maps" in refusal(capsys, None, tmp_path / "prior", map_pixel=PIXEL)


BAD = {
    "3.npy' has 1 pixels that are NaN or inf": np.where(sky(1) == sky(1).max(), np.nan, sky(1)),
    "3.npy' is constant (0.1 everywhere)": np.full((SIDE, SIDE), 0.1),
    "'3.npy' spans 46.88′ × 93.75′, less than a field (32 pixels of 2.34375′)": sky(1)[:20],
    "3.npy' holds values of type int64": np.ones((SIDE, SIDE), int),
    "3.npy' has the shape (2, 40, 40); expected a map with two axes": np.stack([sky(1)] * 2),
}


@pytest.mark.parametrize("message", BAD)
def test_maps_that_cannot_be_used_are_named_and_nothing_is_written(maps, tmp_path, capsys, message):
    np.save(maps / "3.npy", BAD[message])
    assert message in refusal(capsys, maps, tmp_path / "prior")
    assert not (tmp_path / "prior").exists()


def test_what_else_cannot_be_used_is_refused(maps, tmp_path, capsys):
    prior = tmp_path / "prior"
    assert "does not say its pixel size; give it as --map-pixel" in refusal(capsys, maps, prior, map_pixel=None)
    assert "is within --maps" in refusal(capsys, maps, maps / "prior")
    assert "larger than --pixel 2.34375" in refusal(capsys, maps, prior, map_pixel=3)
    for name in ("pixel", "galaxies", "redshift", "sigma_e", "steps"):
        assert f"--{name.replace('_', '-')} is " in refusal(capsys, maps, prior, **{name: -1})
    for crop in (31, -5):
        assert f"--crop is {crop}; expected at least 32 pixels" in refusal(capsys, maps, prior, crop=crop)
    for number in (1, 2):  # copies of one map
        np.save(maps / f"{number}.npy", sky(0))
    assert "holds one independent map; training needs at least two" in refusal(capsys, maps, prior)
    for path in maps.iterdir():
        path.unlink()
    assert "there is no convergence map below" in refusal(capsys, maps, prior)
    (maps / "notes.txt").write_text("other")
    assert "there is no convergence map below" in refusal(capsys, maps, prior)
    assert "there is no folder" in refusal(capsys, tmp_path / "nowhere", prior)
    assert not prior.exists()


def test_pixels_are_those_of_the_header_and_of_ktng(tmp_path):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-0.5 / 60, 0.5 / 60]
    fits.PrimaryHDU(sky(0), wcs.to_header()).writeto(tmp_path / "a.fits")
    assert read_convergence(tmp_path / "a.fits", 0.9).pixel_arcmin == pytest.approx(0.5)
    assert read_convergence(tmp_path / "a.fits", 0.9, 0.5).pixel_arcmin == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"says that its pixels are 0.5′, --map-pixel says 0.6′"):
        read_convergence(tmp_path / "a.fits", 0.9, 0.6)
    with h5py.File(tmp_path / "LP003_run001_maps.hdf5", "w") as file:
        file["z20/kappa"], file["z21/kappa"] = sky(1), sky(2)
    found = read_convergence(tmp_path / "LP003_run001_maps.hdf5", plane_redshifts()[20])
    assert (found.kappa == sky(2)).all()
    assert (found.pixel_arcmin, found.origin) == (300 / 1024, 3)
    with pytest.raises(ValueError, match=r"no κTNG source plane is at redshift 0.88; the nearest planes are 20"):
        read_convergence(tmp_path / "LP003_run001_maps.hdf5", 0.88)
    (tmp_path / "LP003").mkdir()
    for plane in (20, 21):
        (tmp_path / "LP003" / f"kappa{plane}.dat").write_bytes(b"")
    names = [path.name for path in find_maps(tmp_path, plane_redshifts()[20])]
    assert names == ["kappa21.dat", "LP003_run001_maps.hdf5", "a.fits"]


def test_shear_is_not_taken_for_convergence(tmp_path):
    shear = [fits.PrimaryHDU(), fits.ImageHDU(sky(0), name="GAMMA1"), fits.ImageHDU(sky(1), name="GAMMA2")]
    fits.HDUList(shear).writeto(tmp_path / "a.fits")
    with pytest.raises(ValueError, match=r"holds shear \(GAMMA1, GAMMA2\); expected an HDU named KAPPA"):
        read_convergence(tmp_path / "a.fits", 0.9, PIXEL)
    fits.HDUList([*shear, fits.ImageHDU(sky(2), name="KAPPA")]).writeto(tmp_path / "b.fits")
    assert (read_convergence(tmp_path / "b.fits", 0.9, PIXEL).kappa == sky(2)).all()


def test_fields_are_averages_over_their_pixels():
    whole = ConvergenceMap(np.arange(64.0).reshape(8, 8), 1.0, "a", "a")
    (field,) = fields([lambda: whole], 4, 2.0, 1, "test")
    assert field == pytest.approx(whole.kappa.reshape(4, 2, 4, 2).mean((1, 3)))
    few = list(fields([lambda: whole], 2, 1.0, 20, "test"))
    assert len({field.tobytes() for field in few}) == 20  # each from a place of its own
    steps = np.array([[field[0, 1] - field[0, 0], field[1, 0] - field[0, 0]] for field in few])
    assert steps == pytest.approx(np.tile([1.0, 8.0], (20, 1)), abs=1e-4)


def test_one_map_at_a_time_is_in_memory(maps, tmp_path, monkeypatch):
    held, read = [], training.read_convergence

    def counted(*arguments):
        assert not [found for found in held if found() is not None]
        found = read(*arguments)
        held.append(weakref.ref(found))
        return found

    monkeypatch.setattr(training, "read_convergence", counted)
    train(maps, tmp_path / "prior")
    assert len(held) == 6  # looked at, then drawn from


def test_edges_of_given_maps_are_masked_and_never_laid_side_by_side(maps, tmp_path):
    train(maps, tmp_path / "prior")
    record = json.loads((tmp_path / "prior" / "model.json").read_text())
    observation = lensing_observation(record["observation"], record["field"])
    border, rng = CROP // 8, np.random.default_rng(0)
    ramp = np.tile(np.linspace(0.0, 1.0, CROP), (CROP, 1))  # its left edge does not fit its right edge
    for _ in range(8):
        assert max(np.abs(np.diff(observation.varied(ramp, rng), axis=axis)).max() for axis in (0, 1)) < 0.1
    noise = observation.observe(ramp, rng)[0][2]
    assert np.isinf(noise).sum() == CROP**2 - (CROP - 2 * border) ** 2
    assert np.isfinite(noise[border:-border, border:-border]).all()


def test_boxes_are_simulated_once_and_removed_in_the_end(tmp_path, monkeypatch, capsys):
    from workflow import survey_maps

    box = {"box_size": 205.0, "particles": 16, "mesh": 32, "steps": 3, "plane_pixels": 64}
    config = survey_maps.load(survey_maps.CONFIG)
    config["sources"]["nbody"]["box"] = box
    monkeypatch.setattr(survey_maps, "load", lambda path: config)
    monkeypatch.setattr(survey_maps, "FITTED", 8)
    made, nbody_box = [], survey_maps.nbody_box

    def counted(**options):
        if len(made) == 4:
            made.append("stopped")
            raise Killed
        made.append(options["planes"].name)
        nbody_box(**options)

    monkeypatch.setattr(survey_maps, "nbody_box", counted)
    prior = tmp_path / "prior"
    with pytest.raises(Killed):
        train(None, prior)
    capsys.readouterr()
    train(None, prior)
    assert "structure of their own down to about 2.7′ for sources at redshift 0.9" in capsys.readouterr().err
    assert sorted(set(made)) == sorted([*(f"box{number}.h5" for number in range(9)), "stopped"])
    assert len(made) == 10
    assert sorted(files(prior)) == ["model.json", "model.safetensors", "request.json"]
    record = json.loads((prior / "model.json").read_text())
    assert record["data"]["source"]["box"] == box
    assert record["data"]["pixel_arcmin"] == pytest.approx(PIXEL)


def test_without_simulations_the_sentence_says_what_to_give(tmp_path, capsys, monkeypatch):
    prior = tmp_path / "prior"
    assert "--redshift is 5; maps are simulated for 0.2 to 3" in refusal(capsys, None, prior, redshift=5)
    assert "--crop 200 is more than 300′" in refusal(capsys, None, prior, crop=200)
    monkeypatch.setitem(sys.modules, "camb", None)
    said = refusal(capsys, None, prior)
    assert (
        "extra workflow (pip install -e '.[workflow]'; camb is missing); without it, give maps as --maps FOLDER" in said
    )
    monkeypatch.undo()
    monkeypatch.setattr(simulated_maps, "MODULE", "workflow_that_is_not_there.survey_maps")
    assert "workflow_that_is_not_there is missing" in refusal(capsys, None, prior)
    assert not prior.exists()


def test_another_package_of_that_name_is_not_taken(tmp_path, capsys, monkeypatch):
    other = tmp_path / "elsewhere" / "workflow"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("raise SystemExit('imported')")
    for name in [name for name in sys.modules if name.partition(".")[0] == "workflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(other.parent)
    assert "finds another package 'workflow'" in refusal(capsys, None, tmp_path / "prior")
    assert not (tmp_path / "prior").exists()
