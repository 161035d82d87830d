"""Simulate one sky and its visibilities as a Measurement Set."""

from pathlib import Path

from lofi.io import hdf5
from simulations.measurement_set import write_measurement_set
from simulations.wide_band import simulate_wide_band
from workflow.job import run

RIGHT_ASCENSION = 0.0  # degrees, invented


def measurement_set(*, visibilities: Path, truth: Path, options: dict, sky: int, name: list, seed: str) -> None:
    """`truth`: HDF5 of the sky at the mean frequency and of its spectral index."""
    simulated, coverage, values, sigma = simulate_wide_band(options, sky, name, seed)
    write_measurement_set(
        visibilities,
        coverage,
        values,
        sigma,
        right_ascension_deg=RIGHT_ASCENSION,
        channel_hz=options["coverage"]["bandwidth_hz"],
        name=f"{name[-1]} {sky}",
    )
    record = {"reference_hz": simulated.reference_hz, "frequencies_hz": simulated.frequencies_hz}
    hdf5.write(truth, record, reference=simulated.reference, alpha=simulated.alpha)


if __name__ == "__main__":
    run(snakemake, measurement_set)
