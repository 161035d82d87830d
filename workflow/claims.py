"""Claims of the paper, each judged by the tables of a run.

A claim is reproduced where it holds, contradicted where the opposite holds beyond twice the standard error or the
margin that is written here, and open (not at this scale) where neither can be said.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

REPRODUCED, CONTRADICTED, OPEN = "reproduced", "contradicted", "not at this scale"
DRAWN = "no number; drawn"
CNNS = ["dncnn", "ircnn", "unet_plain", "drunet"]
TINY = ["dncnn_tiny", "ircnn_tiny", "unet_tiny", "drunet_tiny"]
TRAINED_LONGER = "Table I, trained longer"
CLAIMS = []


class NotBuilt(Exception):
    """A table, or rows of a table, that a claim needs and the run lacks."""


class Tables(dict):
    """Data frames by the names of their tables; NotBuilt for a table that is missing."""

    def __missing__(self, name):
        raise NotBuilt(f"the table {name}")


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper.

    artefact : the table or figure that shows it. printed : what the paper prints. judge : `judge(tables)` → (what was
    measured, verdict), of a mapping from names of tables to data frames.
    """

    artefact: str
    sentence: str
    printed: str
    judge: Callable

    def row(self, tables):
        """A row of the table of verdicts; "not built" where a table, or its rows of the claim's models, are missing."""
        try:
            measured, verdict = self.judge(Tables(tables))
        except NotBuilt as error:
            measured, verdict = None, f"not built: {error}"
        row = {"artefact": self.artefact, "claim": self.sentence, "printed": self.printed}
        return row | {"measured": measured, "verdict": verdict}


def claim(artefact, sentence, printed=DRAWN):
    """Decorator: adds the claim that a function judges to `CLAIMS`."""

    def add(judge):
        CLAIMS.append(Claim(artefact, sentence, printed, judge))
        return judge

    return add


def verdict(holds, opposite):
    return REPRODUCED if holds else CONTRADICTED if opposite else OPEN


def present(names, table):
    """The names that the table has; NotBuilt without any."""
    found = [name for name in names if name in table.index]
    if not found:
        raise NotBuilt(f"any of {', '.join(names)}")
    return found


def require(table, *rows):
    """The table; NotBuilt if its index lacks one of `rows`, labels or tuples of labels."""
    missing = [row for row in rows if row not in table.index]
    if missing:
        raise NotBuilt(", ".join(" ".join(row) if isinstance(row, tuple) else str(row) for row in missing))
    return table


def best_of(table, models, column):
    """The row of the models present with the highest value."""
    return table.loc[present(models, table)].sort_values(column).iloc[-1]


@claim(
    "Table I, Figure 3", "LoFi is on a par with convolutional networks in distribution", "33.9 dB; best network 34.5 dB"
)
def low_dose_ct_in_distribution(tables):
    table = require(tables["table1"].set_index("model"), "lofi_plain", "identity")
    field, other = table.loc["lofi_plain"], best_of(table, CNNS, "chest_psnr")
    if not field["chest_psnr"] > table.loc["identity", "chest_psnr"] + 1:
        return "LoFi hardly changes its input yet", OPEN
    gap, error = field["chest_psnr"] - other["chest_psnr"], np.hypot(field["chest_psnr_se"], other["chest_psnr_se"])
    measured = f"{field['chest_psnr']:.2f} dB; best network {other['chest_psnr']:.2f} dB"
    return measured, verdict(gap > -0.6, gap < -0.6 - 2 * error)


def _heads(table, column):
    """PSNR on heads of LoFi and of the best network, and the standard error of their difference."""
    field, other = require(table, "lofi_plain").loc["lofi_plain"], best_of(table, CNNS, column)
    return field[column], other[column], np.hypot(field[f"{column}_se"], other[f"{column}_se"])


@claim("Table I, Figure 3", "LoFi is the best out of distribution", "30.6 dB; best network 29.8 dB")
def low_dose_ct_out_of_distribution(tables):
    field, other, error = _heads(tables["table1"].set_index("model"), "brain_psnr")
    return f"{field:.2f} dB; best network {other:.2f} dB", verdict(field > other, field < other - 2 * error)


@claim(TRAINED_LONGER, "LoFi is the best out of distribution", "30.6 dB; best network 29.8 dB")
def low_dose_ct_trained_longer(tables):
    """Judged by the longer training; the shorter one stands beside it."""
    table = tables["length"].set_index("model")
    found = {length: _heads(table, f"{length}_brain_psnr") for length in ("short", "long")}
    measured = "; ".join(
        f"after {table.loc['lofi_plain', f'{length}_steps']:.0f} steps {field:.2f} dB, best network {other:.2f} dB,"
        f" lead {field - other:+.2f} ± {error:.2f} dB"
        for length, (field, other, error) in found.items()
    )
    field, other, error = found["long"]
    return measured, verdict(field > other, field < other - 2 * error)


