"""The paper's claims against the built results: `snakemake verdicts` makes a table of them.

A claim passes where it holds (reproduced), fails where the opposite holds beyond twice the standard error or the margin
that is written here (contradicted), and is skipped where neither can be said (not at this scale) or nothing is built.
"""

import numpy as np
import pytest

CNNS = ["dncnn", "ircnn", "unet_plain", "drunet"]
TINY = ["dncnn_tiny", "ircnn_tiny", "unet_tiny", "drunet_tiny"]


def claims(artefact, claim, printed="no number"):
    return pytest.mark.claim(artefact=artefact, claim=claim, printed=printed)


def best_of(table, models, column):
    """The row of the models present with the highest value."""
    return table.loc[[name for name in models if name in table.index]].sort_values(column).iloc[-1]


@claims(
    "Table I, Figure 3", "LoFi is on a par with convolutional networks in distribution", "33.9 dB; best network 34.5 dB"
)
def test_low_dose_ct_in_distribution(claim):
    table = claim.table("tables/table1.csv", "model")
    field, other = table.loc["lofi_plain"], best_of(table, CNNS, "chest_psnr")
    claim.needs(field["chest_psnr"] > table.loc["identity", "chest_psnr"] + 1, "LoFi hardly changes its input yet")
    gap, error = field["chest_psnr"] - other["chest_psnr"], np.hypot(field["chest_psnr_se"], other["chest_psnr_se"])
    measured = f"{field['chest_psnr']:.2f} dB; best network {other['chest_psnr']:.2f} dB"
    claim.judge(measured, gap > -0.6, gap < -0.6 - 2 * error)


@claims("Table I, Figure 3", "LoFi is the best out of distribution", "30.6 dB; best network 29.8 dB")
def test_low_dose_ct_out_of_distribution(claim):
    table = claim.table("tables/table1.csv", "model")
    field, other = table.loc["lofi_plain"], best_of(table, CNNS, "brain_psnr")
    gap, error = field["brain_psnr"] - other["brain_psnr"], np.hypot(field["brain_psnr_se"], other["brain_psnr_se"])
    measured = f"{field['brain_psnr']:.2f} dB; best network {other['brain_psnr']:.2f} dB"
    claim.judge(measured, gap > 0, gap < -2 * error)


@claims("Table I, Figure 3", "the U-Net fails out of distribution", "13.9 dB; its input 26.0 dB")
def test_the_unet_fails_on_heads(claim):
    table = claim.table("tables/table1.csv", "model")
    if "unet_plain" not in table.index:
        pytest.skip("not built: the U-Net of Table I")
    found, observed = table.loc["unet_plain", "brain_psnr"], table.loc["identity", "brain_psnr"]
    claim.judge(f"{found:.2f} dB; its input {observed:.2f} dB", found < observed, found > observed)


@claims("Figure 4", "convolutional networks overfit nine images: their PSNR falls from its best", "no number; drawn")
def test_networks_overfit_nine_images(claim):
    drops = claim.table("tables/tiny.csv", "noise", "model").loc["fixed"]["drop"]
    drops = drops[[name for name in TINY if name in drops.index]]
    claim.judge(f"by {drops.min():.2f} to {drops.max():.2f} dB", drops.min() > 0.5, drops.max() < 0.2)


@claims("Figure 4", "LoFi does not overfit nine images", "no number; drawn")
def test_the_field_does_not_overfit_nine_images(claim):
    table = claim.table("tables/tiny.csv", "noise", "model").loc["fixed"]
    drop, learned = table.loc["lofi_tiny", "drop"], table.loc["lofi_tiny", "memorised"]
    claim.needs(table.loc["lofi_tiny", "best"] > 19, "LoFi hardly denoises yet")
    measured = f"its PSNR falls by {drop:.2f} dB from its best; own noise is removed {learned:.2f} dB better than other"
    claim.judge(measured, drop < 0.3 and learned < 0.5, drop > 0.5 or learned > 3)


@claims("Figures 4, 5", "in the end LoFi is better than every convolutional network", "no number; drawn")
def test_the_field_is_best_in_the_end(claim):
    table = claim.table("tables/tiny.csv", "noise", "model")["last"].loc["fixed"]
    field, other = table["lofi_tiny"], max(table[name] for name in TINY if name in table.index)
    claim.judge(f"{field:.2f} dB; best network {other:.2f} dB", field > other, field < other - 0.5)


