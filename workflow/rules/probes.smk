# INPUTS   config: sources, probes.*; models/{experiment}/{model} of their checkpoints
# OUTPUTS  probes/{shift,rotation,resolution}*.{h5,csv}, figures/{figS02,figS03,figS04}.*


probe("shift", "shifted pictures", scores=("shift.csv", "shift by 15 pixels: scores"))
probe("rotation", "turned pictures", scores=("rotation.csv", "rotations: scores"))
probe(
    "resolution",
    "large pictures",
    scores=("resolution.csv", "large pictures: scores"),
    memory=("resolution_memory.csv", "large pictures: peak memory"),
)

figure(
    "figS03",
    "Probes of the denoiser",
    "Figure S3: a shifted picture",
    mb=1500,
    panels=rules.probe_shift.output.panels,
    scores=rules.probe_shift.output.scores,
)

figure(
    "figS04",
    "Probes of the denoiser",
    "Figure S4: turned pictures",
    mb=1500,
    panels=rules.probe_rotation.output.panels,
    scores=rules.probe_rotation.output.scores,
)

figure(
    "figS02",
    "Probes of the denoiser",
    "Figure S2: pictures of 1024²",
    mb=1500,
    panels=rules.probe_resolution.output.panels,
    scores=rules.probe_resolution.output.scores,
    memory=rules.probe_resolution.output.memory,
)
