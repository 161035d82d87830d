# INPUTS   results/data/{experiment}/{split}/{shard}.h5, results/models/{experiment}/{model}
# OUTPUTS  results/reconstructions/{experiment}/{model}/{part}.h5, results/scores/{experiment}/{model}*.csv


rule reconstruct:
    """Reconstruct the images of one experiment with one model."""
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        weights="results/models/{experiment}/{model}/model.safetensors",
        record="results/models/{experiment}/{model}/model.json",
    output:
        reconstruction="results/reconstructions/{experiment}/{model}/{part}.h5",
    group:
        "reconstructions"
    conda:
        CONDA
    threads: 1
    resources:
        **grouped(3000, 60, on_gpu=True),
    params:
        parts=lookup(dpath="experiments/{experiment}/jobs", within=config, default=1),
        device=config["device"],
    script:
        "../scripts/reconstruct.py"


score("score", "dark-matter maps", ["lensing"], spectra="results/scores/{experiment}/{model}.spectra.csv")
score("score_denoising", "denoised images", ["denoising"])
score(
    "score_pictures",
    "pictures",
    ["tomography", "photography", "warping"],
    params={"experiment": lambda wildcards: observed_experiment(config, wildcards.experiment)},
)
