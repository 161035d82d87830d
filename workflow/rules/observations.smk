# INPUTS   config: observations.*, a user's shear or visibilities, results/models/{experiment}/{model}
# OUTPUTS  results/observations/{observation}/: shear: kappa.fits, maps.png;
#          visibilities: image-{dirty,psf,model,residual,image}.fits, image-trace.csv, image.png

from workflow.configuration import is_radio

RADIO = [name for name, options in config["observations"].items() if is_radio(options)]
SHEAR = [name for name in config["observations"] if name not in RADIO]
IMAGES = ["dirty", "psf", "model", "residual", "image"]


rule observations:
    input:
        expand(
            "results/observations/{observation}/{file}",
            observation=[name for name in config["build"]["observations"] if name in SHEAR],
            file=["kappa.fits", "maps.png"],
        ),
        expand(
            "results/observations/{observation}/{file}",
            observation=[name for name in config["build"]["observations"] if name in RADIO],
            file=[*(f"image-{name}.fits" for name in IMAGES), "image.png"],
        ),


rule mock_catalogue:
    input:
        lambda wildcards: simulated_maps(config, wildcards.observation),
    output:
        "results/observations/{observation}/catalogue.fits",
    log:
        "results/logs/mock_catalogue/{observation}.log",
    benchmark:
        "results/benchmarks/mock_catalogue/{observation}.tsv"
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
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
            labels={"shows": "{observation}"},
        ),
    log:
        "results/logs/map_observation/{observation}.log",
    benchmark:
        "results/benchmarks/map_observation/{observation}.tsv"
    wildcard_constraints:
        observation="|".join(SHEAR) or "(?!)",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        mem_mb=growing(3000),
        runtime=growing(20),
    params:
        options=lookup(dpath="observations/{observation}", within=config),
        folder=subpath(input.weights, parent=True),
        code=fingerprint("lofi.lensing.observing"),
    script:
        "../scripts/map_observation.py"


rule mock_visibilities:
    input:
        lambda wildcards: "results/inversions/{inversion}/observation.h5".format(
            **config["observations"][wildcards.observation]["simulated"]
        ),
    output:
        "results/observations/{observation}/visibilities.npz",
    log:
        "results/logs/mock_visibilities/{observation}.log",
    benchmark:
        "results/benchmarks/mock_visibilities/{observation}.tsv"
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        image=lookup(dpath="observations/{observation}/simulated/image", within=config),
        code=fingerprint("lofi.radio.visibilities.npz"),
    script:
        "../scripts/mock_visibilities.py"


rule image_observation:
    input:
        unpack(lambda wildcards: checkpoint_files(config, wildcards.observation)),
        visibilities=lookup(dpath="observations/{observation}/file", within=config),
    output:
        images=[f"results/observations/{{observation}}/image-{name}.fits" for name in IMAGES],
        trace="results/observations/{observation}/image-trace.csv",
        figure=report(
            "results/observations/{observation}/image.png",
            caption="../report/image.rst",
            category="Observations",
            labels={"shows": "{observation}"},
        ),
    log:
        "results/logs/image_observation/{observation}.log",
    benchmark:
        "results/benchmarks/image_observation/{observation}.tsv"
    wildcard_constraints:
        observation="|".join(RADIO) or "(?!)",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        mem_mb=growing(3000),
        runtime=growing(60),
    params:
        options=lookup(dpath="observations/{observation}", within=config),
        folder=subpath(input.weights, parent=True),
        prefix=subpath(output.trace, strip_suffix="-trace.csv"),
        code=fingerprint("lofi.radio.imaging"),
    script:
        "../scripts/image_observation.py"
