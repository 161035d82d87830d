# INPUTS   config: sources, inpaintings.*; models/{prior}/{denoiser}
# OUTPUTS  inpaintings/{inpainting}/problem.h5, inpaintings/{inpainting}/{fill}.{h5,csv,trace.csv},
#          tables/inpainting.*, figures/{fig09,fig09_trace}.*

FILLED = config["figures"]["fig09"]
PROBLEM = "inpaintings/{inpainting}/problem.h5"


rule inpainting_problem:
    """Hide a part of the pixels of pictures."""
    input:
        own=lambda wildcards: picture_files(config, config["inpaintings"][wildcards.inpainting]["pictures"]),
    output:
        problem=PROBLEM,
    group:
        "simulations"
    resources:
        **grouped(1000, 5),
    params:
        inpainting=lookup(dpath="inpaintings/{inpainting}", within=config),
        sources=lambda wildcards: picture_sources(config, config["inpaintings"][wildcards.inpainting]["pictures"]),
        name=lambda wildcards: [config["seed"], "inpainting", wildcards.inpainting],
    script:
        "../scripts/inpainting_problem.py"


rule inpaint:
    """Fill in the hidden pixels by one method."""
    input:
        unpack(lambda wildcards: fill_prior_files(config, wildcards.inpainting, wildcards.fill)),
        problem=PROBLEM,
    output:
        images="inpaintings/{inpainting}/{fill}.h5",
        trace="inpaintings/{inpainting}/{fill}.trace.csv",
    group:
        "inversions"
    resources:
        **grouped(3000, 120, on_gpu=True),
    params:
        method=lookup(dpath="inpaintings/{inpainting}/methods/{fill}", within=config),
        name=lambda wildcards: [config["seed"], "inpainting", wildcards.inpainting, wildcards.fill],
        device=config["device"],
    script:
        "../scripts/inpaint.py"


rule score_inpainting:
    """Score the pictures that one method filled in."""
    input:
        problem=PROBLEM,
        images=rules.inpaint.output.images,
    output:
        scores="inpaintings/{inpainting}/{fill}.csv",
    group:
        "scores"
    resources:
        **grouped(1000, 5),
    script:
        "../scripts/score_inpainting.py"


tables(
    "inpainting_tables",
    "In-painting",
    "the tables of in-painting",
    {
        "page": ("inpainting.html", "inpainting", "in-painting: the table"),
        "summary": ("inpainting.csv", "inpainting", "in-painting: all scores"),
        "pictures": "inpainting_pictures.csv",
        "latex": "inpainting.tex",
    },
    scores=inpainting_files(config, "csv"),
)

figure(
    "fig09",
    "In-painting",
    "Figure 9: in-painted pictures",
    mb=1500,
    problems=expand(PROBLEM, inpainting=FILLED["inpaintings"]),
    images=inpainting_files(config, "h5", FILLED["methods"], FILLED["inpaintings"]),
    scores=inpainting_files(config, "csv", FILLED["methods"], FILLED["inpaintings"]),
    params={
        "methods": FILLED["methods"],
        "splits": list(config["inpaintings"][FILLED["inpaintings"][0]]["pictures"]),
    },
)

figure(
    "fig09_trace",
    "In-painting",
    "PSNR against iteration",
    problems=expand(PROBLEM, inpainting=config["inpaintings"]),
    traces=inpainting_files(config, "trace.csv", FILLED["traces"]),
    scores=inpainting_files(config, "csv", ["biharmonic"]),
    params={"methods": FILLED["traces"]},
)
