"""The configuration is one truth, and every mistake in it is one sentence."""

import copy
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from workflow.configuration import assemble, check_results_folder
from workflow.configuration.splits import evaluation_splits

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "config"


def load(name):
    return yaml.safe_load((FOLDER / name).read_text())


def over(config, overlay):
    """The configuration with an overlay, merged as `--configfile` does."""
    merged = copy.deepcopy(config)
    update_config(merged, load(overlay))
    return merged


@pytest.fixture
def config():
    return load("config.yaml")


@pytest.mark.parametrize("overlay", [None, "smoke.yaml", "paper.yaml", "m31.yaml", "snr.yaml", "shells.yaml"])
def test_every_scale_is_valid(config, overlay):
    if overlay:
        config = over(config, overlay)
        splits = {"test", "gaussian"} if overlay == "paper.yaml" else {"test", "survey", "gaussian"}
    else:
        splits = {"test", "survey", "gaussian"}
    merged = assemble(config, FOLDER)
    assert set(merged["build"]["inversions"]) <= set(merged["inversions"])
    assert set(evaluation_splits(merged["experiments"]["mass"])) == splits


def test_the_paper_scale_is_the_published_setting(config):
    paper = assemble(over(config, "paper.yaml"), FOLDER)
    mass, galaxies = (paper["experiments"][name] for name in ("mass", "galaxies"))
    real = [split for split in mass["splits"].values() if split["source"] == "ktng"]
    assert sum(split["maps"] for split in real) == 10_000
    assert sorted(n for split in real for n in range(split["lens_planes"][0], split["lens_planes"][1] + 1)) == [
        *range(1, 101)
    ]
    assert "depth" not in mass["splits"]["train"]
    assert mass["field"] == {"extent_arcmin": 300.0, "pixels": 128}
    assert mass["observation"]["galaxy_density"] == 30.0
    assert mass["observation"]["ellipticity_dispersion"] == {"value": 0.37, "of": "per_component"}
    assert paper["sources"]["ktng"] | {"plane": 20, "pixelisation": "area_average"} == paper["sources"]["ktng"]
    assert galaxies["splits"]["train"] == {"source": "galaxies", "images": 13_000, "maps": 13_000, "shards": 26}
    assert galaxies["field"]["pixels"] == 128
    inversions = [paper["inversions"][name] for name in ("radio_128", "radio_512")]
    assert [(inversion["pixels"], inversion["noise"]) for inversion in inversions] == [
        (128, {"snr_db": 30}),
        (512, {"snr_db": 30}),
    ]


PUBLISHED = {"objects": 64, "learning_rate": 1e-4, "schedule": "constant", "warmup": 0, "ema": 0.0, "clip": 0.0}


@pytest.mark.parametrize(
    ("name", "objects", "repeats"),
    [
        ("lofi_paper", 8000, 2),
        ("dncnn_paper", 8000, 1),
        ("ircnn_paper", 8000, 1),
        ("unet_paper", 8000, 1),
        ("drunet_paper", 8000, 1),
        ("lofi_denoiser", 13_000, 2),
        ("dncnn_denoiser", 13_000, 1),
        ("lofi_geometry_0", 10_000, 2),
        ("lofi_geometry_3", 10_000, 2),
        ("lofi_geometry_filter", 10_000, 2),
    ],
)
def test_the_paper_scale_trains_for_200_epochs_of_64_objects(config, name, objects, repeats):
    training = assemble(over(config, "paper.yaml"), FOLDER)["models"][name]["training"]
    assert training["steps"] * training["objects"] == 200 * objects * repeats
    assert training.get("repeats", 1) == repeats
    assert training | PUBLISHED == training


@pytest.mark.parametrize("name", ["lofi_paper", "lofi_denoiser", "lofi_geometry_0", "lofi_geometry_filter"])
def test_the_paper_scale_has_the_published_fields(config, name):
    model = assemble(over(config, "paper.yaml"), FOLDER)["models"][name]
    assert model["network"] == {"kind": "multimlp", "width": 370, "depth": 3, "chunk_outputs": 100}
    assert model["geometry"] == {"kind": "circular", "rings": 9, "angles": 9, "radius": 2.0}
    assert model["pixels"] == 512
    assert model.get("loss", "l1") == "l1"


