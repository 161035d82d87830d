# INPUTS   config: experiments.* of the task sphere; results/theory.h5
# OUTPUTS  results/spheres/{experiment}/{sky}/{sky,channels,wiener}.h5 and shear.fits, results/data/{experiment}/{split}/*.h5 (patches)
#
# Skies are named after splits: train and validation give patches, test is mapped.


rule sphere_sky:
    input:
        theory=rules.theory.output[0],
    output:
        "results/spheres/{experiment}/{sky}/sky.h5",
    log:
        "results/logs/sphere_sky/{experiment}.{sky}.log",
    benchmark:
        "results/benchmarks/sphere_sky/{experiment}.{sky}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 2
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 12)),
        runtime=growing(60),
    params:
        nside=lookup(dpath="experiments/{experiment}/field/nside", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.sky],
        code=fingerprint("simulations.theory", "simulations.sphere.lognormal", "simulations.sphere.observation"),
    script:
        "../scripts/sphere/sky.py"


rule sphere_shear:
    input:
        sky=rules.sphere_sky.output[0],
    output:
        "results/spheres/{experiment}/{sky}/shear.fits",
    log:
        "results/logs/sphere_shear/{experiment}.{sky}.log",
    benchmark:
        "results/benchmarks/sphere_shear/{experiment}.{sky}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 2
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 14)),
        runtime=growing(60),
    params:
        survey=lookup(dpath="experiments/{experiment}/observation", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.sky],
        code=fingerprint(
            "simulations.sphere.survey",
            "simulations.sphere.observation",
            "lofi.sphere.shear_map",
            "lofi.io.healpix",
        ),
    script:
        "../scripts/sphere/shear.py"


rule sphere_wiener:
    input:
        sky=rules.sphere_sky.output[0],
        shear=rules.sphere_shear.output[0],
    output:
        "results/spheres/{experiment}/{sky}/wiener.h5",
    log:
        "results/logs/sphere_wiener/{experiment}.{sky}.log",
    benchmark:
        "results/benchmarks/sphere_wiener/{experiment}.{sky}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 2
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 24)),
        runtime=growing(240),
    params:
        code=fingerprint("lofi.sphere.filters", "simulations.sphere.observation", "lofi.sphere.shear_map"),
    script:
        "../scripts/sphere/wiener.py"


rule sphere_channels:
    input:
        wiener=rules.sphere_wiener.output[0],
        shear=rules.sphere_shear.output[0],
    output:
        "results/spheres/{experiment}/{sky}/channels.h5",
    log:
        "results/logs/sphere_channels/{experiment}.{sky}.log",
    benchmark:
        "results/benchmarks/sphere_channels/{experiment}.{sky}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 2
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 24)),
        runtime=growing(120),
    params:
        survey=lookup(dpath="experiments/{experiment}/observation", within=config),
        code=fingerprint("simulations.sphere.observation", "lofi.sphere.shear_map", "simulations.sphere.survey"),
    script:
        "../scripts/sphere/channels.py"


rule sphere_patches:
    input:
        sky="results/spheres/{experiment}/{split}/sky.h5",
        channels="results/spheres/{experiment}/{split}/channels.h5",
    output:
        "results/data/{experiment}/{split}/{shard}.h5",
    log:
        "results/logs/sphere_patches/{experiment}.{split}.{shard}.log",
    benchmark:
        "results/benchmarks/sphere_patches/{experiment}.{split}.{shard}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 2
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 10)),
        runtime=growing(60),
    params:
        split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
        pixels=lookup(dpath="experiments/{experiment}/field/pixels", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
        code=fingerprint("simulations.sphere.observation", "workflow.shards"),
    script:
        "../scripts/sphere/patches.py"
