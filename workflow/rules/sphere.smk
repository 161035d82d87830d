# INPUTS   config: experiments.* of the task sphere; results/theory.h5, results/models/{experiment}/{model}
# OUTPUTS  results/spheres/{experiment}/{sky}/{sky,channels,wiener}.h5 and shear.fits, results/data/{experiment}/{split}/*.h5 (patches),
#          results/spheres/{experiment}/test/{model}/{part}.h5 (tiles), results/fits/{experiment}/{maps,zoom}.fits,
#          results/scores/{experiment}/sky*.csv, results/figures/{experiment}*
#
# Skies are named after splits: train and validation give patches, test is mapped.

SPHERES = experiments_of(config, "sphere")


rule sphere:
    """Maps of the sphere: figures, scores, FITS files."""
    input:
        expand(
            "results/figures/{experiment}{kind}",
            experiment=sphere_experiments(config),
            kind=[".png", ".pdf", "_spectra.png", "_spectra.pdf"],
        ),


rule sphere_sky:
    """Simulate one sky."""
    input:
        theory=rules.theory.output.spectra,
    output:
        sky="results/spheres/{experiment}/{sky}/sky.h5",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 2
    resources:
        **alone(maps_mb(config, 12), 60),
    params:
        nside=lookup(dpath="experiments/{experiment}/field/nside", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.sky],
    script:
        "../scripts/sphere_sky.py"


rule sphere_shear:
    """Observe the shear of one sky, with noise."""
    input:
        sky=rules.sphere_sky.output.sky,
    output:
        shear="results/spheres/{experiment}/{sky}/shear.fits",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 2
    resources:
        **alone(maps_mb(config, 14), 60),
    params:
        survey=lookup(dpath="experiments/{experiment}/observation", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.sky],
    script:
        "../scripts/sphere_shear.py"


rule sphere_wiener:
    """Filter the shear of one sky."""
    input:
        sky=rules.sphere_sky.output.sky,
        shear=rules.sphere_shear.output.shear,
    output:
        wiener="results/spheres/{experiment}/{sky}/wiener.h5",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 2
    resources:
        **alone(maps_mb(config, 24), 240),
    script:
        "../scripts/sphere_wiener.py"


rule sphere_channels:
    """Compute what a network sees of one sky."""
    input:
        wiener=rules.sphere_wiener.output.wiener,
        shear=rules.sphere_shear.output.shear,
    output:
        channels="results/spheres/{experiment}/{sky}/channels.h5",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 2
    resources:
        **alone(maps_mb(config, 24), 120),
    params:
        survey=lookup(dpath="experiments/{experiment}/observation", within=config),
    script:
        "../scripts/sphere_channels.py"


rule sphere_patches:
    """Cut patches of one sky to train on."""
    input:
        sky="results/spheres/{experiment}/{split}/sky.h5",
        channels="results/spheres/{experiment}/{split}/channels.h5",
    output:
        data="results/data/{experiment}/{split}/{shard}.h5",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 2
    resources:
        **alone(maps_mb(config, 10), 60),
    params:
        split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
        pixels=lookup(dpath="experiments/{experiment}/field/pixels", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
    script:
        "../scripts/sphere_patches.py"


rule sphere_tiles:
    """Map a part of one sky."""
    input:
        channels=rules.sphere_channels.output.channels,
        weights="results/models/{experiment}/{model}/model.safetensors",
        record="results/models/{experiment}/{model}/model.json",
    output:
        tiles="results/spheres/{experiment}/{sky}/{model}/{part}.h5",
    wildcard_constraints:
        experiment=SPHERES,
    group:
        "reconstructions"
    conda:
        CONDA
    threads: 1
    resources:
        **grouped(maps_mb(config, 12), 120, on_gpu=True),
    params:
        tile_nside=lookup(dpath="experiments/{experiment}/map/tile_nside", within=config),
        parts=lookup(dpath="experiments/{experiment}/map/jobs", within=config, default=1),
        device=config["device"],
    script:
        "../scripts/sphere_tiles.py"


rule sphere_maps:
    """Gather the maps of one sky."""
    input:
        unpack(lambda wildcards: sphere_files(config, wildcards.experiment)),
        parts=lambda wildcards: sphere_parts(config, wildcards.experiment),
    output:
        maps="results/fits/{experiment}/maps.fits",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 2
    resources:
        **alone(maps_mb(config, 24), 60),
    script:
        "../scripts/sphere_maps.py"


rule sphere_zoom:
    """Map one field of one sky in the tangent plane."""
    input:
        unpack(lambda wildcards: sphere_files(config, wildcards.experiment)),
    output:
        fits="results/fits/{experiment}/zoom.fits",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 1
    resources:
        **alone(maps_mb(config, 10), 30),
    params:
        options=lookup(dpath="experiments/{experiment}/zoom", within=config),
    script:
        "../scripts/sphere_zoom.py"


rule sphere_scores:
    """Score the maps of one sky."""
    input:
        maps=rules.sphere_maps.output.maps,
    output:
        scores=reported(
            "results/scores/{experiment}/sky.csv", "sphere_scores", "The sphere", "scores of the sky's maps"
        ),
        spectra="results/scores/{experiment}/sky.spectra.csv",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 2
    resources:
        **alone(maps_mb(config, 24), 60),
    script:
        "../scripts/sphere_scores.py"


rule sphere_figures:
    """Draw the maps of one sky and their spectra."""
    input:
        maps=rules.sphere_maps.output.maps,
        zoom=rules.sphere_zoom.output.fits,
        scores=rules.sphere_scores.output.scores,
        spectra=rules.sphere_scores.output.spectra,
    output:
        png=reported("results/figures/{experiment}.png", "sphere", "The sphere", "the sky, and one field in all maps"),
        pdf="results/figures/{experiment}.pdf",
        spectra_png=reported(
            "results/figures/{experiment}_spectra.png",
            "sphere_spectra",
            "The sphere",
            "spectra and correlation of the sky's maps",
        ),
        spectra_pdf="results/figures/{experiment}_spectra.pdf",
    wildcard_constraints:
        experiment=SPHERES,
    conda:
        CONDA
    threads: 1
    resources:
        **alone(maps_mb(config, 16), 30),
    script:
        "../scripts/figures/sphere_figures.py"
