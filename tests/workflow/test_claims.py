"""Claims of the paper, judged on tiny tables."""

import pandas as pd
import pytest

from workflow.claims import CLAIMS, CNNS, CONTRADICTED, OPEN, REPRODUCED, TINY


def table(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split())


@pytest.fixture
def tables():
    """Tables in which every claim holds."""
    tiny = [("fixed", "lofi_tiny", 0.1, 0.1, 25.0, 24.9), *(("fixed", name, 2.0, 6.0, 24.0, 22.0) for name in TINY)]
    warped = [("inr_lofi", 35.0, 33.0, 0.1), ("identity", 11.0, 14.0, None), ("drunet", 15.0, 12.0, None)]
    fills = [(0.3, split, "lofi_admm", 0.5, 3, 3) for split in ("portraits", "instruments")]
    probes = "split pixels psnr psnr_noisy psnr_blurred"
    return {
        "table1": table(
            "model chest_psnr chest_psnr_se brain_psnr brain_psnr_se",
            ("identity", 25.0, 0.1, 26.0, 0.1),
            ("lofi_plain", 34.0, 0.1, 31.0, 0.1),
            *((name, 34.2, 0.1, 20.0, 0.1) for name in CNNS),
        ),
        "length": table(
            "model short_steps long_steps short_brain_psnr short_brain_psnr_se long_brain_psnr long_brain_psnr_se",
            ("identity", None, None, 26.0, 0.1, 26.0, 0.1),
            ("lofi_plain", 900, 7200, 30.0, 0.1, 31.0, 0.1),
            *((name, 250, 2000, 30.5, 0.1, 20.0, 0.1) for name in CNNS),
        ),
        "tiny": table("noise model drop memorised best last", *tiny),
        "mass": table(
            "model split rmse", ("lofi", "test", 1.0), ("unet", "test", 1.0), ("wiener", "test", 1.1), ("lofi", "a", 9)
        ),
        "geometry": table(
            "model edge_turned edge_turned_se",
            ("lofi_geometry_free", 2.0, 0.01),
            ("lofi_geometry_1", 0.9, 0.01),
            ("lofi_geometry_2", 0.8, 0.01),
        ),
        "warping": table(
            "experiment model portraits_psnr instruments_psnr coordinates_rms",
            *(("transposed", *row) for row in warped),
        ),
        "inpainting": table("kept split method over_classical better_on pictures", *fills),
        "radio": table(
            "inversion method snr",
            *((f"radio_{n}", *row) for n in (128, 512) for row in (("lofi_admm", 20.0), ("total_variation", 18.0))),
        ),
        "table2_growth": table(
            "model to_pixels image_ratio memory_without_images_ratio",
            ("lofi_plain", 512.0, 16.0, 1.0),
            ("dncnn", 512.0, 16.0, 16.0),
        ),
        "resolution": table(probes, ("portraits", 1024, 28.0, 14.0, 27.0), ("instruments", 1024, 28.0, 14.0, 27.0)),
        "shift": table(
            "psnr_original psnr_shifted psnr_noisy largest_difference", (28.0, 28.0, 20.0, 0.0), (29.0, 29.0, 20.0, 0.0)
        ),
        "rotation": table("angle picture psnr psnr_noisy", (0, "a", 28.0, 20.0), (90, "a", 27.9, 20.0)),
        "filter": table("kernel radius_90", ("change", 2.0), ("even", 20.0)),
    }


def rows(tables):
    return {(claim.artefact, claim.sentence): claim.row(tables) for claim in CLAIMS}


def test_every_claim_that_holds_is_reproduced(tables):
    found = rows(tables)
    assert {row["verdict"] for row in found.values()} == {REPRODUCED}
    assert all(row["measured"] for row in found.values())
    artefacts = " ".join(artefact for artefact, _ in found)
    named = ["Table I,", "Table II", "Figures 4, 5", *(f"Figure {n}" for n in [3, 4, *range(6, 11)])]
    for artefact in [*named, *(f"Figure S{n}" for n in range(2, 6))]:
        assert artefact in artefacts


