"""`lofi image` of a Measurement Set: time and memory against pixels and visibilities; writes NAME.csv and NAME.png.

python benchmarks/image_size.py [--prior NAME|FOLDER] [--output NAME] [--large] [--cell SIZE DUMPS…] [--threads T]
                               [--precision fast]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CELLS = [(512, 3), (512, 31)]  # pixels and dumps; a dump is 32 256 visibilities: 10⁵, 10⁶
LARGE = [(1024, 3), (1024, 31), (1024, 310), (2048, 31), (4096, 31), (4096, 310)]
HOURS = 2.0  # before and after the meridian
FREQUENCIES_HZ = [1.3e9 + 4e6 * channel for channel in range(16)]
SOURCES_PER_PIXEL, NOISE_DB = 2e-4, 30.0


def simulate(path, size, dumps):
    """Write MeerKAT's Measurement Set of Gaussian sources all over a field of `size` pixels, with the w-term."""
    import numpy as np

    from lofi.radio.beam import Beam
    from lofi.radio.coverage import ARCSEC, synthesis
    from lofi.radio.gridding import default_cell
    from lofi.radio.telescopes.telescope import telescope
    from lofi.radio.wide_field import WideFieldOperator
    from simulations.measurement_set import write_measurement_set
    from simulations.receiver_noise import add_noise, sigma_from_snr

    coverage = synthesis(telescope("meerkat"), -45.0, (-HOURS, HOURS), 7200 * HOURS / dumps, FREQUENCIES_HZ)
    cell = default_cell(np.hypot(coverage.u, coverage.v).max()) * ARCSEC
    rng, sky = np.random.default_rng(1), np.zeros((size, size))
    for _ in range(max(int(SOURCES_PER_PIXEL * size**2), 1)):
        width = rng.uniform(2, 20)
        row, column = rng.integers(0.05 * size, 0.95 * size, 2)
        reach = int(2 * width)
        rows, columns = (slice(max(place - reach, 0), place + reach) for place in (row, column))
        y, x = np.mgrid[rows, columns][:, : size - rows.start, : size - columns.start]
        source = Beam(width, width * rng.uniform(0.3, 1), rng.uniform(-90, 90))
        sky[rows, columns] += rng.lognormal(0, 1.5) / source.area * source.at(x - column, y - row)
    uvw = np.stack([coverage.u, coverage.v, coverage.w]).reshape(3, len(FREQUENCIES_HZ), -1).swapaxes(1, 2)
    frequency = np.broadcast_to(FREQUENCIES_HZ, uvw.shape[1:]).ravel()  # rows of channels are gridded faster
    operator = WideFieldOperator(*uvw.reshape(3, -1), frequency, sky.shape, cell)
    noiseless = operator.forward(sky).reshape(uvw.shape[1:]).T.ravel()
    sigma = sigma_from_snr(noiseless, NOISE_DB)
    write_measurement_set(
        path,
        coverage,
        add_noise(noiseless, sigma, rng),
        sigma,
        right_ascension_deg=40.0,
        channel_hz=4e6,
        name=f"{size} pixels",
    )
    return len(noiseless)


def measure(size, dumps, prior, threads, precision):
    """Seconds, peak memory and χ²/M of the command on one Measurement Set; each in a process of its own."""
    point = {"pixels": size, "threads": threads, "precision": precision, "load": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        path, output = f"{folder}/observation.ms", f"{folder}/image"
        made = _child([__file__, "--simulate", path, "--cell", size, dumps])
        point["visibilities"] = int(made["output"])
        command = ["-m", "lofi.cli", "image", path, "--prior", prior, "--output", output, "--size", size]
        done = _child([*command, "--threads", threads, "--primary-beam", "none", "--precision", precision])
    chi2 = next(line for line in done.pop("errors").splitlines() if "chi2/M" in line)
    del done["output"]
    return point | done | {"chi2": float(chi2.partition("chi2/M ")[2].split()[0])}


def _child(arguments):
    """What a Python process prints, and its wall and processor seconds and peak memory; RuntimeError where it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)  # of this child alone
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0), errors.seek(0)
        words = {"output": output.read(), "errors": errors.read()}
    if process.returncode:
        raise RuntimeError(words["errors"].strip().splitlines()[-1] if words["errors"] else f"{process.returncode}")
    numbers = {"wall_s": time.perf_counter() - start, "cpu_s": usage.ru_utime + usage.ru_stime}
    return (
        words
        | {name: round(value, 1) for name, value in numbers.items()}
        | {"peak_gb": round(usage.ru_maxrss / 2**20, 2)}
    )


def plot(table, path):
    """Processor seconds and peak memory against pixels of a side, a line for each number of visibilities."""
    import numpy as np
    from matplotlib.ticker import LogLocator, ScalarFormatter

    from lofi.drawing.style import save, style

    plt = style()
    figure, axes = plt.subplots(1, 2, figsize=(6.5, 2.6), layout="constrained")
    for count, points in table.sort_values("pixels").groupby("visibilities"):
        for axis, column in zip(axes, ("cpu_s", "peak_gb"), strict=True):
            axis.loglog(points["pixels"], points[column], "o-", label=f"$10^{round(np.log10(count))}$ visibilities")
    sizes = sorted(table["pixels"].unique())
    for axis in axes:
        axis.set_xticks(sizes, sizes)
        axis.minorticks_off()
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(ScalarFormatter())
    axes[0].set(xlabel="pixels of a side", ylabel="processor seconds")
    axes[1].set(xlabel="pixels of a side", ylabel="peak memory [GB]")
    axes[0].legend()
    save(figure, [Path(path)])


def main():
    """All points, or one; the table grows by a line for each."""
    import pandas as pd

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prior", default="radio", help="denoiser")
    parser.add_argument("--output", default="image_size", metavar="NAME")
    parser.add_argument("--large", action="store_true", help="also up to 4096 pixels and 10^7 visibilities: hours")
    point = "a point, may be given several times; a dump: 32256 visibilities"
    parser.add_argument("--cell", type=int, nargs=2, action="append", metavar=("SIZE", "DUMPS"), help=point)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="exact", help="exact or fast")
    parser.add_argument("--simulate", metavar="MS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.simulate:
        print(simulate(options.simulate, *options.cell[0]))
        return
    cells = options.cell or CELLS + LARGE * options.large
    rows = []
    for size, dumps in cells:
        rows.append(measure(size, dumps, options.prior, options.threads, options.precision))
        print(rows[-1], file=sys.stderr)
        pd.DataFrame(rows).to_csv(f"{options.output}.csv", index=False)
    plot(pd.DataFrame(rows), f"{options.output}.png")


if __name__ == "__main__":
    main()