def test_overlays_change_only_what_they_name(config):
    smoke = assemble(over(config, "smoke.yaml"), FOLDER)["experiments"]["mass"]
    laptop = assemble(config, FOLDER)["experiments"]["mass"]
    assert smoke["splits"]["train"]["maps"] < laptop["splits"]["train"]["maps"]
    assert smoke["observation"] == laptop["observation"]


def test_no_split_shares_a_box_with_training(config):
    splits = assemble(config, FOLDER)["experiments"]["mass"]["splits"]
    training = set(splits["train"]["boxes"])
    assert len(splits["test"]["boxes"]) >= 2
    for name in ("validation", "test", "survey"):
        assert not training & set(splits[name]["boxes"])
    assert not set(splits["validation"]["boxes"]) & set(splits["test"]["boxes"])


COVERAGE = ("telescope", "declination_deg", "hour_angles", "dump_seconds", "frequencies_hz", "bandwidth_hz")
CHESTS = {"kind": "lodopab", "folder": "data/lodopab", "part": "train"}
LDCT = {
    "source of another task": ({"splits": {"brain": {"source": "galaxies"}}}, "which does not suit tomography"),
    "range of simulated slices": (
        {"splits": {"brain": {"slices": [0, 15]}}},
        "brain.slices is not allowed; brain is a source of kind brain",
    ),
    "real slices without a range": ({"splits": {"chest": {"source": "real"}}}, "a source of kind lodopab needs slices"),
    "fewer slices than maps": (
        {"splits": {"chest": {"source": "real", "slices": [0, 49]}}},
        "maps is 100, but the slices 0 to 49 are 50",
    ),
    "slices shared": (
        {
            "splits": {
                "train": {"source": "real", "slices": [0, 1999]},
                "chest": {"source": "real", "slices": [1999, 2999]},
            }
        },
        "share real slice 1999",
    ),
    "figure of no slice": (
        {"figure": {"slices": {"brain": 16}}},
        "slices.brain is 16; expected a number from 0",
    ),
    "figure of no split": ({"figure": {"slices": {"heads": 0}}}, "heads"),
    "figure of no model": ({"figure": {"models": ["unet"]}}, "names 'unet', which is unknown"),
    "too noisy": ({"observation": {"snr_db": -100}}, "snr_db is -100"),
}
LESS = {"models": ["lofi_geometry_0"], "filter": "lofi_geometry_0"}
MISTAKES = {
    **{
        name: ({"sources": {"real": CHESTS}, "experiments": {"ldct": change}}, word)
        for name, (change, word) in LDCT.items()
    },
    "part of no data set": (
        {"sources": {"real": CHESTS | {"part": "all"}}},
        "part is 'all'; expected train",
    ),
    "values of no range": (
        {"sources": {"real": {"kind": "slices", "path": "data", "values": [0]}}},
        "sources.real.values",
    ),
    "anatomy of no kind": (
        {"sources": {"brain": {"anatomy": "real"}}},
        "is 'real'; expected simulated or",
    ),
    "misspelt top-level key": ({"sede": 1}, "sede"),
    "misspelt nested key": ({"experiments": {"mass": {"splits": {"test": {"mapss": 3}}}}}, "mapss"),
    "out of range": ({"cosmology": {"omega_m": 3.0}}, "omega_m"),
    "wrong type": ({"experiments": {"mass": {"splits": {"test": {"maps": "many"}}}}}, "maps"),
    "negative density": ({"experiments": {"mass": {"observation": {"galaxy_density": -1}}}}, "galaxy_density"),
    "unknown dispersion": (
        {"experiments": {"mass": {"observation": {"ellipticity_dispersion": {"of": "both"}}}}},
        "per_component",
    ),
    "no Wiener filter": ({"experiments": {"mass": {"models": ["lofi"]}}}, "expected wiener among them"),
    "unknown keyword": ({"models": {"lofi": {"colour": "red"}}}, "models.lofi.colour is unknown"),
    "unknown loss": ({"models": {"lofi": {"loss": "l3"}}}, "models.lofi.loss is 'l3'; expected l1 or l2"),
    "unknown padding": (
        {"models": {"unet": {"padding": "zeroes"}}},
        "models.unet.padding is 'zeroes'; expected zeros or",
    ),
    "unknown residual": (
        {"models": {"unet": {"inputs": {"residual": "no"}}}},
        "inputs.residual is 'no'; expected",
    ),
    "unknown model": ({"experiments": {"mass": {"models": ["wiener", "resnet"]}}}, "resnet"),
    "unknown source": ({"experiments": {"mass": {"splits": {"test": {"source": "millennium"}}}}}, "millennium"),
    "unknown source kind": ({"sources": {"nbody": {"kind": "hydro"}}}, "hydro"),
    "unknown box option": ({"sources": {"nbody": {"box": {"size": 3}}}}, "size"),
    "unknown observation": ({"build": {"observations": ["euclid"]}}, "euclid"),
    "validation box tested": (
        {"experiments": {"mass": {"splits": {"test": {"boxes": [8, 20]}}}}},
        "nbody box 8",
    ),
    "planes shared": (
        {
            "experiments": {
                "mass": {
                    "splits": {
                        name: {"source": "ktng", "boxes": None, "lens_planes": [1, 9]}
                        for name in ("train", "validation", "test", "survey")
                    }
                }
            }
        },
        "lens-plane set 1",
    ),
    "more shards than maps": (
        {"experiments": {"mass": {"splits": {"validation": {"maps": 4, "shards": 5}}}}},
        "splits.validation.shards is 5, more than the 4 maps",
    ),
    "no shard": ({"experiments": {"mass": {"splits": {"test": {"shards": 0}}}}}, "shards is 0; expected at least 1"),
    "more jobs than maps": ({"experiments": {"galaxies": {"jobs": 50}}}, "jobs is 50, more than the 24 maps of test"),
    "a sphere mapped with a network of images": (
        {"experiments": {"sphere": {"models": ["unet"], "map": {"model": "unet"}}}},
        "is unet, which is of class unet; expected class lofi",
    ),
    "a sphere mapped with a field that filters": (
        {"experiments": {"sphere": {"models": ["lofi_filter"], "map": {"model": "lofi_filter"}}}},
        "is lofi_filter, which depends on more than its patch",
    ),
    "declinations the wrong way round": (
        {"experiments": {"sphere": {"observation": {"declinations": [30, -60]}}}},
        "declinations is [30, -60]; expected the lower one first",
    ),
    "more jobs than tiles": (
        {"experiments": {"sphere": {"map": {"jobs": 9000}}}},
        "is 9000, more than the 768 tiles",
    ),
    "a zoom off the sky": (
        {"experiments": {"sphere": {"zoom": {"centre": [10, 200]}}}},
        "expected right ascension",
    ),
    "boxes that no sky is left for": (
        {
            "experiments": {
                "sphere": {
                    "splits": {
                        "train": {"source": "nbody", "boxes": [0]},
                        "validation": {"source": "nbody", "boxes": [1]},
                    }
                }
            }
        },
        "experiments.sphere.splits.test is missing; the sky that is mapped needs boxes that train does not have",
    ),
    "a sky of the boxes that trained": (
        {
            "experiments": {
                "sphere": {
                    "splits": {
                        "train": {"source": "nbody", "boxes": [0, 1]},
                        "test": {"source": "nbody", "boxes": [1], "maps": 1},
                    }
                }
            }
        },
        "experiments.sphere.splits.test and train share nbody box 1; they must differ",
    ),
    "a sky without boxes": (
        {"experiments": {"sphere": {"splits": {"test": {"source": "nbody", "maps": 1}}}}},
        "experiments.sphere.splits.test.boxes is missing; a source of kind nbody needs boxes",
    ),
    "a sphere that is scored elsewhere": (
        {"experiments": {"sphere": {"splits": {"other": {"source": "lognormal", "maps": 1}}}}},
        "expected train and validation, perhaps test, and no other",
    ),
    "an Nside that is none": (
        {"experiments": {"sphere": {"field": {"nside": 1000}}}},
        "nside is 1000; expected 32",
    ),
    "more jobs than images": (
        {"inversions": {"radio_512": {"jobs": 5}}},
        "jobs is 5, but there are 4 images",
    ),
    "planes missing": (
        {"experiments": {"mass": {"splits": {"test": {"source": "ktng", "boxes": None}}}}},
        "lens_planes is missing; a source of kind ktng needs lens_planes",
    ),
    "boxes without a simulation": (
        {"experiments": {"mass": {"splits": {"gaussian": {"boxes": [1]}}}}},
        "boxes is not allowed; gaussian",
    ),
    "depth upside down": (
        {"experiments": {"mass": {"splits": {"survey": {"depth": {"hole_radius": [4, 1]}}}}}},
        "hole_radius",
    ),
    "boxes shared": ({"experiments": {"mass": {"splits": {"test": {"boxes": [0, 20]}}}}}, "box 0"),
    "no boxes": ({"experiments": {"mass": {"splits": {"test": {"boxes": []}}}}}, "a source of kind nbody needs boxes"),
    "no transfer": (
        {"experiments": {"mass": {"splits": {"train": {"source": "lognormal", "boxes": None}}}}},
        "transfer",
    ),
    "unknown task": ({"experiments": {"galaxies": {"task": "holography"}}}, "tomography"),
    "galaxies as a lensing sky": (
        {"experiments": {"mass": {"splits": {"gaussian": {"source": "galaxies"}}}}},
        "does not suit lensing",
    ),
    "galaxies without images": ({"experiments": {"galaxies": {"splits": {"test": {"images": None}}}}}, "images"),
    "pictures shared": (
        {
            "sources": {"own": {"kind": "pictures", "path": "data/galaxies"}},
            "experiments": {
                "galaxies": {
                    "splits": {
                        name: {"source": "own", "images": None, "pictures": [0, 9]}
                        for name in ("train", "validation", "test")
                    }
                }
            },
        },
        "share own picture 0",
    ),
    "negative noise": ({"experiments": {"galaxies": {"observation": {"noise": [-0.1, 0.1]}}}}, "noise"),
    "a sky that the prior was trained on": (
        {
            "sources": {"own": {"kind": "pictures", "path": "data/galaxies"}},
            "experiments": {
                "galaxies": {
                    "splits": {
                        name: {"source": "own", "images": None, "pictures": numbers}
                        for name, numbers in (("train", [0, 9]), ("validation", [10, 12]), ("test", [13, 20]))
                    }
                }
            },
            "inversions": {
                "radio_128": {"sky": {"source": None, "images": None, "pictures": "data/galaxies", "numbers": [12, 40]}}
            },
        },
        "picture 12",
    ),
    "unknown inversion": ({"build": {"inversions": ["radio_1024"]}}, "radio_1024"),
    "unknown method": ({"inversions": {"radio_128": {"methods": ["lofi_admm", "bm3d"]}}}, "bm3d"),
    "unknown prior": ({"inversions": {"radio_128": {"prior": "stars"}}}, "stars"),
    "prior of another experiment": (
        {"inversions": {"radio_128": {"prior": "mass"}}},
        "no experiment of denoising",
    ),
    "unknown prior lists what fits": ({"inversions": {"radio_128": {"prior": "zork"}}}, "expected one of galaxies"),
    "noise of the receiver of a file": (
        {
            "inversions": {
                "radio_128": {
                    "noise": {"snr_db": None, "peak_jy": 1.0},
                    "coverage": dict.fromkeys(COVERAGE) | {"file": "data/uv.npz"},
                }
            }
        },
        "peak_jy needs a coverage of a telescope",
    ),
    "misspelt coverage": (
        {"inversions": {"radio_128": {"coverage": {"dump_secs": 5}}}},
        "radio_128.coverage.dump_secs is unknown; did you mean dump_seconds?",
    ),
    "coverage out of range": (
        {"inversions": {"radio_128": {"coverage": {"dump_seconds": -5}}}},
        "coverage.dump_seconds is -5; expected a number above 0",
    ),
    "noise of no kind": (
        {"inversions": {"radio_128": {"noise": {"snr_db": None, "level": 1}}}},
        "radio_128.noise.level is unknown; expected one of snr_db, peak_jy",
    ),
    "two kinds of noise": (
        {"inversions": {"radio_128": {"noise": {"peak_jy": 1}}}},
        "noise has both snr_db and peak_jy",
    ),
    "noise as a number": ({"inversions": {"radio_128": {"noise": 30}}}, "radio_128.noise is 30; expected a mapping"),
    "skies without a number": ({"inversions": {"radio_128": {"sky": {"images": None}}}}, "sky.images is missing"),
    "no cell": (
        {"inversions": {"radio_128": {"cell_arcsec": None}}},
        "cell_arcsec is missing",
    ),
    "noise of no receiver": (
        {"inversions": {"radio_128": {"noise": {"snr_db": None, "peak_jy": 1.0}, "coverage": {"bandwidth_hz": None}}}},
        "bandwidth_hz",
    ),
    "unknown weighting": ({"inversions": {"radio_128": {"weighting": {"weighting": "super"}}}}, "super"),
    "a geometry drawn of no model": (
        {"figures": {"geometry": {"models": ["lofi_plain"]}}},
        "'lofi_plain', which is unknown",
    ),
    "a filter of none": (
        {"figures": {"geometry": {"filter": "lofi_geometry_1"}}},
        "which has no Fourier filter",
    ),
    "samples of no image": ({"figures": {"geometry": {"image": 24}}}, "image is 24; portraits has the images 0 to 23"),
    "samples of a network": (
        {"experiments": {"geometry": {"models": ["lofi_geometry_0", "dncnn"]}}, "figures": {"geometry": LESS}},
        "has dncnn, which is no local field",
    ),
    "a split that is not there": ({"observations": {"mock": {"simulated": {"split": "tests"}}}}, "did you mean test?"),
    "a map that is not there": (
        {"observations": {"mock": {"simulated": {"map": 100_000}}}},
        "mock.simulated.map is 100000; the maps of test are 0 to ",
    ),
    "a sky that is not there": (
        {"observations": {"mock_visibilities": {"simulated": {"image": 99}}}},
        "mock_visibilities.simulated.image is 99; the skies are 0 to ",
    ),
    "robust of other weights": (
        {"observations": {"mock_visibilities": {"weighting": "natural"}}},
        "robust belongs to the weighting briggs",
    ),
    "strengths that nobody chooses among": (
        {"methods": {"total_variation": {"strengths": [1.0, 2.0]}}},
        "total_variation.strengths is [1.0, 2.0]; expected one number, unless oracle is true",
    ),
    "a strength in no list": ({"methods": {"total_variation": {"strengths": 1.0}}}, "expected a list of numbers"),
    "annealing longer than all iterations": (
        {"methods": {"lofi_admm": {"schedule": {"iterations": 4, "annealing": 5}}}},
        "lofi_admm.schedule has annealing 5; expected 1 to its iterations, 4",
    ),
    "fewer iterations than the usual annealing": (
        {"methods": {"lofi_admm": {"schedule": {"annealing": None, "iterations": 4}}}},
        "; expected 1 to its iterations, 4",
    ),
    "robust of other weights of an inversion": (
        {"inversions": {"radio_128": {"weighting": {"weighting": "natural"}}}},
        "weighting has robust, which belongs to briggs; remove it for natural weights",
    ),
    "map out of the figure": ({"experiments": {"mass": {"figure": {"split": "tset"}}}}, "tset"),
}


@pytest.mark.parametrize(("change", "word"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_sentence_that_names_it(config, change, word):
    def merge(base, overlay):
        for key, value in overlay.items():
            if isinstance(value, dict):
                merge(base.setdefault(key, {}), value)
            else:
                base[key] = value

    changed = copy.deepcopy(config)
    merge(changed, change)
    with pytest.raises(ValueError, match=r"^(--config|config/[\w/]+\.yaml|the configuration): [a-z_0-9.]+ ") as caught:
        assemble(changed, FOLDER)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unusable_results_folder_is_one_sentence(tmp_path):
    check_results_folder(tmp_path / "new")
    (tmp_path / "results").write_text("a file")
    with pytest.raises(ValueError, match="results is not a writable folder"):
        check_results_folder(tmp_path / "results")


def test_a_scale_is_the_name_of_one_folder(config):
    for scale in ("..", "a/b", "/tmp/x", "a{b}", ""):
        with pytest.raises(ValueError, match="scale"):
            assemble({**config, "scale": scale}, ROOT / "config")
