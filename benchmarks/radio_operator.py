"""What does the normal operator of an interferometer cost: a pair of non-uniform FFTs, or one convolution?"""

from measure import interleaved, main

HOUR = {30_240: 240.0, 241_920: 30.0, 967_680: 7.5}  # visibilities of MeerKAT in one hour: seconds per dump
CELLS = [{"visibilities": count, "size": size} for count in HOUR for size in (128, 256, 512)]
CELL_ARCSEC = 2.0
UPSAMPLINGS = (2.0, 1.9, 1.4)  # 2 is what finufft chooses


def measure(visibilities, size, repeats=20):
    """Milliseconds of `A* W A` both ways in single precision, and the errors against eps = 1e-12.

    Ratios of times: finufft with its usual upsampling, and with the fastest one here, to the convolution.
    """
    import numpy as np
    import torch

    from lofi.radio.coverage import radians_per_pixel, synthesis
    from lofi.radio.operator import VisibilityOperator
    from lofi.radio.telescopes.telescope import telescope
    from lofi.solvers.convolution import Convolution

    torch.set_num_threads(1)
    coverage = synthesis(telescope("meerkat"), -30.0, (-0.5, 0.5), HOUR[visibilities], 1.4e9)
    points = radians_per_pixel(coverage, CELL_ARCSEC)
    weights = np.full(len(coverage.u), 1 / len(coverage.u), dtype=np.float32)
    image = np.random.default_rng(1).random((size, size), dtype=np.float32)
    exact = VisibilityOperator(*points, (size, size), eps=1e-12)
    reference = exact.dirty(exact.forward(image), weights)

    def pair(upsampling):
        nufft = VisibilityOperator(*points, (size, size), eps=1e-5, dtype=np.float32, upsampling=upsampling)
        return lambda: nufft.adjoint(weights * nufft.forward(image))

    convolution, tensor = Convolution(exact.psf(weights)), torch.from_numpy(image)
    calls = {f"nufft {upsampling}": pair(upsampling) for upsampling in UPSAMPLINGS}
    calls["convolution"] = lambda: convolution(tensor).numpy()
    times = interleaved(calls, repeats)
    nuffts = [times[name] for name in calls if name != "convolution"]
    return {
        "visibilities": len(coverage.u),
        "size": size,
        "milliseconds": {name: round(1e3 * value, 3) for name, value in times.items()},
        "ratio_default": round(times["nufft 2.0"] / times["convolution"], 1),
        "ratio_fastest": round(min(nuffts) / times["convolution"], 1),
        "error": {name: float(f"{_relative(call(), reference):.1e}") for name, call in calls.items()},
    }


def _relative(found, expected):
    return float(((found - expected) ** 2).sum() / (expected**2).sum()) ** 0.5


if __name__ == "__main__":
    main(__file__, measure, CELLS)
