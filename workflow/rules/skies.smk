# INPUTS   config: cosmology, sources, experiments.*.{field, splits, observation}
# OUTPUTS  results/theory.h5, results/nbody/*, results/maps/{experiment}/{split}/{shard}.h5 (convergence or pictures),
#          results/data/{experiment}/{split}/{shard}.h5 (observed channels and truth)


rule theory:
    output:
        "results/theory.h5",
    log:
        "results/logs/theory.log",
    benchmark:
        "results/benchmarks/theory.tsv"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        cosmology=config["cosmology"],
        source_redshift=config["source_redshift"],
        code=fingerprint("simulations.theory"),
    script:
        "../scripts/theory.py"


rule nbody_box:
    input:
        theory=rules.theory.output[0],
    output:
        "results/nbody/{source}/box{box}.h5",
    log:
        "results/logs/nbody_box/{source}.{box}.log",
    benchmark:
        "results/benchmarks/nbody_box/{source}.{box}.tsv"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        settings=lookup(dpath="sources/{source}/box", within=config),
        name=lambda wildcards: [config["seed"], wildcards.source, "box", wildcards.box],
        code=fingerprint("simulations.images.nbody.planes"),
    script:
        "../scripts/nbody_box.py"


rule transfer:
    input:
        theory=rules.theory.output[0],
        boxes=lambda wildcards: box_files(config, wildcards.experiment, "train"),
    output:
        "results/nbody/{experiment}.transfer.h5",
    log:
        "results/logs/transfer/{experiment}.log",
    benchmark:
        "results/benchmarks/transfer/{experiment}.tsv"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        mem_mb=growing(2500),
        runtime=growing(30),
    params:
        field=lookup(dpath="experiments/{experiment}/field", within=config),
        margin=lookup(dpath="experiments/{experiment}/observation/cutout_margin", within=config, default=0),
        maps=160,
        name=lambda wildcards: [config["seed"], wildcards.experiment],
        code=fingerprint("simulations.images.nbody.transfer", "simulations.images.nbody.born"),
    script:
        "../scripts/transfer.py"


rule maps:
    input:
        unpack(lambda wildcards: map_inputs(config, **wildcards)),
        theory=rules.theory.output[0],
    output:
        "results/maps/{experiment}/{split}/{shard}.h5",
    log:
        "results/logs/maps/{experiment}.{split}.{shard}.log",
    benchmark:
        "results/benchmarks/maps/{experiment}.{split}.{shard}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "lensing"),
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2500),
        runtime=growing(60),
    params:
        split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
        source=lambda wildcards: split_source(config, wildcards.experiment, wildcards.split),
        field=lookup(dpath="experiments/{experiment}/field", within=config),
        margin=lookup(dpath="experiments/{experiment}/observation/cutout_margin", within=config, default=0),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
        code=fingerprint("simulations.images.sources", "workflow.shards"),
    script:
        "../scripts/maps.py"


rule pictures:
    input:
        lambda wildcards: source_files(config, wildcards.experiment, wildcards.split),
    output:
        "results/maps/{experiment}/{split}/{shard}.h5",
    log:
        "results/logs/pictures/{experiment}.{split}.{shard}.log",
    benchmark:
        "results/benchmarks/pictures/{experiment}.{split}.{shard}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "denoising", "warping"),
    priority: 5
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
        source=lambda wildcards: split_source(config, wildcards.experiment, wildcards.split),
        field=lookup(dpath="experiments/{experiment}/field", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
        code=fingerprint(
            "simulations.images.dynamic_range",
            "simulations.images.galaxies",
            "simulations.images.photographs",
            "simulations.images.pictures",
            "simulations.images.pictures_cleaning",
            "workflow.shards",
        ),
    script:
        "../scripts/pictures.py"


rule observe:
    input:
        "results/maps/{experiment}/{split}/{shard}.h5",
    output:
        "results/data/{experiment}/{split}/{shard}.h5",
    log:
        "results/logs/observe/{experiment}.{split}.{shard}.log",
    benchmark:
        "results/benchmarks/observe/{experiment}.{split}.{shard}.tsv"
    priority: 5
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(20),
    params:
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        depth=lookup(dpath="experiments/{experiment}/splits/{split}/depth", within=config, default={}),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
        code=fingerprint("simulations.tasks"),
    script:
        "../scripts/observe.py"
