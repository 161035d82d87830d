"""The page of results: which tables of a run it shows, what their columns are called, and how numbers are printed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workflow.drawing import label
from workflow.gpu_tables import gpu_tables


@dataclass(frozen=True)
class Section:
    """A part of the page. `tables` reads CSV files of a run's folder: {heading: table of words}."""

    title: str
    target: str
    text: str
    tables: Callable[[Path], dict[str, pd.DataFrame]]


def markdown(table: pd.DataFrame) -> str:
    """A table of words in Markdown."""
    lines = [list(table.columns), ["---"] * len(table.columns), *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def number(value: float, form: str, error: float = float("nan")) -> str:
    """A number and its standard error, as `form` (".2f", "+.1f") says; nothing for NaN."""
    sign, digits = ("+", form[1:]) if form.startswith("+") else ("", form)
    if pd.isna(value):
        return ""
    return f"{value:{sign}z{digits}}".replace("-", "−") + ("" if pd.isna(error) else f" ± {error:{digits}}")


def columns(table: pd.DataFrame, wanted: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Columns of a CSV file as words: {name: (heading, format)}; errors are in `{name}_se`, if there is one."""
    shown = {}
    for name, (heading, form) in wanted.items():
        if name not in table:
            continue
        errors = table[f"{name}_se"] if f"{name}_se" in table else [float("nan")] * len(table)
        shown[heading] = (
            [number(value, form, error) for value, error in zip(table[name], errors, strict=True)]
            if form
            else table[name].fillna("").astype(str)
        )
    return pd.DataFrame(shown)


def side_by_side(table: pd.DataFrame, key: str, across: str, wanted: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """One line for each `key`; the `wanted` columns once for each value of `across`, which heads them."""
    keys = list(dict.fromkeys(table[key]))
    parts = [pd.DataFrame({key: keys}).set_index(key)]
    for value, rows in table.groupby(across, sort=False):
        named = {name: (f"{value}: {heading}".removesuffix(": "), form) for name, (heading, form) in wanted.items()}
        parts.append(columns(rows, named).set_axis(rows[key]).reindex(keys))
    return pd.concat(parts, axis=1).fillna("").reset_index()


def mass_table(run: Path) -> pd.DataFrame:
    """Scores of all models on the test maps."""
    scores = pd.read_csv(run / "tables/mass.csv").query("split == 'test'")
    measures = {
        "rmse": ("RMSE", ".5f"),
        "pearson_r": ("r", ".3f"),
        "psnr": ("PSNR [dB]", ".2f"),
        "ssim": ("SSIM", ".3f"),
    }
    table = columns(scores.drop(columns=[name for name in scores if name.endswith("_se")]), measures)
    table.insert(0, "model", scores["model"].map(label).to_list())
    return table


def _mass(run):
    paired = pd.read_csv(run / "tables/mass_paired.csv").query("model != reference")
    errors = paired["rmse_percent_box_se"].fillna(paired["rmse_percent_se"])
    paired = paired.assign(model=paired["model"].map(label), rmse_percent_se=errors)
    return {"Means over the maps of `test`": mass_table(run)} | {
        f"RMSE against {label(reference)}, paired [%]": side_by_side(
            rows, "model", "split", {"rmse_percent": ("", "+.2f")}
        )
        for reference, rows in paired.groupby("reference", sort=False)
    }


def radio_table(run: Path, measures: dict[str, tuple[str, str]] | None = None) -> pd.DataFrame:
    """Scores of all methods, inversion by inversion."""
    measures = measures or {"snr": ("SNR [dB]", ".1f"), "logsnr": ("log SNR [dB]", ".1f")}
    table = side_by_side(pd.read_csv(run / "tables/radio.csv"), "method", "inversion", measures)
    return table.assign(method=table["method"].map(label))


def _radio(run):
    paired = pd.read_csv(run / "tables/radio_paired.csv")
    differences = {"snr": ("SNR [dB]", "+.1f"), "logsnr": ("log SNR [dB]", "+.1f")}
    paired = side_by_side(paired, "method", "inversion", differences)
    others = {"ssim": ("SSIM", ".3f"), "chi2": ("χ²/M", ".3g")}
    seconds = {"seconds": ("", ".2g")}
    return {
        "SNR, and log SNR, which counts faint structure": radio_table(run),
        "LoFi-ADMM minus another method on the same skies": paired.assign(method=paired["method"].map(label)),
        "Similarity, and reduced χ² of the visibilities": radio_table(run, others),
        "Seconds per image": radio_table(run, seconds),
    }


def _denoisers(run):
    table = pd.read_csv(run / "tables/denoisers.csv")
    table = table[table["model"] != "identity"].assign(level=table["level"].map("σ = {:.3g}".format))
    parts = {
        f"Gain over the noisy image [dB], {split}": side_by_side(rows, "model", "level", {"gain": ("", ".2f")})
        for split, rows in table.groupby("split", sort=False)
    }
    return {heading: part.assign(model=part["model"].map(label)) for heading, part in parts.items()}


def _sphere(run):
    scores = pd.read_csv(run / "scores/sphere/sky.csv")
    return {"": side_by_side(scores, "model", "region", {"rmse": ("RMSE", ".5f"), "pearson_r": ("r", ".3f")})}


def _table1(run):
    measured, printed = (pd.read_csv(run / f"tables/{name}.csv") for name in ("table1", "table1_paper"))
    measures = {
        "method": ("method", ""),
        "chest_psnr": ("PSNR [dB], chest", ".2f"),
        "chest_ssim": ("SSIM, chest", ".3f"),
        "brain_psnr": ("PSNR [dB], head", ".2f"),
        "brain_ssim": ("SSIM, head", ".3f"),
    }
    longer = run.parent / "long/tables/length.csv"
    return {
        "Measured; chests are in distribution, heads out of it": columns(measured, measures),
        "What the paper prints, on other slices and with larger networks": columns(printed, measures),
    } | ({"PSNR [dB] after the usual and after longer training": _lengths(longer)} if longer.exists() else {})


def _lengths(path):
    table = pd.read_csv(path).dropna(subset="long_steps")
    measures = {
        "method": ("method", ""),
        "short_steps": ("steps", ".0f"),
        "long_steps": ("longer", ".0f"),
        "short_chest_psnr": ("chest", ".2f"),
        "long_chest_psnr": ("chest, longer", ".2f"),
        "short_brain_psnr": ("head", ".2f"),
        "long_brain_psnr": ("head, longer", ".2f"),
        "brain_best": ("best on heads", ".2f"),
        "brain_best_step": ("at step", ".0f"),
    }
    return columns(table, measures)


def _tiny(run):
    measures = {
        "method": ("network", ""),
        "parameters": ("parameters", ".0f"),
        "best": ("best PSNR [dB]", ".2f"),
        "best_passes": ("after passes", ".0f"),
        "last": ("PSNR in the end [dB]", ".2f"),
        "drop": ("fall from the best [dB]", ".2f"),
        "memorised": ("its own noise is removed better by [dB]", ".2f"),
    }
    table = pd.read_csv(run / "tables/tiny.csv")
    heads = {"fixed": "Every picture keeps its noise", "fresh": "New noise in every step"}
    return {heads[noise]: columns(rows, measures) for noise, rows in table.groupby("noise", sort=False)}


def _table2(run):
    growth = pd.read_csv(run / "tables/table2_growth.csv")
    growth = growth.assign(network=growth["model"].map(label))
    measures = {
        "network": ("network", ""),
        "from_pixels": ("from side [pixels]", ".0f"),
        "to_pixels": ("to side [pixels]", ".0f"),
        "image_ratio": ("pixels grow by", ".0f"),
        "memory_ratio": ("memory grows by", ".2f"),
        "memory_without_images_ratio": ("without the images, by", ".2f"),
        "time_ratio": ("time grows by", ".2f"),
    }
    printed = pd.read_csv(run / "tables/table2_printed.csv", dtype=str).fillna("")
    return {"Peak memory, and time of an epoch": printed, "Growth with resolution": columns(growth, measures)}


def _geometry(run):
    measures = {
        "method": ("model", ""),
        "parameters": ("parameters", ".0f"),
        "portraits_psnr": ("PSNR [dB], portraits", ".2f"),
        "portraits_gain": ("gain over T = 0 [dB], portraits", ".2f"),
        "instruments_gain": ("gain over T = 0 [dB], instruments", ".2f"),
        "edge_relative": ("contrast at edges over that of T = 0", ".3f"),
        "edge_turned": ("over that of turned samples", ".3f"),
    }
    kernels = {
        "kernel": ("filter", ""),
        "energy": ("energy", ".3g"),
        "centre": ("share in one pixel", ".3g"),
        "radius_50": ("half within [pixels]", ".1f"),
        "radius_90": ("90 % within [pixels]", ".1f"),
    }
    return {
        "Scores, and contrast between samples and centre": columns(pd.read_csv(run / "tables/geometry.csv"), measures),
        "The learned filter, what training changed of it, and an even spread": columns(
            pd.read_csv(run / "tables/filter.csv"), kernels
        ),
    }


def _warping(run):
    table = pd.read_csv(run / "tables/warping.csv")
    measures = {"portraits_psnr": ("PSNR [dB], in", ".1f"), "instruments_psnr": ("out", ".1f")}
    places = columns(
        table[table["coordinates_rms"].notna()],
        {
            "experiment": ("pictures are", ""),
            "method": ("network", ""),
            "coordinates_rms": ("error of the learned coordinates [pixels]", ".2f"),
        },
    )
    bare = table.drop(columns=[name for name in table if name.endswith("_se")])
    heading = "In distribution (portraits) and out of it (instruments)"
    return {heading: side_by_side(bare, "method", "experiment", measures), "Learned coordinates": places}


def _inpainting(run):
    pictures = pd.read_csv(run / "tables/inpainting_pictures.csv")
    pictures = pictures.assign(method=pictures["method"].map(label))
    return {
        f"PSNR [dB], {kept:.0%} of the pixels are seen": side_by_side(rows, "method", "picture", {"psnr": ("", ".1f")})
        for kept, rows in pictures.groupby("kept", sort=False)
    } | {
        "Above the best of Delaunay, biharmonic and total variation for the same picture": columns(
            pd.read_csv(run / "tables/inpainting.csv"),
            {
                "kept": ("seen", ".0%"),
                "split": ("pictures", ""),
                "label": ("method", ""),
                "over_classical": ("difference [dB]", "+.2f"),
            },
        )
    }


def _probes(run):
    shift, rotation, resolution, memory = (
        pd.read_csv(run / f"probes/{name}.csv") for name in ("shift", "rotation", "resolution", "resolution_memory")
    )
    turned = rotation.groupby(["split", "angle"], sort=False)[["psnr", "ssim", "psnr_noisy"]].mean().reset_index()
    words, noisy = {"split": ("pictures", ""), "picture": ("picture", "")}, {"psnr_noisy": ("noisy [dB]", ".2f")}
    denoised = {"psnr": ("PSNR [dB]", ".2f"), "ssim": ("SSIM", ".3f")}
    return {
        "Shifted": columns(
            shift,
            words
            | {
                "psnr_original": ("PSNR [dB]", ".2f"),
                "psnr_shifted": ("shifted [dB]", ".2f"),
                "largest_difference": ("largest difference", ".2g"),
            },
        ),
        "Turned, means over pictures": columns(turned, words | {"angle": ("angle [°]", ".0f")} | denoised | noisy),
        "Larger": columns(
            resolution,
            words
            | {"pixels": ("side [pixels]", ".0f")}
            | denoised
            | noisy
            | {"psnr_blurred": ("best Gaussian blur [dB]", ".2f")},
        ),
        "Memory and time of a picture": columns(
            memory,
            {"pixels": ("side [pixels]", ".0f"), "peak_mb": ("peak memory [MB]", ".1f"), "seconds": ("seconds", ".2g")},
        ),
    }


def _verdicts(run):
    return {"": pd.read_csv(run / "tables/verdicts.csv", dtype=str).drop(columns="scale").fillna("")}


def _runtimes(run):
    whole, default = run / "tables/paper_runtimes.csv", run / "tables/runtimes.csv"
    table = pd.read_csv(whole if whole.exists() else default)
    measures = {
        "rule": ("rule", ""),
        "jobs": ("jobs", ".0f"),
        "total_s": ("all jobs [s]", ".0f"),
        "longest_s": ("longest job [s]", ".0f"),
        "peak_mb": ("peak memory [MB]", ".0f"),
    }
    return {"": columns(table, measures)}


SECTIONS = [
    Section(
        "Dark-matter maps",
        "mass",
        "Scores on simulation boxes that nothing was fitted on. RMSE against a reference is paired map by "
        "map; ± is the standard error from the scatter between boxes, or between maps of one box. `survey`: the "
        "same boxes with varying depth, holes and footprints. `gaussian`: Gaussian maps, where the Wiener "
        "filter is optimal and a network trained on other skies must lose. *Wiener + curve* is the Wiener map"
        " passed through E[κ | Wiener], a pointwise curve without a network.",
        _mass,
    ),
    Section(
        "Radio images",
        "radio",
        "Simulated galaxies that no training saw, observed by MeerKAT. `radio_512` has the cell of `radio_128` "
        "and a wider field, `radio_fine` has finer cells. ± is the standard error over skies, after the mean "
        "over noise seeds. Only *TV, λ by the truth* sees the truth. The dirty image is scaled"
        " to fit the visibilities; neither it nor CLEAN is meant to have χ²/M = 1.",
        _radio,
    ),
    Section("Denoisers of radio images", "radio", "Images that no training saw; ± is the standard error.", _denoisers),
    Section(
        "The curved sky",
        "sphere",
        "A survey of a lognormal sky, a stand-in for ray-traced ones, mapped by a field that was trained on "
        "patches of another sky. `docs/sphere.md` explains the method.",
        _sphere,
    ),
    Section(
        "Low-dose CT (Table I)",
        "table1",
        "Simulated slices stand in for the paper's. Networks have about equal numbers of parameters; ± is the"
        " standard error over slices.",
        _table1,
    ),
    Section(
        "Nine training pictures (Figures 4, 5)",
        "fig04 fig05 figS01",
        "PSNR of the test picture while networks of equal size train on nine photographs. *local CNN* is a "
        "control that sees as few pixels as the field. ± is the standard error over trainings.",
        _tiny,
    ),
    Section(
        "Memory of training (Table II)",
        "table2",
        "Each cell is a process of its own, on a processor. `> …` is over the limit of memory or time.",
        _table2,
    ),
    Section(
        "The published networks on a GPU (Table II)",
        "",
        "Measured once by `python benchmarks/gpu.py`, 193 seconds, on another machine than the rest of this page "
        "(`benchmarks/measured/gpu_h200.json`). Epochs are steps alone, without the drawing of images. The paper's "
        "batches are of 64 images, too; what else its times hold is not said. Fields train on 512 pixels of an image "
        "in each of two steps, in bfloat16, the others on whole images.",
        lambda _: gpu_tables(),
    ),
    Section(
        "Where a denoiser takes its samples (Figures 7, S5)",
        "fig07 figS05 geometry_tables",
        "T steps of conditioned geometry; `docs/conventions.md` defines the contrasts (Localisation of "
        "samples). `portraits` are in distribution, `instruments` out of it; ± is the standard error over "
        "crops.",
        _geometry,
    ),
    Section(
        "Changes of coordinates (Figure 8)",
        "fig08 fig08_geometry warping_tables",
        "PSNR over the pixels that are seen. Crops of photographs stand in for the paper's pictures.",
        _warping,
    ),
    Section(
        "In-painting (Figure 9)",
        "fig09 fig09_trace inpainting_tables",
        "A denoiser of small photographs fills in large ones. No method sees the truth. *As published*: the "
        "paper's own setting with the same denoiser.",
        _inpainting,
    ),
    Section(
        "Larger, shifted and turned pictures (Figures S2 to S4)",
        "figS02 figS03 figS04",
        "One denoiser of photographs.",
        _probes,
    ),
    Section(
        "Claims of the paper",
        "paper",
        "*Reproduced* where a claim holds, *contradicted* where the opposite holds beyond the errors, *not at"
        " this scale* where neither can be said.",
        _verdicts,
    ),
    Section(
        "Run times",
        "runtimes",
        "By rule, from the last run of every job; they depend on the machine and on its load.",
        _runtimes,
    ),
]


def page_of(run: Path, facts: dict[str, str]) -> str:
    """The page in Markdown; a section without its tables says how to build them. `facts`: scale, dates and machine."""
    lines = [
        "# Results",
        "",
        "This page is written by the rule `results_page` from the tables of one run. Nothing on it is typed.",
        "Machine, versions and commit are those that wrote this page; earlier jobs of the run may have had others.",
        "",
    ]
    lines += [markdown(pd.DataFrame({"this page": facts.keys(), "": facts.values()})), ""]
    for section in SECTIONS:
        lines += [f"## {section.title}", "", section.text, ""]
        try:
            tables = section.tables(run)
        except FileNotFoundError:
            lines += [f"This run has not built it: `snakemake {section.target} --cores 2`.", ""]
            continue
        for heading, table in tables.items():
            lines += [f"**{heading}**", ""] if heading else []
            lines += [markdown(table), ""]
    return "\n".join(lines).rstrip() + "\n"
