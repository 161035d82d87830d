# INPUTS   config: observations.*, a user's shear or visibilities, models/{experiment}/{model}
# OUTPUTS  observations/{observation}/: shear: kappa.fits, maps.png, of bins of redshift with edges
#          {kappa,maps}-bin*.{fits,png}; catalogues: null_tests.{csv,html}; of several files: plan.json and
#          sums/{number}.npz while they are binned;
#          visibilities: image-{dirty,psf,model,residual,image}.fits, image-{components,trace}.csv, image.png;
#          image-{alpha,alpha-error}.fits where the entry says spectrum: index; image-{pb,image-pb,noise-pb}.fits where it
#          names a primary beam; image-alpha-pb.fits with both; image-{error,lo68,hi68,lo90,hi90,image-error}.fits with
#          replicas and priors that have an error field

from workflow import imaging
from workflow.binning import files_of_parts, is_by_file
from workflow.configuration.observations import is_catalogue, is_radio
from workflow.tomography import by_bins

RADIO = [name for name, options in config["observations"].items() if is_radio(options)]
SHEAR = [name for name in config["observations"] if name not in RADIO]
CATALOGUES = [name for name in SHEAR if is_catalogue(config["observations"][name])]
BY_FILE = [name for name in SHEAR if is_by_file(config["observations"][name])]


rule observations:
    """Maps and images of all observations that are built."""
    input:
        expand(
            "observations/{observation}/{file}",
            observation=[name for name in config["build"]["observations"] if name in SHEAR],
            file=["kappa.fits", "maps.png"],
        ),
        expand(
            "observations/{observation}/null_tests.csv",
            observation=[name for name in config["build"]["observations"] if name in CATALOGUES],
        ),
        imaging.image_files(config["observations"], [name for name in config["build"]["observations"] if name in RADIO]),


rule mock_catalogue:
    """Simulate a shear catalogue."""
    input:
        maps=lambda wildcards: simulated_maps(config, wildcards.observation),
    output:
        catalogue="observations/{observation}/catalogue.fits",
    group:
        "simulations"
    resources:
        **grouped(1000, 5),
    params:
        number=lookup(dpath="observations/{observation}/simulated/map", within=config),
        holes=lookup(dpath="observations/{observation}/simulated/holes", within=config, default=0),
        observation=lambda wildcards: simulated_experiment(config, wildcards.observation)["observation"],
        name=lambda wildcards: [config["seed"], wildcards.observation, "catalogue"],
    script:
        "../scripts/mock_catalogue.py"


rule plan_binning:
    """Check and calibrate a catalogue of several files, and lay out its field."""
    input:
        unpack(lambda wildcards: checkpoint_files(config, wildcards.observation)),
        shear=lookup(dpath="observations/{observation}/file", within=config),
        mask=lookup(dpath="observations/{observation}/mask", within=config, default=[]),
    output:
        plan=temp("observations/{observation}/plan.json"),
    wildcard_constraints:
        observation=named(BY_FILE),
    resources:
        **alone(1500, 60),
    params:
        options=lookup(dpath="observations/{observation}", within=config),
        code=fingerprint("workflow.scripts.plan_binning"),
    script:
        "../scripts/plan_binning.py"


rule bin_file:
    """Sum the galaxies of one file of a catalogue in the pixels of its field."""
    input:
        plan="observations/{observation}/plan.json",
        shear=lambda wildcards: config["observations"][wildcards.observation]["file"][int(wildcards.number)],
        mask=lookup(dpath="observations/{observation}/mask", within=config, default=[]),
    output:
        sums=temp("observations/{observation}/sums/{number}.npz"),
    wildcard_constraints:
        observation=named(BY_FILE),
        number=r"\d+",
    resources:
        **alone(1500, 20),
    params:
        options=lookup(dpath="observations/{observation}", within=config),
        code=fingerprint("workflow.scripts.bin_file"),
    script:
        "../scripts/bin_file.py"