CHANGES = [  # table, column, rows that change, value, artefact and words of the claims, measured, verdict
    ("table1", "chest_psnr", "lofi_plain", 33.55, "Table I.*in distribution", "33.55 dB; best network 34.20", OPEN),
    ("table1", "chest_psnr", "lofi_plain", 33.0, "Table I.*in distribution", "33.00 dB; best", CONTRADICTED),
    ("table1", "chest_psnr", "lofi_plain", 25.5, "Table I.*in distribution", "LoFi hardly changes its input", OPEN),
    ("table1", "brain_psnr", "drunet", 31.1, "Figure 3: LoFi is the best", "31.00 dB; best network 31.10", OPEN),
    ("table1", "brain_psnr", "drunet", 31.5, "Figure 3: LoFi is the best", "best network 31.50", CONTRADICTED),
    ("table1", "brain_psnr", "unet_plain", 27.0, "U-Net fails", "27.00 dB; its input 26.00 dB", CONTRADICTED),
    ("length", "long_brain_psnr", "drunet", 31.1, "longer", r"900 steps.*-0.50 ± 0.14 dB; .*-0.10 ± 0.14 dB", OPEN),
    (
        "length",
        "long_brain_psnr",
        "drunet",
        31.5,
        "longer",
        "7200 steps 31.00 dB, best network 31.50",
        CONTRADICTED,
    ),
    ("tiny", "drop", "drunet_tiny", 0.3, "networks overfit", "by 0.30 to 2.00 dB", OPEN),
    ("tiny", "drop", "lofi_tiny", 0.6, "LoFi does not overfit", "falls by 0.60 dB", CONTRADICTED),
    ("tiny", "best", "lofi_tiny", 18.0, "LoFi does not overfit", "LoFi hardly denoises yet", OPEN),
    ("tiny", "last", "unet_tiny", 25.2, "in the end", "24.90 dB; best network 25.20 dB", OPEN),
    ("tiny", "last", "unet_tiny", 25.5, "in the end", "best network 25.50 dB", CONTRADICTED),
    ("mass", "rmse", "unet", 0.98, "dark matter", r"RMSE \+2.04 %", OPEN),
    ("mass", "rmse", "unet", 0.9, "dark matter", r"RMSE \+11.11 %", CONTRADICTED),
    ("mass", "rmse", "wiener", 1.0, "dark matter", "hardly changes the Wiener map", OPEN),
    ("geometry", "edge_turned", "lofi_geometry_2", 0.99, "relevant information", "T = 2: 0.990 ± 0.010", OPEN),
    ("geometry", "edge_turned", "lofi_geometry_2", 1.1, "Figure 7", "T = 1: 0.900.*T = 2: 1.100", CONTRADICTED),
    ("geometry", "edge_turned", "lofi_geometry_2", 0.89, "larger T", "T = 2: 0.890", OPEN),
    ("warping", "portraits_psnr", "drunet", 17.5, "transpose.* in distribution", "35.0 dB; best network 17.5", OPEN),
    ("warping", "instruments_psnr", "drunet", 34.0, "transpose.* out of it", "best network 34.0", CONTRADICTED),
    ("warping", "coordinates_rms", "inr_lofi", 2.0, "change of coordinates", "transposed: 2.00 pixels", OPEN),
    ("warping", "coordinates_rms", "inr_lofi", 6.0, "change of coordinates", "6.00 pixels", CONTRADICTED),
    ("inpainting", "better_on", "lofi_admm", 2, "in-paints", r"30% kept: \+0.50 dB, better on 2 of 3", OPEN),
    ("inpainting", "over_classical", "lofi_admm", -0.5, "in-paints", "-0.50 dB", CONTRADICTED),
    ("radio", "snr", "lofi_admm", 17.0, "visibilities", "128²: -1.0 dB, 512²: -1.0 dB", CONTRADICTED),
    ("table2_growth", "memory_without_images_ratio", "lofi_plain", 4.0, "memory", "grows as 0.25 times", OPEN),
    ("table2_growth", "memory_without_images_ratio", "lofi_plain", 12.0, "memory", "0.75 times", CONTRADICTED),
    ("resolution", "psnr_blurred", "portraits", 29.0, "1024²", r"at 1024².*\+14.0 dB.*blur: -1.0 dB", OPEN),
    ("resolution", "psnr", None, 13.0, "1024²", "-1.0 dB", CONTRADICTED),
    ("shift", "largest_difference", None, 1e-3, "shift by 15", "differ by 0.001 at most", OPEN),
    ("shift", "largest_difference", None, 0.1, "shift by 15", "differ by 0.1 at most", CONTRADICTED),
    ("shift", "psnr_original", None, 21.0, "shift by 15", "the denoiser hardly denoises yet", OPEN),
    ("rotation", "psnr", 90, 27.6, "turn by 90°", "falls by 0.400 dB", OPEN),
    ("rotation", "psnr", 90, 27.0, "turn by 90°", "falls by 1.000 dB", CONTRADICTED),
    ("filter", "radius_90", "change", 8.0, "learned filter", "within 8.0 pixels, evenly spread 20.0", OPEN),
    ("filter", "radius_90", "change", 12.0, "learned filter", "within 12.0 pixels", CONTRADICTED),
]


