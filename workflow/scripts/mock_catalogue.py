"""A shear catalogue made from one simulated map, in place of a user's own."""

from pathlib import Path

from lofi.data.lensing import cut_out
from lofi.io.atomic import replacing
from lofi.io.stack import Stack
from lofi.lensing.shape_noise import ellipticity_dispersion_per_component
from lofi.seeds import stream
from simulations.mock_catalogue import mock_catalogue as make
from workflow.job import run


def mock_catalogue(
    *, maps: list[Path], catalogue: Path, number: int, holes: int, observation: dict, name: list
) -> None:
    """`maps`: the shards of a split."""
    kappa = Stack(maps, "images")
    record = kappa.record
    if not 0 <= number < len(kappa):
        folder = kappa.paths[0].parent
        raise ValueError(f"{folder} has maps 0 to {len(kappa) - 1}; the observation asks for map {number}")
    dispersion = ellipticity_dispersion_per_component(**observation["ellipticity_dispersion"])
    density = observation["galaxy_density"]
    field = cut_out(kappa[number], record["margin"])
    table = make(field, record["pixel_arcmin"], density, dispersion, holes, stream(*name))
    table.meta |= {"SIMULATD": True, "SKY": f"map {number} of {'/'.join(map(str, record['seed']))}"}
    with replacing(catalogue) as temporary:
        table.write(temporary, format="fits")


if __name__ == "__main__":
    run(snakemake, mock_catalogue)