@claims("Figure 6", "LoFi maps dark matter as well as convolutional networks", "no number; drawn")
def test_dark_matter_maps(claim):
    rmse = claim.table("tables/mass.csv", "model", "split")["rmse"].xs("test", level="split")
    ratio = 100 * (rmse["lofi"] / rmse["unet"] - 1)
    claim.needs(rmse["lofi"] < 0.99 * rmse["wiener"], "LoFi hardly changes the Wiener map yet")
    claim.judge(f"RMSE {ratio:+.2f} % of the U-Net's", ratio < 1, ratio > 3)


def _turned(claim):
    """At edges: clean contrast of the samples over that of the same samples turned, T by T, and standard errors.

    Unlike a comparison with T = 0 it does not change when samples only move closer.
    """
    table = claim.table("tables/geometry.csv", "model")
    names = sorted(name for name in table.index if name.removeprefix("lofi_geometry_") in set("123456789"))
    ratio, error = table["edge_turned"][names], table["edge_turned_se"][names]
    measured = ", ".join(f"T = {name[-1]}: {ratio[name]:.3f} ± {error[name]:.3f}" for name in names)
    return ratio, error, f"contrast at edges over that of turned samples, one training each: {measured}"


@claims("Figure 7", "geometry networks find the relevant information", "no number; drawn")
def test_localisation(claim):
    ratio, error, measured = _turned(claim)
    claim.judge(measured, (ratio < 1 - 2 * error).all(), (ratio > 1 + 2 * error).any())


@claims("Figure 7", "larger T localises more precisely", "no number; drawn")
def test_localisation_with_more_steps(claim):
    ratio, error, measured = _turned(claim)
    gap, margin = ratio.iloc[-1] - ratio.iloc[0], 2 * np.hypot(*error.iloc[[0, -1]])
    falls = len(ratio) > 1 and (ratio.diff().dropna() < 0).all()
    claim.judge(measured, falls and gap < -margin, gap > margin)


def _against_networks(claim, split):
    psnr = claim.table("tables/warping.csv", "experiment", "model").loc["transposed"][f"{split}_psnr"]
    field, other = psnr["inr_lofi"], psnr.drop(["inr_lofi", "identity"]).max()
    measured = f"{field:.1f} dB; best network {other:.1f} dB; as observed {psnr['identity']:.1f} dB"
    claim.judge(measured, field > 30 and other < psnr["identity"] + 6, other > field)


@claims("Figure 8", "INR-LoFi undoes a transpose, convolutional networks do not, in distribution", "no number; drawn")
def test_transposed_in_distribution(claim):
    _against_networks(claim, "portraits")


@claims("Figure 8", "INR-LoFi undoes a transpose, convolutional networks do not, out of it", "no number; drawn")
def test_transposed_out_of_distribution(claim):
    _against_networks(claim, "instruments")


@claims("Figure 8", "INR-LoFi learns the change of coordinates", "no number; drawn")
def test_coordinates(claim):
    learned = claim.table("tables/warping.csv", "model", "experiment").loc["inr_lofi", "coordinates_rms"]
    measured = ", ".join(f"{name}: {value:.2f} pixels" for name, value in learned.items())
    claim.judge(f"rms error {measured}", learned.max() < 1, learned.min() > 5)


@claims("Figure 9", "LoFi-ADMM in-paints at 512² with a prior of 128², in distribution", "no number; drawn")
def test_inpainting_in_distribution(claim):
    _inpainting(claim, "portraits")


@claims("Figure 9", "LoFi-ADMM in-paints at 512² with a prior of 128², out of distribution", "no number; drawn")
def test_inpainting_out_of_distribution(claim):
    _inpainting(claim, "instruments")


