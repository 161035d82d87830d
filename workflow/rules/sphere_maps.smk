# INPUTS   results/spheres/{experiment}/test/*, results/models/{experiment}/{model}; config: experiments.*.{map, zoom}
# OUTPUTS  results/spheres/{experiment}/test/{model}/{part}.h5 (tiles), results/fits/{experiment}/{maps,zoom}.fits,
#          results/scores/{experiment}/sky*.csv, results/figures/{experiment}*


rule sphere_tiles:
    input:
        channels=rules.sphere_channels.output[0],
        weights="results/models/{experiment}/{model}/model.safetensors",
        record="results/models/{experiment}/{model}/model.json",
    output:
        "results/spheres/{experiment}/{sky}/{model}/{part}.h5",
    log:
        "results/logs/sphere_tiles/{experiment}.{sky}.{model}.{part}.log",
    benchmark:
        "results/benchmarks/sphere_tiles/{experiment}.{sky}.{model}.{part}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    group:
        "reconstructions"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        in_turn=1,
        mem_mb=growing(maps_mb(config, 12)),
        runtime=growing(120),
    params:
        folder=subpath(input.weights, parent=True),
        options=lookup(dpath="experiments/{experiment}/map", within=config),
        device=config["device"],
        code=fingerprint("lofi.sphere.mapping", "workflow.shards"),
    script:
        "../scripts/sphere/tiles.py"


rule sphere_maps:
    input:
        unpack(lambda wildcards: sphere_files(config, wildcards.experiment)),
        parts=lambda wildcards: sphere_parts(config, wildcards.experiment),
    output:
        "results/fits/{experiment}/maps.fits",
    log:
        "results/logs/sphere_maps/{experiment}.log",
    benchmark:
        "results/benchmarks/sphere_maps/{experiment}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 2
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 24)),
        runtime=growing(60),
    params:
        folder=subpath(input.weights, parent=True),
        code=fingerprint("lofi.sphere.products"),
    script:
        "../scripts/sphere/gather.py"


rule sphere_zoom:
    input:
        unpack(lambda wildcards: sphere_files(config, wildcards.experiment)),
    output:
        "results/fits/{experiment}/zoom.fits",
    log:
        "results/logs/sphere_zoom/{experiment}.log",
    benchmark:
        "results/benchmarks/sphere_zoom/{experiment}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 10)),
        runtime=growing(30),
    params:
        folder=subpath(input.weights, parent=True),
        zoom=lookup(dpath="experiments/{experiment}/zoom", within=config),
        code=fingerprint("lofi.sphere.products"),
    script:
        "../scripts/sphere/zoom.py"


rule sphere_scores:
    input:
        rules.sphere_maps.output[0],
    output:
        scores=report(
            "results/scores/{experiment}/sky.csv",
            caption="../report/sphere_scores.rst",
            category="The sphere",
            labels={"shows": "scores of the sky's maps"},
        ),
        spectra="results/scores/{experiment}/sky.spectra.csv",
    log:
        "results/logs/sphere_scores/{experiment}.log",
    benchmark:
        "results/benchmarks/sphere_scores/{experiment}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 2
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 24)),
        runtime=growing(60),
    params:
        code=fingerprint("simulations.sphere.scores", "lofi.io.healpix"),
    script:
        "../scripts/sphere/score.py"


rule sphere_figures:
    input:
        maps=rules.sphere_maps.output[0],
        zoom=rules.sphere_zoom.output[0],
        scores=rules.sphere_scores.output.scores,
        spectra=rules.sphere_scores.output.spectra,
    output:
        report(
            "results/figures/{experiment}.png",
            caption="../report/sphere.rst",
            category="The sphere",
            labels={"shows": "the sky, and one field in all maps"},
        ),
        "results/figures/{experiment}.pdf",
        report(
            "results/figures/{experiment}_spectra.png",
            caption="../report/sphere_spectra.rst",
            category="The sphere",
            labels={"shows": "spectra and correlation of the sky's maps"},
        ),
        "results/figures/{experiment}_spectra.pdf",
    log:
        "results/logs/sphere_figures/{experiment}.log",
    benchmark:
        "results/benchmarks/sphere_figures/{experiment}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "sphere"),
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        mem_mb=growing(maps_mb(config, 16)),
        runtime=growing(30),
    params:
        code=fingerprint("lofi.drawing.sphere", "lofi.io.healpix"),
    script:
        "../scripts/figures/sphere.py"


rule sphere:
    input:
        expand(rules.sphere_figures.output, experiment=sphere_experiments(config)),