# One rule for each number of bins of redshift.
for bins, same in by_bins(config["observations"], SHEAR).items():

    rule:
        name:
            f"map_observation_{bins}_bins" if bins else "map_observation"
        input:
            unpack(lambda wildcards: checkpoint_files(config, wildcards.observation)),
            unpack(lambda wildcards: files_of_parts(config, wildcards.observation)),
            shear=lookup(dpath="observations/{observation}/file", within=config),
            mask=lookup(dpath="observations/{observation}/mask", within=config, default=[]),
            nz=lookup(dpath="observations/{observation}/nz", within=config, default=[]),
        output:
            maps="observations/{observation}/kappa.fits",
            figure=reported("observations/{observation}/maps.png", "observation", "Observations", "{observation}"),
            images=[
                *(f"observations/{{observation}}/kappa-bin{number}.fits" for number in range(1, bins + 1)),
                *(
                    reported(
                        f"observations/{{observation}}/maps-bin{number}.png",
                        "observation",
                        "Observations",
                        f"{{observation}}, bin {number}",
                    )
                    for number in range(1, bins + 1)
                ),
            ],
        wildcard_constraints:
            observation=named(same),
        resources:
            **alone(3000, 20, on_gpu=True),
        params:
            options=lookup(dpath="observations/{observation}", within=config),
            code=fingerprint("workflow.scripts.map_observation", without=["lofi.drawing"]),
        message:
            "Map the dark matter of one observation."
        script:
            "../scripts/map_observation.py"


rule null_tests:
    """Run the null tests of one shear catalogue."""
    input:
        shear=lookup(dpath="observations/{observation}/file", within=config),
    output:
        table="observations/{observation}/null_tests.csv",
        page=reported(
            "observations/{observation}/null_tests.html", "null_tests", "Observations", "{observation}: null tests"
        ),
    wildcard_constraints:
        observation=named(CATALOGUES),
    resources:
        **alone(3000, 20),
    params:
        options=lookup(dpath="observations/{observation}", within=config),
    script:
        "../scripts/null_tests.py"


rule mock_visibilities:
    """Write simulated visibilities as a user's file."""
    input:
        observation=lambda wildcards: "inversions/{inversion}/observation.h5".format(
            **config["observations"][wildcards.observation]["simulated"]
        ),
    output:
        npz="observations/{observation}/visibilities.npz",
    group:
        "simulations"
    resources:
        **grouped(1000, 5),
    params:
        number=lookup(dpath="observations/{observation}/simulated/image", within=config),
    script:
        "../scripts/mock_visibilities.py"


# One rule for each set of images that entries ask for.
for kinds, same in imaging.by_kinds(config["observations"], RADIO).items():

    rule:
        name:
            "_".join(["image_observation", *kinds])
        input:
            unpack(lambda wildcards: checkpoint_files(config, wildcards.observation)),
            visibilities=lookup(dpath="observations/{observation}/file", within=config),
            mask=lookup(dpath="observations/{observation}/mask", within=config, default=[]),
        output:
            images=[f"observations/{{observation}}/image-{name}.fits" for name in imaging.images(kinds)],
            components="observations/{observation}/image-components.csv",
            trace="observations/{observation}/image-trace.csv",
            figure=reported("observations/{observation}/image.png", "image", "Observations", "{observation}"),
        wildcard_constraints:
            observation="|".join(same) or "(?!)",
        resources:
            **alone(
                lambda wildcards: imaging.image_mb(config["observations"][wildcards.observation]),
                lambda wildcards: imaging.image_minutes(config["observations"][wildcards.observation]),
                on_gpu=True,
            ),
        params:
            options=lookup(dpath="observations/{observation}", within=config),
            prefix=subpath(output.trace, strip_suffix="-trace.csv"),
            code=fingerprint("workflow.scripts.image_observation", without=["lofi.drawing"]),
        message:
            "Image the visibilities of one observation."
        script:
            "../scripts/image_observation.py"