def _inpainting(claim, split):
    """The paper compares with nothing; here the field has to beat the best of three fills, picture by picture."""
    table = claim.table("tables/inpainting.csv", "kept", "split", "method").xs("lofi_admm", level="method")
    own = table.xs(split, level="split")
    measured = ", ".join(
        f"{kept:.0%} kept: {row['over_classical']:+.2f} dB, better on {row['better_on']:.0f} of {row['pictures']:.0f}"
        for kept, row in own.iterrows()
    )
    better, gains = own["better_on"] == own["pictures"], own["over_classical"]
    claim.judge(f"over the best classical fill: {measured}", better.all() and gains.min() > 0.1, gains.max() < 0)


@claims("Figure 10", "LoFi-ADMM images visibilities at 128² and, with the same prior, at 512²", "no number; drawn")
def test_radio_images(claim):
    table = claim.table("tables/radio.csv", "inversion", "method")["snr"]
    gains = {
        size: table[f"radio_{size}", "lofi_admm"] - table[f"radio_{size}", "total_variation"] for size in (128, 512)
    }
    measured = ", ".join(f"{size}²: {gain:+.1f} dB" for size, gain in gains.items())
    claim.judge(f"SNR over total variation {measured}", min(gains.values()) > 0, max(gains.values()) < 0)


@claims(
    "Table II",
    "the memory that training takes hardly grows with resolution, that of convolutional networks does",
    "128² to 1024²: LoFi 2 to 3 GB; DnCNN 23 to > 80 GB",
)
def test_memory(claim):
    growth = claim.table("tables/table2_growth.csv", "model")
    field, others = growth.loc["lofi_plain"], growth.drop(index=[name for name in growth.index if "lofi" in name])
    per_pixel = others["memory_without_images_ratio"] / others["image_ratio"]
    own = field["memory_without_images_ratio"] / field["image_ratio"]
    measured = (
        f"memory beside the images grows as {own:.2f} times the pixels, to {field['to_pixels']:.0f}²; that of "
        f"networks as {per_pixel.min():.2f} to {per_pixel.max():.2f} times the pixels, as far as they fit"
    )
    claim.judge(measured, own < 0.1 and per_pixel.min() > 0.5, own > 0.5)


@claims("Figure S2", "a field denoises at 1024² in and out of distribution", "no number; drawn")
def test_high_resolution(claim):
    rows = claim.table("probes/resolution.csv")
    gains = rows["psnr"] - rows["psnr_noisy"]
    measured = ", ".join(f"{split}: {gain:+.1f} dB" for split, gain in zip(rows["split"], gains, strict=True))
    over = rows["psnr"] - rows["psnr_blurred"]
    measured += f"; over the best Gaussian blur: {over.min():+.1f} dB or more"
    claim.judge(f"at {rows['pixels'][0]}², over the noisy picture {measured}", over.min() > 0, gains.max() < 0)


@claims("Figure S3", "a shift by 15 pixels costs nothing", "no number; drawn")
def test_shift(claim):
    rows = claim.table("probes/shift.csv")
    claim.needs((rows["psnr_original"] > rows["psnr_noisy"] + 3).all(), "the denoiser hardly denoises yet")
    loss, difference = (rows["psnr_original"] - rows["psnr_shifted"]).abs().max(), rows["largest_difference"].max()
    claim.judge(
        f"results differ by {difference:.1g} at most, PSNR by {loss:.3f} dB", difference < 1e-4, difference > 0.01
    )


@claims("Figure S4", "a turn by 90° costs little", "no number; drawn")
def test_rotation(claim):
    rows = claim.table("probes/rotation.csv", "angle", "picture")
    claim.needs((rows["psnr"] > rows["psnr_noisy"] + 3).all(), "the denoiser hardly denoises yet")
    loss = rows["psnr"].loc[0] - rows["psnr"].loc[90]
    measured = f"PSNR falls by {loss.mean():.3f} dB on average, {loss.max():.3f} dB at most"
    claim.judge(measured, loss.max() < 0.2, loss.mean() > 0.5)


@claims("Figure S5", "the learned filter has a small support in image space", "no number; drawn")
def test_filter(claim):
    """Of what training changed: the filter begins as a single pixel."""
    radii = claim.table("tables/filter.csv", "kernel")["radius_90"]
    measured = (
        f"90 % of what training changed lies within {radii['change']:.1f} pixels, evenly spread {radii['even']:.1f}"
    )
    claim.judge(measured, radii["change"] < 5, radii["change"] > 0.5 * radii["even"])
