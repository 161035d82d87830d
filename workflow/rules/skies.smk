# INPUTS   config: cosmology, sources, experiments.*.{field, splits, observation}
# OUTPUTS  theory.h5 and nbody/{source}.theory.h5, nbody/*, maps/{experiment}/{split}/{shard}.h5 (convergence or pictures),
#          data/{experiment}/{split}/{shard}.h5 (observed channels and truth)


rule theory:
    """Compute the spectra of the cosmology."""
    output:
        spectra="theory.h5",
    resources:
        **alone(1500, 10),
    params:
        cosmology=config["cosmology"],
        source_redshift=config["source_redshift"],
    script:
        "../scripts/theory.py"


use rule theory as source_theory with:
    output:
        spectra="nbody/{source}.theory.h5",
    params:
        cosmology=config["cosmology"],
        source_redshift=lookup(dpath="sources/{source}/redshift", within=config),


rule nbody_box:
    """Simulate one box of dark matter."""
    input:
        theory=lambda wildcards: theory_file(config, wildcards.source),
    output:
        planes="nbody/{source}/box{box}.h5",
    resources:
        **alone(1500, 30),
    params:
        settings=lookup(dpath="sources/{source}/box", within=config),
        name=lambda wildcards: [config["seed"], wildcards.source, "box", wildcards.box],
    script:
        "../scripts/nbody_box.py"


rule transfer:
    """Fit the small-scale power that the boxes lack."""
    input:
        theory=lambda wildcards: split_theory(config, wildcards.experiment, "train"),
        boxes=lambda wildcards: box_files(config, wildcards.experiment, "train"),
    output:
        transfers="nbody/{experiment}.transfer.h5",
    resources:
        **alone(2500, 30),
    params:
        field=lookup(dpath="experiments/{experiment}/field", within=config),
        margin=lookup(dpath="experiments/{experiment}/observation/cutout_margin", within=config, default=0),
        maps=160,
        name=lambda wildcards: [config["seed"], wildcards.experiment],
    script:
        "../scripts/transfer.py"


rule maps:
    """Make convergence maps for one split."""
    input:
        unpack(lambda wildcards: map_inputs(config, **wildcards)),
        theory=lambda wildcards: split_theory(config, wildcards.experiment, wildcards.split),
    output:
        maps="maps/{experiment}/{split}/{shard}.h5",
    wildcard_constraints:
        experiment=experiments_of(config, "lensing"),
    group:
        "simulations"
    resources:
        **grouped(2500, 60),
    params:
        split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
        source=lambda wildcards: split_source(config, wildcards.experiment, wildcards.split),
        field=lookup(dpath="experiments/{experiment}/field", within=config),
        margin=lookup(dpath="experiments/{experiment}/observation/cutout_margin", within=config, default=0),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
    script:
        "../scripts/maps.py"


images("slices", ["tomography"], 2000, 30)
images("photographs", ["photography"], 1000, 5)
images("pictures", ["denoising", "warping"], 2000, 30, order=5)


rule observe:
    """Observe the images of one split, with noise."""
    input:
        maps="maps/{experiment}/{split}/{shard}.h5",
    output:
        data="data/{experiment}/{split}/{shard}.h5",
    priority: 5
    group:
        "simulations"
    resources:
        **grouped(2000, 20),
    params:
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        depth=lookup(dpath="experiments/{experiment}/splits/{split}/depth", within=config, default={}),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
    script:
        "../scripts/observe.py"
