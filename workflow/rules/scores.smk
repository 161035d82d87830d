# INPUTS   results/data/{experiment}/*.h5, results/models/{experiment}/{model}
# OUTPUTS  results/reconstructions/{experiment}/{model}.h5, results/scores/{experiment}/{model}*.csv


rule reconstruct:
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        weights=rules.train.output.weights,
        record=rules.train.output.record,
    output:
        "results/reconstructions/{experiment}/{model}.h5",
    log:
        "results/logs/reconstruct/{experiment}.{model}.log",
    benchmark:
        "results/benchmarks/reconstruct/{experiment}.{model}.tsv"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        folder=subpath(input.weights, parent=True),
        device=config["device"],
        code=fingerprint("lofi.checkpoint"),
    script:
        "../scripts/reconstruct.py"


rule score:
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        reconstructions=rules.reconstruct.output[0],
    output:
        scores="results/scores/{experiment}/{model}.csv",
        spectra="results/scores/{experiment}/{model}.spectra.csv",
    log:
        "results/logs/score/{experiment}.{model}.log",
    wildcard_constraints:
        experiment=experiments_of(config, "lensing"),
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=fingerprint("lofi.metrics"),
    script:
        "../scripts/score.py"