@claim("Table I, Figure 3", "the U-Net fails out of distribution", "13.9 dB; its input 26.0 dB")
def unet_on_heads(tables):
    table = require(tables["table1"].set_index("model"), "unet_plain", "identity")
    unet, observed = table.loc["unet_plain", "brain_psnr"], table.loc["identity", "brain_psnr"]
    return f"{unet:.2f} dB; its input {observed:.2f} dB", verdict(unet < observed, unet > observed)


def _fixed_noise(tables, *models):
    """The rows of trainings in which every picture keeps its noise, by model."""
    return require(require(tables["tiny"].set_index(["noise", "model"]), "fixed").loc["fixed"], *models)


@claim("Figure 4", "convolutional networks overfit nine images: their PSNR falls from its best")
def networks_on_nine_images(tables):
    drops = _fixed_noise(tables)["drop"]
    drops = drops[present(TINY, drops)]
    measured = f"by {drops.min():.2f} to {drops.max():.2f} dB"
    return measured, verdict(drops.min() > 0.5, drops.max() < 0.2)


@claim("Figure 4", "LoFi does not overfit nine images")
def field_on_nine_images(tables):
    table = _fixed_noise(tables, "lofi_tiny")
    drop, learned = table.loc["lofi_tiny", "drop"], table.loc["lofi_tiny", "memorised"]
    if not table.loc["lofi_tiny", "best"] > 19:
        return "LoFi hardly denoises yet", OPEN
    measured = f"its PSNR falls by {drop:.2f} dB from its best; own noise is removed {learned:.2f} dB better than other"
    return measured, verdict(drop < 0.3 and learned < 0.5, drop > 0.5 or learned > 3)


@claim("Figures 4, 5", "in the end LoFi is better than every convolutional network")
def best_on_nine_images_in_the_end(tables):
    psnr = _fixed_noise(tables, "lofi_tiny")["last"]
    field, other = psnr["lofi_tiny"], psnr[present(TINY, psnr)].max()
    return f"{field:.2f} dB; best network {other:.2f} dB", verdict(field > other, field < other - 0.5)


@claim("Figure 6", "LoFi maps dark matter as well as convolutional networks")
def dark_matter_maps(tables):
    rmse = tables["mass"].query("split == 'test'").set_index("model")["rmse"]
    require(rmse, "lofi", "unet", "wiener")
    ratio = 100 * (rmse["lofi"] / rmse["unet"] - 1)
    if not rmse["lofi"] < 0.99 * rmse["wiener"]:
        return "LoFi hardly changes the Wiener map yet", OPEN
    return f"RMSE {ratio:+.2f} % of the U-Net's", verdict(ratio < 1, ratio > 3)


def _turned(tables):
    """At edges: clean contrast of the samples over that of the same samples turned, T by T, and standard errors.

    Unlike a comparison with T = 0 it does not change when samples only move closer.
    """
    table = tables["geometry"].set_index("model")
    names = sorted(name for name in table.index if name.removeprefix("lofi_geometry_") in set("123456789"))
    if not names:
        raise NotBuilt("any of lofi_geometry_1 to lofi_geometry_9")
    ratio, error = table["edge_turned"][names], table["edge_turned_se"][names]
    measured = ", ".join(f"T = {name[-1]}: {ratio[name]:.3f} ± {error[name]:.3f}" for name in names)
    return ratio, error, f"contrast at edges over that of turned samples, one training each: {measured}"


@claim("Figure 7", "geometry networks find the relevant information")
def localisation(tables):
    ratio, error, measured = _turned(tables)
    return measured, verdict((ratio < 1 - 2 * error).all(), (ratio > 1 + 2 * error).any())


@claim("Figure 7", "larger T localises more precisely")
def localisation_with_more_steps(tables):
    ratio, error, measured = _turned(tables)
    gap, margin = ratio.iloc[-1] - ratio.iloc[0], 2 * np.hypot(*error.iloc[[0, -1]])
    falls = len(ratio) > 1 and (ratio.diff().dropna() < 0).all()
    return measured, verdict(falls and gap < -margin, gap > margin)


def _transposed(tables, split):
    table = require(tables["warping"].set_index(["experiment", "model"]), "transposed").loc["transposed"]
    psnr = require(table, "inr_lofi", "identity")[f"{split}_psnr"]
    field, other = psnr["inr_lofi"], psnr.drop(["inr_lofi", "identity"]).max()
    measured = f"{field:.1f} dB; best network {other:.1f} dB; as observed {psnr['identity']:.1f} dB"
    return measured, verdict(field > 30 and other < psnr["identity"] + 6, other > field)


for split, where in {"portraits": "in distribution", "instruments": "out of it"}.items():
    sentence = f"INR-LoFi undoes a transpose, convolutional networks do not, {where}"
    claim("Figure 8", sentence)(partial(_transposed, split=split))


@claim("Figure 8", "INR-LoFi learns the change of coordinates")
def coordinates(tables):
    table = require(tables["warping"].set_index(["model", "experiment"]), "inr_lofi")
    learned = table.loc["inr_lofi", "coordinates_rms"]
    measured = ", ".join(f"{name}: {value:.2f} pixels" for name, value in learned.items())
    return f"rms error {measured}", verdict(learned.max() < 1, learned.min() > 5)


