"""Patches around pixel centres: bicubic samples one by one, or windows of pixels times shared weights?"""

from measure import interleaved, main, model_of, observations

CELLS = [{"model": "compact", "repeats": 15}, {"model": "paper", "repeats": 4}]
SIZE, ROWS, OBJECTS, PIXELS = 256, 4, 8, 512


def measure(model, repeats):
    import torch

    from lofi.field.coordinates import pixel_centres
    from lofi.field.patch import sample, taps, windows, windows_at

    network, (observed, truth) = model_of(model, SIZE), observations(SIZE, OBJECTS)
    field = network.network
    stack = network.inputs(observed)[0].detach()
    offsets = field.geometry.offsets.flatten(0, 1)
    chosen = torch.randint(SIZE**2, (OBJECTS, PIXELS), generator=torch.Generator().manual_seed(1))

    def samples(images, pixels):
        centres = pixel_centres((SIZE, SIZE), pixels=pixels)
        return sample(images, centres[:, :, None] + offsets)

    def products(images, pixels):
        weights, reach = taps(offsets)
        return weights @ windows_at(images, reach, pixels)

    def rows(images):
        weights, reach = taps(offsets)
        return weights @ windows(images, reach)[0, :, :ROWS].permute(0, 3, 4, 1, 2).flatten(3).flatten(1, 2)

    tile = torch.arange(ROWS * SIZE)[None]
    with torch.no_grad():
        evaluated = {"samples": lambda: samples(stack[:1], tile), "windows": lambda: rows(stack[:1])}
        evaluation = interleaved(evaluated | {"field": lambda: field.at_pixels(stack[:1], tile, (SIZE, SIZE))}, repeats)
    calls = {
        "samples": lambda: samples(stack, chosen).sum().backward(),
        "windows": lambda: products(stack, chosen).sum().backward(),
        "step": lambda: network.training_step(observed, truth, chosen).backward(),
    }
    training = interleaved(calls, repeats)
    return {
        name: {call: round(1e3 * value, 2) for call, value in times.items()}
        for name, times in (("evaluation_ms", evaluation), ("training_ms", training))
    }


if __name__ == "__main__":
    main(__file__, measure, CELLS)
