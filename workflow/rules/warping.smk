# INPUTS   config: experiments.*.{observation, models, figure} of the task warping; results/{data,models,reconstructions,scores}
# OUTPUTS  results/coordinates/{experiment}/{model}.*, results/tables/warping.*, results/figures/{fig08,fig08_geometry}.*


rule learned_coordinates:
    input:
        weights="results/models/{experiment}/{model}/model.safetensors",
        record="results/models/{experiment}/{model}/model.json",
    output:
        maps="results/coordinates/{experiment}/{model}.h5",
        errors="results/coordinates/{experiment}/{model}.csv",
    log:
        "results/logs/learned_coordinates/{experiment}.{model}.log",
    benchmark:
        "results/benchmarks/learned_coordinates/{experiment}.{model}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "warping"),
    group:
        "scores"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1500),
        runtime=growing(5),
    params:
        folder=subpath(input.weights, parent=True),
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        code=fingerprint("lofi.io.checkpoint", "simulations.tasks"),
    script:
        "../scripts/learned_coordinates.py"


rule warping_tables:
    input:
        scores=[path for name in warped_experiments(config) for path in score_files(config, name)],
        coordinates=coordinate_files(config),
    output:
        page=report(
            "results/tables/warping.html",
            caption="../report/warping.rst",
            category="Changes of coordinates",
            labels={"shows": "changes of coordinates: the table"},
        ),
        summary=report(
            "results/tables/warping.csv",
            caption="../report/warping.rst",
            category="Changes of coordinates",
            labels={"shows": "changes of coordinates: all scores"},
        ),
        latex="results/tables/warping.tex",
    log:
        "results/logs/warping_tables.log",
    benchmark:
        "results/benchmarks/warping_tables.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        code=fingerprint("workflow.score_tables"),
    script:
        "../scripts/tables/warping.py"


rule fig08:
    input:
        data=evaluation_files(config, "transposed"),
        reconstructions=reconstruction_files(
            config, "transposed", *config["experiments"]["transposed"]["figure"]["models"]
        ),
        scores=score_files(config, "transposed"),
    output:
        report(
            "results/figures/fig08.png",
            caption="../report/fig08.rst",
            category="Changes of coordinates",
            labels={"shows": "Figure 8: transposed pictures"},
        ),
        "results/figures/fig08.pdf",
    log:
        "results/logs/fig08.log",
    benchmark:
        "results/benchmarks/fig08.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        figure=config["experiments"]["transposed"]["figure"],
    script:
        "../scripts/figures/fig08.py"


rule fig08_geometry:
    input:
        data=[path for name in warped_experiments(config) for path in drawn_files(config, name)],
        reconstructions=[
            path for name in warped_experiments(config) for path in reconstruction_files(config, name, "inr_lofi")
        ],
        scores=expand(
            "results/scores/{experiment}/{model}.csv",
            experiment=warped_experiments(config),
            model=["identity", "inr_lofi"],
        ),
        maps=expand("results/coordinates/{experiment}/inr_lofi.h5", experiment=warped_experiments(config)),
    output:
        report(
            "results/figures/fig08_geometry.png",
            caption="../report/fig08_geometry.rst",
            category="Changes of coordinates",
            labels={"shows": "the learned coordinates"},
        ),
        "results/figures/fig08_geometry.pdf",
    log:
        "results/logs/fig08_geometry.log",
    benchmark:
        "results/benchmarks/fig08_geometry.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        figures={name: config["experiments"][name]["figure"] for name in warped_experiments(config)},
    script:
        "../scripts/figures/fig08_geometry.py"
