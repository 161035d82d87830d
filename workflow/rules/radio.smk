# INPUTS   config: inversions.*, methods.*; results/models/{prior}/{denoiser}
# OUTPUTS  results/inversions/{inversion}/observation.h5, results/inversions/{inversion}/{method}/{part}.{h5,trace.csv}
#
# The inversions that take longest, those with a network (`invert_with_prior`), are not left for the end.


rule visibilities:
    input:
        lambda wildcards: own_files(config, wildcards.inversion),
    output:
        "results/inversions/{inversion}/observation.h5",
    log:
        "results/logs/visibilities/{inversion}.log",
    benchmark:
        "results/benchmarks/visibilities/{inversion}.tsv"
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
        inversion=lookup(dpath="inversions/{inversion}", within=config),
        name=lambda wildcards: [config["seed"], "radio", wildcards.inversion],
        seed=config["seed"],
        code=fingerprint("simulations.visibilities"),
    script:
        "../scripts/visibilities.py"


rule invert:
    input:
        unpack(lambda wildcards: prior_files(config, wildcards.inversion, wildcards.method)),
        observation=rules.visibilities.output[0],
    output:
        images="results/inversions/{inversion}/{method}/{part}.h5",
        trace="results/inversions/{inversion}/{method}/{part}.trace.csv",
    log:
        "results/logs/invert/{inversion}.{method}.{part}.log",
    benchmark:
        "results/benchmarks/invert/{inversion}.{method}.{part}.tsv"
    wildcard_constraints:
        method=methods_of(config, with_prior=False),
    group:
        "inversions"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(120),
    params:
        folder=lambda wildcards, input: input.get("weights", "").rpartition("/")[0],
        method=lookup(dpath="methods/{method}", within=config),
        parts=lookup(dpath="inversions/{inversion}/jobs", within=config, default=1),
        name=lambda wildcards: [config["seed"], "radio", wildcards.inversion, wildcards.method],
        device=config["device"],
        code=fingerprint("lofi.io.checkpoint", "simulations.radio_observation", "workflow.methods"),
    script:
        "../scripts/invert.py"


use rule invert as invert_with_prior with:
    wildcard_constraints:
        method=methods_of(config, with_prior=True),
    priority: 4
