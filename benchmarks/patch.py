"""Is cutting patches worth optimising? Its share of evaluating a tile and of a training step."""

from measure import interleaved, main, model_of, observations

CELLS = [{"model": "compact", "repeats": 15}, {"model": "paper", "repeats": 4}]
SIZE, TILE, OBJECTS, PIXELS = 256, 512, 8, 512


def measure(model, repeats):
    import torch

    from lofi.coordinates import pixel_centres
    from lofi.patch import sample

    network, (observed, truth) = model_of(model, SIZE), observations(SIZE, OBJECTS)
    field = network.network
    stack, _ = network.inputs(observed)
    centres = pixel_centres((SIZE, SIZE))
    tile = centres[None, :TILE]
    chosen = centres[torch.randint(SIZE**2, (OBJECTS, PIXELS), generator=torch.Generator().manual_seed(1))]

    def positions(points):
        return points[:, :, None] + field.geometry.offsets.flatten(0, 1)

    def patch():
        with torch.no_grad():
            sample(stack[:1], positions(tile))

    def evaluate():
        with torch.no_grad():
            field.at(stack[:1], tile)

    def patch_and_gradient():
        sample(stack, positions(chosen)).sum().backward()

    def step():
        network.training_step(observed, truth, torch.Generator().manual_seed(1)).backward()

    calls = {"patch": patch, "evaluate": evaluate, "patch_and_gradient": patch_and_gradient, "step": step}
    times = interleaved(calls, repeats)
    return {
        "milliseconds": {name: round(1e3 * value, 2) for name, value in times.items()},
        "share_of_evaluation": round(times["patch"] / times["evaluate"], 3),
        "share_of_step": round(times["patch_and_gradient"] / times["step"], 3),
    }


if __name__ == "__main__":
    main(__file__, measure, CELLS)
