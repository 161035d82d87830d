"""How are a field's layers fastest: all chunks at once, chunk by chunk, or with weights packed for oneDNN?"""

from measure import interleaved, main
from plain import operations, pair_of, peak_product

TILES = (256, 512, 1024, 2048, 4096)
CELLS = [{"model": model, "pixels": 8192, "repeats": repeats} for model, repeats in (("paper", 8), ("compact", 40))]


def packed(network, pixels):
    """A call like the network's, features last, ReLU fused; weights are packed for `pixels` at a time."""
    import torch

    def pack(layers):
        reorder = torch.ops.mkldnn._reorder_linear_weight
        return [(reorder(weight.contiguous(), pixels), bias.flatten().contiguous()) for weight, bias in layers]

    def layer(x, weight, bias, after="relu"):
        return torch.ops.mkldnn._linear_pointwise(x, weight, bias, after, [], "")

    chunks, mixer = network.sequences()
    chunks, mixer = [pack(layers) for layers in chunks], pack(mixer)

    def call(patch):
        features = []
        for x, layers in zip(patch, chunks, strict=True):
            x = x.T.contiguous()
            for weight, bias in layers:
                x = layer(x, weight, bias)
            features.append(x)
        x = torch.cat(features, dim=1)
        for weight, bias in mixer[:-1]:
            x = layer(x, weight, bias)
        return layer(x, *mixer[-1], "none").T

    return call


def measure(model, pixels, repeats):
    import torch

    from lofi.field.inference import ChunkByChunk

    reconstructor, _ = pair_of(model, 64)
    network = reconstructor.network.network
    product, count = peak_product()
    calls, difference = {"peak": product}, 0.0
    with torch.no_grad():
        for tile in TILES:
            patch = torch.randn(9, 9 * reconstructor.inputs.outputs, tile)
            ways = {"at once": network, "chunk by chunk": ChunkByChunk(*network.sequences())}
            ways["packed"] = packed(network, tile)
            made = {name: way(patch) for name, way in ways.items()}
            difference = max(difference, *(float((m - made["at once"]).abs().max()) for m in made.values()))
            for name, way in ways.items():
                calls[f"{name}, {tile}"] = lambda w=way, p=patch, n=pixels // tile: [w(p) for _ in range(n)]
        times = interleaved(calls, repeats)
    peak = count / times.pop("peak")
    return {
        "peak_gflops": round(peak / 1e9, 1),
        "microseconds_per_pixel": {name: round(1e6 * value / pixels, 2) for name, value in times.items()},
        "of_peak": {n: round(operations(reconstructor) * pixels / v / peak, 3) for n, v in times.items()},
        "difference": difference,
    }


if __name__ == "__main__":
    main(__file__, measure, CELLS)
