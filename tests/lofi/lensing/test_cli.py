"""`lofi map`: a catalogue or a shear map in, FITS out; every mistake one sentence, nothing half-written."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from lofi.cli import main
from lofi.io import checkpoint
from lofi.lensing.kaiser_squires import CHANNELS
from lofi.models.registry import build

DESCRIPTION = {
    "class": "lofi",
    "geometry": {"kind": "circular", "rings": 2, "angles": 3, "radius": 1.0},
    "network": {"kind": "mlp", "width": 4, "depth": 1},
}
COLUMNS = "ra=RA,dec=DEC,e1=E1,e2=E2,weight=WEIGHT"
FIELD = ["--centre", "210,30", "--shape", "48,48"]


@pytest.fixture
def run(checkpoint_folder, tmp_path):
    """Run `lofi map`; returns (exit code, HDU list or None, stderr)."""

    def call(shear, *arguments, columns=COLUMNS, checkpoint=checkpoint_folder):
        output = tmp_path / "kappa.fits"
        command = ["map", str(shear), "--prior", str(checkpoint), "--output", str(output), *map(str, arguments)]
        command += ["--columns", columns] if columns else []
        code = 0
        try:
            main(command)
        except SystemExit as end:
            code = end.code
        return code, output

    return call


def correlation(output, truth, name="KAPPA"):
    with fits.open(output) as hdus:
        image, mask = hdus[name].data, hdus["MASK"].data.astype(bool)
        assert np.isfinite(image[mask]).all()
        assert np.isnan(image[~mask]).all()
        return np.corrcoef(image[mask], truth[mask])[0, 1]


def test_a_catalogue_becomes_maps_on_the_sky(run, catalogue_file, checkpoint_folder, truth, capsys):
    code, output = run(catalogue_file, "--e2-sign", -1, *FIELD)
    assert code == 0
    assert f"note: prior {checkpoint_folder.name}, lofi, weights " in capsys.readouterr().err
    with fits.open(output, checksum=True) as hdus:
        hdus.verify("exception")
        assert f"prior {checkpoint_folder.name}, lofi, weights " in " ".join(hdus[0].header["HISTORY"])
        names = [hdu.name for hdu in hdus]
        assert hdus[0].header["PIXARCM"] == pytest.approx(2.34375)
        wcs = WCS(hdus["KAPPA"].header)
        assert 0 < hdus["MASK"].data.sum() < hdus["MASK"].data.size  # the holes are masked
    expected = ["KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "KAPPA_KS_E", "KAPPA_KS_B", "NOISE_STD", "MASK", "COUNT"]
    assert set(expected) <= set(names)
    assert wcs.wcs_pix2world(23.5, 23.5, 0) == pytest.approx([210.0, 30.0], abs=1e-6)
    assert wcs.wcs_pix2world(24.5, 23.5, 0)[0] < 210.0  # columns run West
    assert correlation(output, truth) > 0.7
    assert abs(correlation(output, truth, "KAPPA_KS_B")) < 0.1


def test_in_integers_the_map_is_nearly_the_same(run, catalogue_file):
    maps = []
    for arguments in ([], ["--precision", "int8"]):
        _, output = run(catalogue_file, "--e2-sign", -1, *FIELD, *arguments)
        with fits.open(output) as hdus:
            maps.append(hdus["KAPPA"].data.copy())
            assert ("8-bit integers" in str(hdus[0].header["HISTORY"])) == bool(arguments)
    difference = np.nanstd(maps[1] - maps[0])
    assert difference < 0.05 * np.nanstd(maps[0])


def test_a_narrow_network_stays_exact_and_the_header_says_so(run, catalogue_file, capsys):
    maps = []
    for precision in ("exact", "fast"):
        _, output = run(catalogue_file, "--e2-sign", -1, *FIELD, "--precision", precision)
        with fits.open(output) as hdus:
            maps.append(hdus["KAPPA"].data.copy())
            history = " ".join(hdus[0].header["HISTORY"])
        sentence = "precision is exact, not fast: layers are 8 wide"
        assert (sentence in history) == (sentence in capsys.readouterr().err) == (precision == "fast")
    np.testing.assert_array_equal(*maps)


def test_the_wrong_sign_of_e2_is_noticed(run, catalogue_file, truth, capsys):
    run(catalogue_file, "--e2-sign", -1, *FIELD)
    assert "looks wrong" not in capsys.readouterr().err
    _, output = run(catalogue_file, *FIELD)
    assert "the frame of e1, e2 looks wrong" in capsys.readouterr().err
    assert correlation(output, truth) < 0.4


def test_formats_agree(run, catalogue, catalogue_file, tmp_path):
    maps = []
    csv, npz = tmp_path / "shear.csv", tmp_path / "shear.npz"
    Table(catalogue).write(csv, format="ascii.csv")
    np.savez(npz, **{name: np.asarray(catalogue[name]) for name in catalogue.colnames})
    for path in (catalogue_file, csv, npz):
        code, output = run(path, "--e2-sign", -1, *FIELD)
        assert code == 0
        maps.append(fits.getdata(output, "KAPPA"))
    for other in maps[1:]:
        assert np.allclose(maps[0], other, atol=1e-6, equal_nan=True)


def test_the_output_is_a_shear_map_again(run, catalogue_file):
    _, output = run(catalogue_file, "--e2-sign", -1, *FIELD)
    first = fits.getdata(output, "KAPPA")
    again = output.with_name("again.fits")
    shutil.copy(output, again)
    code, output = run(again, columns=None)
    assert code == 0
    assert np.allclose(first, fits.getdata(output, "KAPPA"), atol=1e-6, equal_nan=True)


def changed(catalogue, tmp_path, **columns):
    table = Table(catalogue, copy=True)
    for name, values in columns.items():
        table[name] = values
    path = tmp_path / "changed.fits"
    table.write(path, overwrite=True)
    return path


def with_nan(values, at=3):
    values = np.array(values)
    values[at] = np.nan
    return values


def refused(result, capsys, *words):
    code, output = result
    stderr = capsys.readouterr().err
    assert code == 1
    assert not output.exists()
    assert not list(output.parent.glob(".*"))  # no temporary file is left
    lines = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "Traceback" not in stderr
    for word in words:
        assert word in lines[0], lines[0]


def test_bad_catalogues(run, catalogue, catalogue_file, tmp_path, capsys):
    refused(run(tmp_path / "none.fits"), capsys, "none.fits")
    refused(run(catalogue_file, columns=COLUMNS.replace("E1", "G1")), capsys, "G1", "WEIGHT")
    refused(run(catalogue_file, columns="ra=RA,dek=DEC,e1=E1,e2=E2"), capsys, "--columns")
    refused(run(catalogue_file, columns="ra=RA,e1=E1,e2=E2"), capsys, "dec")
    refused(run(changed(catalogue, tmp_path, E1=with_nan(catalogue["E1"]))), capsys, "changed.fits")
    refused(run(changed(catalogue, tmp_path, E2=np.full(len(catalogue), 1.5))), capsys, "1")
    refused(run(changed(catalogue, tmp_path, WEIGHT=np.zeros(len(catalogue)))), capsys, "weight")
    refused(run(catalogue_file, "--centre", "10,-60", "--shape", "32,32"), capsys, "field")
    truncated = tmp_path / "truncated.fits"
    truncated.write_bytes(catalogue_file.read_bytes()[:4000])
    refused(run(truncated), capsys, "truncated.fits")
    text = tmp_path / "text.fits"
    text.write_text("not FITS at all")
    refused(run(text), capsys, "text.fits")


def test_bad_shear_maps(run, tmp_path, capsys):
    image = np.zeros((32, 32), dtype=np.float32)

    def write(name, **hdus):
        path = tmp_path / name
        units = [fits.ImageHDU(data, name=key) for key, data in hdus.items()]
        fits.HDUList([fits.PrimaryHDU(), *units]).writeto(path)
        return path

    noise = {"NOISE_STD": image + 0.03}
    refused(run(write("a.fits", GAMMA1=image, GAMMA2=image, **noise), columns=None), capsys, "WCS", "pixel_arcmin")
    refused(run(write("b.fits", GAMMA1=image, **noise), columns=None), capsys, "GAMMA2")
    refused(run(write("c.fits", GAMMA1=image, GAMMA2=image[:16], **noise), columns=None), capsys, "shape")
    place = ["--centre", "10,10", "--x-axis", "west"]
    path = write("d.fits", GAMMA1=image, GAMMA2=image, **noise)
    refused(run(path, "--pixel-arcmin", 0.5, *place, columns=None), capsys, "0.5′", "2.34′")
    path = write("e.fits", GAMMA1=image * np.nan, GAMMA2=image, **noise)
    refused(run(path, "--pixel-arcmin", 2.34375, *place, columns=None), capsys, "no pixel")


def test_nan_and_masked_pixels_give_a_mask(run, tmp_path, truth):
    rng = np.random.default_rng(0)
    gamma = 0.03 * rng.standard_normal((2, 40, 40)).astype(np.float32)
    gamma[0, 10:14, 10:14] = np.nan
    noise = np.full((40, 40), 0.03, np.float32)
    noise[20, 20] = np.inf
    units = [
        fits.ImageHDU(data, name=name)
        for name, data in zip(("GAMMA1", "GAMMA2", "NOISE_STD"), (*gamma, noise), strict=True)
    ]
    path = tmp_path / "map.fits"
    fits.HDUList([fits.PrimaryHDU(), *units]).writeto(path)
    code, output = run(path, "--pixel-arcmin", 2.34375, "--centre", "10,10", "--x-axis", "west", columns=None)
    assert code == 0
    with fits.open(output) as hdus:
        missing = np.isnan(hdus["KAPPA"].data)
        assert missing.sum() == 17
        assert missing[20, 20]
        assert missing[10:14, 10:14].all()


def test_options_that_do_not_apply_are_refused(run, catalogue_file, tmp_path, capsys):
    refused(run(catalogue_file, "--rebin", 3), capsys, "rebin", "catalogue")
    image = np.zeros((32, 32), dtype=np.float32)
    path = tmp_path / "map.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(image, name="GAMMA1")]).writeto(path)
    refused(run(path), capsys, "columns", "shear map")


def test_bad_targets_and_fields(run, catalogue_file, checkpoint_folder, capsys):
    refused(run(catalogue_file, "--shape", "1,1"), capsys, "1 × 1 pixels")
    refused(run(catalogue_file, "--shape", "0,10"), capsys, "0 × 10 pixels")
    refused(run(catalogue_file, "--figure", "picture"), capsys, ".png")
    before = catalogue_file.read_bytes()
    folder = catalogue_file.with_name("folder.fits")
    folder.mkdir()
    for output in (catalogue_file, folder, catalogue_file.with_suffix(".txt")):
        with pytest.raises(SystemExit):
            main(["map", str(catalogue_file), "--prior", str(checkpoint_folder), "--output", str(output)])
    assert catalogue_file.read_bytes() == before
    errors = capsys.readouterr().err
    for words in ("would be overwritten", "is a folder", "must end in .fits"):
        assert words in errors


def test_a_model_that_reads_no_wiener_map_still_gives_one(run, catalogue_file, tmp_path, truth):
    description = DESCRIPTION | {"inputs": {"channels": ["kappa_e", "kappa_b"]}}
    observed = torch.randn(4, 3, 16, 16).abs()
    model = build(description, CHANNELS, (16, 16))
    model.calibrate((observed, torch.randn(4, 1, 16, 16)), None)
    about = {"data": {"pixel_arcmin": 2.34375, "description": "x"}, "noise_std": 0.03, "depth": {}, "seed": ["x"]}
    checkpoint.save(tmp_path / "plain", model, description, CHANNELS, (16, 16), **about)
    code, output = run(catalogue_file, "--e2-sign", -1, *FIELD, checkpoint=tmp_path / "plain")
    assert code == 0
    with fits.open(output) as hdus:
        assert "KAPPA_WIENER" in hdus


def test_bad_checkpoints(run, catalogue_file, checkpoint_folder, tmp_path, capsys):
    refused(run(catalogue_file, checkpoint=tmp_path / "nothing"), capsys, "nothing", "does not exist")

    def damaged(change):
        folder = tmp_path / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(checkpoint_folder, folder)
        change(folder)
        return folder

    def record(**changes):
        def change(folder):
            content = json.loads((folder / "model.json").read_text())
            for key, value in changes.items():
                content[key] = value(content[key])
            (folder / "model.json").write_text(json.dumps(content))

        return change

    wider = record(model=lambda m: m | {"network": m["network"] | {"width": 16}})
    refused(run(catalogue_file, checkpoint=damaged(wider)), capsys, "architecture")
    other = record(channels=lambda c: ["image", "noise_std"], model=lambda m: m | {"inputs": {"channels": ["image"]}})
    refused(run(catalogue_file, checkpoint=damaged(other)), capsys, "channel")
    for key in ("data", "noise_std"):
        path = damaged(lambda folder: None)
        content = json.loads((path / "model.json").read_text())
        del content[key]
        (path / "model.json").write_text(json.dumps(content))
        refused(run(catalogue_file, checkpoint=path), capsys, key)
    unknown = record(model=lambda m: m | {"layers": 3})
    refused(run(catalogue_file, checkpoint=damaged(unknown)), capsys, "layers")
    cut = damaged(lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes()[:100]))
    refused(run(catalogue_file, checkpoint=cut), capsys, "model.safetensors")
    garbage = damaged(lambda f: (f / "model.json").write_text("{"))
    refused(run(catalogue_file, checkpoint=garbage), capsys, "model.json")


def test_priors_that_are_none(run, catalogue_file, denoiser_folder, tmp_path, capsys):
    refused(run(catalogue_file, checkpoint="convergense"), capsys, "--prior convergense is unknown", "convergence?")
    (tmp_path / "model.pkl").write_bytes(b"cos\nsystem\n")
    refused(run(catalogue_file, checkpoint=tmp_path / "model.pkl"), capsys, "is a file", "never opened")
    (tmp_path / "empty").mkdir()
    refused(run(catalogue_file, checkpoint=tmp_path / "empty"), capsys, "is no trained model", "model.json")
    words = "was trained for visibilities; expected one for catalogues and maps on a plane such as convergence"
    for prior in (denoiser_folder, "radio"):
        refused(run(catalogue_file, checkpoint=prior), capsys, words)


def test_an_unwritable_target_is_refused_before_work(run, catalogue_file, checkpoint_folder, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as end:
        main(
            [
                "map",
                str(catalogue_file),
                "--prior",
                str(checkpoint_folder),
                "--output",
                str(tmp_path / "file/k.fits"),
            ]
        )
    assert end.value.code == 1
    assert "not a writable folder" in capsys.readouterr().err


def test_the_command_is_installed():
    command = [sys.executable, "-m", "lofi.cli", "map", "--help"]
    assert "shear catalogue" in subprocess.run(command, capture_output=True, text=True).stdout
