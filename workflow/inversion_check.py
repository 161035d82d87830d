"""Radio inversions and their figures against the rest of the configuration."""

from workflow.schema_check import known


def check_inversion(config, name, inversion):
    """ValueError, one sentence, if an inversion names what does not exist, or was trained on its own skies."""
    where = f"inversions.{name}"
    denoising = denoising_experiments(config)
    if inversion["prior"] in set(config["experiments"]).difference(denoising):
        raise ValueError(
            f"configuration, {where}.prior: {inversion['prior']} is no experiment of denoising; expected one of "
            f"{', '.join(denoising)}"
        )
    known(inversion["prior"], denoising, f"{where}.prior")
    for method in inversion["methods"]:
        known(method, config["methods"], f"{where}.methods")
        model = config["methods"][method].get("model")
        if model is not None:
            known(model, config["experiments"][inversion["prior"]]["models"], f"methods.{method}.model")
    known(inversion["export"]["method"], inversion["methods"], f"{where}.export")
    if "telescope" in inversion["coverage"] and "cell_arcsec" not in inversion:
        raise ValueError(f"configuration, {where}: a coverage of a telescope needs cell_arcsec")
    if "peak_jy" in inversion["noise"] and "telescope" not in inversion["coverage"]:
        raise ValueError(
            f"configuration, {where}: noise from the telescope (peak_jy) needs a coverage of a telescope, not of a file"
        )
    if "peak_jy" in inversion["noise"] and "bandwidth_hz" not in inversion["coverage"]:
        raise ValueError(f"configuration, {where}: noise from the telescope (peak_jy) needs coverage.bandwidth_hz")
    problems = count_skies(inversion) * inversion["noise_seeds"]
    if inversion.get("jobs", 1) > problems:
        raise ValueError(
            f"configuration, {where}.jobs: {inversion['jobs']} jobs for {problems} images with noise; expected at most "
            "one job for each"
        )
    _check_skies(config, where, inversion)


def denoising_experiments(config):
    """Names of the experiments that train denoisers."""
    return [name for name, experiment in config["experiments"].items() if experiment["task"] == "denoising"]


def count_skies(inversion):
    """How many true skies an inversion has."""
    first, last = inversion["sky"].get("numbers", (0, inversion["sky"].get("images", 1) - 1))
    return last - first + 1


def _check_skies(config, where, inversion):
    """Pictures that are skies are not what the prior was trained or validated on."""
    sky, splits = inversion["sky"], config["experiments"][inversion["prior"]]["splits"]
    for name in ("train", "validation"):
        if "pictures" not in sky or config["sources"][splits[name]["source"]].get("path") != sky["pictures"]:
            continue
        (first, last), (low, high) = sky["numbers"], splits[name]["pictures"]
        if max(first, low) <= min(last, high):
            raise ValueError(
                f"configuration, {where}.sky: picture {max(first, low)} of {sky['pictures']} is in the split {name} of "
                f"the prior {inversion['prior']}; they must differ"
            )


def check_radio_figures(config):
    """ValueError, one sentence, if a figure of radio images shows what is not there."""
    for name in ("fig10", "radio_fine"):
        figure = config["figures"][name]
        for inversion in figure["inversions"]:
            known(inversion, config["inversions"], f"figures.{name}.inversions")
            for method in figure["methods"]:
                known(method, config["inversions"][inversion]["methods"], f"figures.{name}.methods")
            skies = count_skies(config["inversions"][inversion])
            if figure["image"] >= skies:
                raise ValueError(f"configuration, figures.{name}: {inversion} has skies 0 to {skies - 1} only")
