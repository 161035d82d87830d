"""Convergence maps of one split."""

from lofi.io import hdf5
from simulations.images.sources import analytic_maps, ktng_maps, nbody_maps
from simulations.theory import Theory
from workflow.job import job


def maps(*, theory, boxes, transfers, output, source, split, field, margin, name):
    pixel_arcmin = field["extent_arcmin"] / field["pixels"]
    shape = (field["pixels"] + 2 * margin,) * 2
    count = split["maps"]
    spectra = Theory.load(theory)
    if source["kind"] == "nbody":
        kappa, box = nbody_maps(boxes, split["boxes"], transfers, shape, pixel_arcmin, count, name)
    elif source["kind"] == "ktng":
        if margin:
            raise ValueError("κTNG maps end at 5 degrees: cutout_margin must be 0 with a ktng source")
        redshift = spectra.source_redshift
        kappa, box = ktng_maps(source, split["lens_planes"], field["pixels"], pixel_arcmin, redshift, count)
    else:
        kappa, box = analytic_maps(source["kind"], spectra, shape, pixel_arcmin, count, name)
    record = {
        "source": source,
        "simulated": True,
        "description": "kappaTNG (Osato et al. 2021)"
        if source["kind"] == "ktng"
        else f"stand-in for kappaTNG: {source['kind']}",
        "split": split,
        "pixel_arcmin": pixel_arcmin,
        "margin": margin,
        "box": box.tolist(),
        "seed": list(name),
    }
    hdf5.write(output, record, images=kappa)


with job(snakemake):
    maps(
        theory=snakemake.input.theory,
        boxes=snakemake.input.get("boxes", []),
        transfers=snakemake.input.get("transfers"),
        output=snakemake.output[0],
        source=snakemake.params.source,
        split=snakemake.params.split,
        field=snakemake.params.field,
        margin=snakemake.params.margin,
        name=snakemake.params.name,
    )