@pytest.mark.parametrize(("name", "column", "key", "value", "claims", "measured", "verdict"), CHANGES)
def test_a_change_of_the_tables_changes_the_verdict(tables, name, column, key, value, claims, measured, verdict):
    changed = tables[name]
    chosen = changed.eq(key).any(axis=1) if key is not None else slice(None)
    changed[column] = changed[column].astype(float)
    changed.loc[chosen, column] = value
    shown = pd.DataFrame(rows(tables).values())
    meant = shown[(shown["artefact"] + ": " + shown["claim"]).str.contains(claims)]
    assert len(meant)
    assert set(meant["verdict"]) == {verdict}
    assert meant["measured"].str.contains(measured).all()


def test_a_claim_on_models_that_are_not_built_says_so(tables):
    tables["table1"] = tables["table1"].query("model != 'unet_plain'")
    tables["mass"] = tables["mass"].query("model != 'lofi'")
    not_built = {row["claim"]: row for row in rows(tables).values() if row["verdict"].startswith("not built")}
    assert not_built["the U-Net fails out of distribution"]["verdict"] == "not built: unet_plain"
    assert not_built["LoFi maps dark matter as well as convolutional networks"]["verdict"] == "not built: lofi"
    assert len(not_built) == 2
    assert all(row["measured"] is None for row in not_built.values())


def test_a_missing_table_is_not_built(tables):
    for name, artefact in {"radio": "Figure 10", "length": "Table I, trained longer"}.items():
        del tables[name]
        found = [row["verdict"] for row in rows(tables).values() if row["artefact"] == artefact]
        assert found == [f"not built: the table {name}"]


@pytest.mark.parametrize(
    "name", ["table1", "length", "tiny", "mass", "geometry", "warping", "inpainting", "radio", "filter"]
)
def test_a_table_without_rows_is_not_built(tables, name):
    before = rows(tables)
    tables[name] = tables[name].iloc[:0]
    after = rows(tables)
    changed = [row for key, row in after.items() if row != before[key]]
    assert changed
    assert all(row["verdict"].startswith("not built: ") for row in changed)


def test_a_missing_column_is_an_error_and_no_verdict(tables):
    tables["mass"] = tables["mass"].rename(columns={"rmse": "error"})
    with pytest.raises(KeyError):
        rows(tables)
