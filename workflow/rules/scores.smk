# INPUTS   data/{experiment}/{split}/{shard}.h5, models/{experiment}/{model}
# OUTPUTS  reconstructions/{experiment}/{model}/{part}.h5, scores/{experiment}/{model}*.csv


rule reconstruct:
    """Reconstruct the images of one experiment with one model."""
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        weights="models/{experiment}/{model}/model.safetensors",
        record="models/{experiment}/{model}/model.json",
    output:
        reconstruction="reconstructions/{experiment}/{model}/{part}.h5",
    group:
        "reconstructions"
    resources:
        **grouped(3000, 60, on_gpu=True),
    params:
        parts=lookup(dpath="experiments/{experiment}/jobs", within=config, default=1),
        device=config["device"],
    script:
        "../scripts/reconstruct.py"


score("score", "dark-matter maps", ["lensing"], spectra="scores/{experiment}/{model}.spectra.csv")
score("score_denoising", "denoised images", ["denoising"])
score(
    "score_pictures",
    "pictures",
    ["tomography", "photography", "warping"],
    params={"experiment": lambda wildcards: observed_experiment(config, wildcards.experiment)},
)
