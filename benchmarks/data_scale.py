"""Do training throughput and memory depend on the number of maps and of shards? Random maps of 128² pixels, on disk."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from measure import forget_peak, fresh, model_of, peak_mb, seconds_of
from training_step import stepper

SIZE, OBJECTS = 128, 16
DRAWS, STEPS, READS = 12, 5, 1000
ROUNDS = 2
CELLS = [(maps, shards) for maps in (100, 1000, 5000, 20_000) for shards in (1, 10, 100)]
COLUMNS = {
    "growth_mb": "growth [MB]",
    "open_ms": "open [ms]",
    "warm_us": "read, cached [µs]",
    "cold_us": "read, from disk [µs]",
    "draw_ms": "draw [ms]",
    "step_ms": "step [ms]",
    "objects_per_s": "objects/s",
}


def write_shards(folder, maps, shards):
    """Random maps in shards as the workflow writes them."""
    import numpy as np

    from lofi.io import hdf5
    from workflow.shards import bounds, names

    rng = np.random.default_rng(0)
    for number, name in enumerate(names(shards)):
        first, stop = bounds(maps, shards, number)
        images = 0.02 * rng.standard_normal((stop - first, SIZE, SIZE), dtype=np.float32)
        hdf5.write(Path(folder, f"{name}.h5"), {"shard": {"images": [first, maps]}}, images=images)


def measure(folder):
    """One cell: draws of `OBJECTS` observations and training steps of the compact model, as training makes them.

    Memory: growth of the peak from before the data were opened. Draws and steps: least processor time of a call.
    """
    import numpy as np
    import torch

    from lofi.data.lensing import LensingObservation
    from lofi.io.stack import Stack

    paths = sorted(Path(folder).glob("*.h5"))
    network, observation, rng = model_of("compact", SIZE), LensingObservation(0.03), np.random.default_rng(1)
    drop_from_cache(paths)
    forget_peak()
    before = peak_mb()
    start = time.perf_counter()
    images = Stack(paths, "images")
    opened = time.perf_counter() - start
    drop_from_cache(paths)
    chosen = rng.choice(len(images), min(READS, len(images)), replace=False)
    start = time.perf_counter()
    for number in chosen:
        images[number]
    cold = (time.perf_counter() - start) / len(chosen)
    start = time.process_time()
    for number in chosen:
        images[number]
    warm = (time.process_time() - start) / len(chosen)
    draws, steps = [], []
    for number in range(DRAWS):
        start = time.process_time()
        chosen = rng.integers(len(images), size=OBJECTS)
        batch = [torch.from_numpy(part) for part in observation.observe_many(images, chosen, "benchmark", number)]
        draws.append(time.process_time() - start)
        if number < STEPS:
            steps.append(seconds_of(stepper(network, batch, microbatch=4)))
    draw, step = min(draws), min(steps)
    return {
        "growth_mb": peak_mb() - before,
        "open_ms": 1e3 * opened,
        "warm_us": 1e6 * warm,
        "cold_us": 1e6 * cold,
        "draw_ms": 1e3 * draw,
        "step_ms": 1e3 * step,
        "objects_per_s": OBJECTS / (draw + step),
    }


def drop_from_cache(paths):
    """Ask the system to forget what it holds of these files in memory (Linux)."""
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def table(results):
    """Lines of a table in Markdown: the best of the rounds; the median of what a disk may disturb."""
    from statistics import median

    yield "| maps | shards | " + " | ".join(COLUMNS.values()) + " |"
    yield "| --- " * (len(COLUMNS) + 2) + "|"
    for (maps, shards), rounds in results.items():
        values = []
        for name in COLUMNS:
            own = [result[name] for result in rounds]
            best = {"objects_per_s": max, "cold_us": median, "open_ms": median}.get(name, min)
            values.append(f"{best(own):.3g}" if name != "growth_mb" else f"{max(own):.0f}")
        yield f"| {maps} | {shards} | " + " | ".join(values) + " |"


def main():
    """One cell, given as JSON argument, or all of them, round by round, each in a fresh process."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(**json.loads(sys.argv[1]))))
        return
    results = {cell: [] for cell in CELLS}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", ".")) as folder:
        for maps, shards in CELLS:
            write_shards(Path(folder, f"{maps}.{shards}"), maps, shards)
        for _ in range(ROUNDS):
            for (maps, shards), rounds in results.items():
                rounds.append(fresh(__file__, {"folder": str(Path(folder, f"{maps}.{shards}"))}))
                print(json.dumps(rounds[-1]), file=sys.stderr)
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
