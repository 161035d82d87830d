# INPUTS   config: experiments.* of the task sphere, sources; theory.h5, models/{experiment}/{model}
# OUTPUTS  nbody/{source}/particles{box}.h5 if a sky is made of boxes,
#          spheres/{experiment}/{sky}/{sky,channels,wiener}.h5 and shear.fits, data/{experiment}/{split}/*.h5 (patches),
#          spheres/{experiment}/test/{model}/{part}.h5 (tiles), fits/{experiment}/{maps,zoom}.fits,
#          scores/{experiment}/sky*.csv, figures/{experiment}*
#
# Skies are named after splits: train and validation give patches, test is mapped. They are log-normal, or of N-body boxes.

SPHERES = experiments_of(config, "sphere")


rule sphere:
    """Maps of the sphere: figures, scores, FITS files."""
    input:
        expand(
            "figures/{experiment}{kind}",
            experiment=sphere_experiments(config),
            kind=[".png", ".pdf", "_spectra.png", "_spectra.pdf"],
        ),


rule nbody_particles:
    """Simulate one box of dark matter and keep its particles."""
    input:
        theory=lambda wildcards: theory_file(config, wildcards.source),
    output:
        particles="nbody/{source}/particles{box}.h5",
    resources:
        **alone(1500, 30),
    params:
        settings=lookup(dpath="sources/{source}/box", within=config),
        name=lambda wildcards: [config["seed"], wildcards.source, "box", wildcards.box],
    script:
        "../scripts/nbody_particles.py"


rule sphere_sky:
    """Simulate one sky."""
    input:
        theory=lambda wildcards: sky_theory(config, **wildcards),
        particles=lambda wildcards: particle_files(config, **wildcards),
    output:
        sky="spheres/{experiment}/{sky}/sky.h5",
    wildcard_constraints:
        experiment=SPHERES,
    threads: 2
    resources:
        **alone(maps_mb(config, 12), 60),
    params:
        nside=lookup(dpath="experiments/{experiment}/field/nside", within=config),
        source=lambda wildcards: sky_source(config, **wildcards),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.sky],
    script:
        "../scripts/sphere_sky.py"


rule sphere_shear:
    """Observe the shear of one sky, with noise."""
    input:
        sky=rules.sphere_sky.output.sky,
    output:
        shear="spheres/{experiment}/{sky}/shear.fits",
    wildcard_constraints:
        experiment=SPHERES,
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
        wiener="spheres/{experiment}/{sky}/wiener.h5",
    wildcard_constraints:
        experiment=SPHERES,
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
        channels="spheres/{experiment}/{sky}/channels.h5",
    wildcard_constraints:
        experiment=SPHERES,
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
        sky="spheres/{experiment}/{split}/sky.h5",
        channels="spheres/{experiment}/{split}/channels.h5",
    output:
        data="data/{experiment}/{split}/{shard}.h5",
    wildcard_constraints:
        experiment=SPHERES,
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
        weights="models/{experiment}/{model}/model.safetensors",
        record="models/{experiment}/{model}/model.json",
    output:
        tiles="spheres/{experiment}/{sky}/{model}/{part}.h5",
    wildcard_constraints:
        experiment=SPHERES,
    group:
        "reconstructions"
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
        maps="fits/{experiment}/maps.fits",
    wildcard_constraints:
        experiment=SPHERES,
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
        fits="fits/{experiment}/zoom.fits",
    wildcard_constraints:
        experiment=SPHERES,
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
        scores=reported("scores/{experiment}/sky.csv", "sphere_scores", "The sphere", "scores of the sky's maps"),
        spectra="scores/{experiment}/sky.spectra.csv",
    wildcard_constraints:
        experiment=SPHERES,
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
        png=reported("figures/{experiment}.png", "sphere", "The sphere", "the sky, and one field in all maps"),
        pdf="figures/{experiment}.pdf",
        spectra_png=reported(
            "figures/{experiment}_spectra.png",
            "sphere_spectra",
            "The sphere",
            "spectra and correlation of the sky's maps",
        ),
        spectra_pdf="figures/{experiment}_spectra.pdf",
    wildcard_constraints:
        experiment=SPHERES,
    resources:
        **alone(maps_mb(config, 16), 30),
    script:
        "../scripts/figures/sphere_figures.py"
