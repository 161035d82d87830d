# INPUTS   config: observations.*, a shear catalogue or map, results/models/{experiment}/{model}
# OUTPUTS  results/observations/{observation}/kappa.fits, maps.png


rule observations:
    input:
        expand(
            "results/observations/{observation}/{file}",
            observation=config["build"]["observations"],
            file=["kappa.fits", "maps.png"],
        ),


rule mock_catalogue:
    input:
        lambda wildcards: "results/maps/{experiment}/{split}.h5".format(
            **config["observations"][wildcards.observation]["simulated"]
        ),
    output:
        "results/observations/{observation}/catalogue.fits",
    log:
        "results/logs/mock_catalogue/{observation}.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        simulated=lookup(dpath="observations/{observation}/simulated", within=config),
        observation=lambda wildcards: simulated_experiment(config, wildcards.observation)["observation"],
        name=lambda wildcards: [config["seed"], wildcards.observation, "catalogue"],
        code=fingerprint("simulations.mock_catalogue"),
    script:
        "../scripts/mock_catalogue.py"


rule map_observation:
    input:
        unpack(lambda wildcards: checkpoint_files(config, wildcards.observation)),
        shear=lookup(dpath="observations/{observation}/file", within=config),
    output:
        maps="results/observations/{observation}/kappa.fits",
        figure=report(
            "results/observations/{observation}/maps.png",
            caption="../report/observation.rst",
            category="Observations",
            labels={"observation": "{observation}"},
        ),
    log:
        "results/logs/map_observation/{observation}.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=20,
    params:
        options=lookup(dpath="observations/{observation}", within=config),
        folder=subpath(input.weights, parent=True),
        code=fingerprint("workflow.observing"),
    script:
        "../scripts/map_observation.py"