def _inpainting(tables, split):
    """The paper compares with nothing; here the field has to beat the best of three fills, picture by picture."""
    rows = tables["inpainting"].query("method == 'lofi_admm' and split == @split").set_index("kept")
    if rows.empty:
        raise NotBuilt(f"lofi_admm, {split}")
    measured = ", ".join(
        f"{kept:.0%} kept: {row['over_classical']:+.2f} dB, better on {row['better_on']:.0f} of {row['pictures']:.0f}"
        for kept, row in rows.iterrows()
    )
    better, gains = rows["better_on"] == rows["pictures"], rows["over_classical"]
    return f"over the best classical fill: {measured}", verdict(better.all() and gains.min() > 0.1, gains.max() < 0)


for split, where in {"portraits": "in distribution", "instruments": "out of distribution"}.items():
    sentence = f"LoFi-ADMM in-paints at 512² with a prior of 128², {where}"
    claim("Figure 9", sentence)(partial(_inpainting, split=split))


@claim("Figure 10", "LoFi-ADMM images visibilities at 128² and, with the same prior, at 512²")
def radio_images(tables):
    snr = tables["radio"].set_index(["inversion", "method"])["snr"]
    require(snr, *itertools.product(("radio_128", "radio_512"), ("lofi_admm", "total_variation")))
    gains = {size: snr[f"radio_{size}", "lofi_admm"] - snr[f"radio_{size}", "total_variation"] for size in (128, 512)}
    measured = ", ".join(f"{size}²: {gain:+.1f} dB" for size, gain in gains.items())
    return f"SNR over total variation {measured}", verdict(min(gains.values()) > 0, max(gains.values()) < 0)


@claim(
    "Table II",
    "the memory that training takes hardly grows with resolution, that of convolutional networks does",
    "128² to 1024²: LoFi 2 to 3 GB; DnCNN 23 to > 80 GB",
)
def memory(tables):
    growth = require(tables["table2_growth"].set_index("model"), "lofi_plain")
    field, others = growth.loc["lofi_plain"], growth.drop(index=[name for name in growth.index if "lofi" in name])
    networks = others["memory_without_images_ratio"] / others["image_ratio"]
    per_pixel = field["memory_without_images_ratio"] / field["image_ratio"]
    measured = (
        f"memory beside the images grows as {per_pixel:.2f} times the pixels, to {field['to_pixels']:.0f}²; that of "
        f"networks as {networks.min():.2f} to {networks.max():.2f} times the pixels, as far as they fit"
    )
    return measured, verdict(per_pixel < 0.1 and networks.min() > 0.5, per_pixel > 0.5)


@claim("Figure S2", "a field denoises at 1024² in and out of distribution")
def high_resolution(tables):
    rows = tables["resolution"]
    gains, over = rows["psnr"] - rows["psnr_noisy"], rows["psnr"] - rows["psnr_blurred"]
    measured = ", ".join(f"{split}: {gain:+.1f} dB" for split, gain in zip(rows["split"], gains, strict=True))
    measured += f"; over the best Gaussian blur: {over.min():+.1f} dB or more"
    return f"at {rows['pixels'][0]}², over the noisy picture {measured}", verdict(over.min() > 0, gains.max() < 0)


@claim("Figure S3", "a shift by 15 pixels costs nothing")
def shift(tables):
    rows = tables["shift"]
    if not (rows["psnr_original"] > rows["psnr_noisy"] + 3).all():
        return "the denoiser hardly denoises yet", OPEN
    loss, difference = (rows["psnr_original"] - rows["psnr_shifted"]).abs().max(), rows["largest_difference"].max()
    measured = f"results differ by {difference:.1g} at most, PSNR by {loss:.3f} dB"
    return measured, verdict(difference < 1e-4, difference > 0.01)


@claim("Figure S4", "a turn by 90° costs little")
def rotation(tables):
    rows = require(tables["rotation"].set_index(["angle", "picture"]), 0, 90)
    if not (rows["psnr"] > rows["psnr_noisy"] + 3).all():
        return "the denoiser hardly denoises yet", OPEN
    loss = rows["psnr"].loc[0] - rows["psnr"].loc[90]
    measured = f"PSNR falls by {loss.mean():.3f} dB on average, {loss.max():.3f} dB at most"
    return measured, verdict(loss.max() < 0.2, loss.mean() > 0.5)


@claim("Figure S5", "the learned filter has a small support in image space")
def filter_support(tables):
    """Of what training changed: the filter begins as a single pixel."""
    radii = require(tables["filter"].set_index("kernel"), "change", "even")["radius_90"]
    measured = (
        f"90 % of what training changed lies within {radii['change']:.1f} pixels, evenly spread {radii['even']:.1f}"
    )
    return measured, verdict(radii["change"] < 5, radii["change"] > 0.5 * radii["even"])
