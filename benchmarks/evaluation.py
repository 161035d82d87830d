"""Does evaluating a field need memory that grows with the image? Time and peak memory against image size."""

from measure import forget_peak, interleaved, main, model_of, observations, peak_mb, seconds_of

CELLS = [
    *({"model": model, "size": 128, "tiles": [256, 512, 1024, 2048, 4096]} for model in ("compact", "paper")),
    *({"model": "compact", "size": size} for size in (128, 256, 512, 1024, 2048)),
    *({"model": "paper", "size": size} for size in (128, 512, 1024)),
    *({"model": "paper+filter", "size": size} for size in (128, 512)),
]


def measure(model, size, tiles=()):
    """One image through the field alone; inputs of the field are made before the clock starts."""
    network = model_of(model, size)
    stack, _ = network.inputs(observations(size, 1)[0])
    network.network.evaluate(stack[..., :16, :16])  # libraries loaded
    if tiles:
        times = interleaved({tile: lambda t=tile: network.network.evaluate(stack, tile=t) for tile in tiles}, 4)
        return {"microseconds_per_pixel": {tile: round(1e6 * value / size**2, 2) for tile, value in times.items()}}
    forget_peak()
    before = peak_mb()
    seconds = seconds_of(lambda: network.network.evaluate(stack))
    return {
        "seconds": round(seconds, 3),
        "microseconds_per_pixel": round(1e6 * seconds / size**2, 2),
        "growth_mb": round(peak_mb() - before, 1),
        "one_image_mb": round(4 * size**2 / 2**20, 1),
    }


if __name__ == "__main__":
    main(__file__, measure, CELLS)
