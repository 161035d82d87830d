"""Training: resumed runs equal uninterrupted ones, accumulated gradients, averaged weights, recipes, history."""

import copy
import resource
import signal

import pandas as pd
import pytest
import torch

from lofi.models.registry import build
from lofi.training.fit import _average, _groups, _step, fit
from lofi.training.parallel import stepper
from lofi.training.recipe import Recipe

CHANNELS, SIZE = ["kappa_e", "noise_std"], (12, 12)
DESCRIPTION = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e"], "wiener": True, "residual": "wiener"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 2, "chunk_outputs": 4},
    "filter": {"kind": "spatial", "pixels": 3},
    "pixels": 16,
}
RECIPE = Recipe(steps=13, objects=4, repeats=2, learning_rate=3e-3, warmup=3, ema=0.9, validate_every=4, save_every=3)


class Interrupted(Exception):
    """What stands for a killed job."""


def draw(number, objects, share=slice(None)):
    generator = torch.Generator().manual_seed(100 + number)
    truth = torch.randn(objects, 1, *SIZE, generator=generator)
    noise = torch.full_like(truth, 0.7)
    noise[0, :, 2:5, 2:5] = float("inf")
    observed = torch.cat([truth + 0.7 * torch.randn(truth.shape, generator=generator), noise], 1)
    return observed[share], truth[share]


def model_of(seed=0, **changes):
    torch.manual_seed(seed)
    model = build(DESCRIPTION | changes, CHANNELS, SIZE)
    model.calibrate(draw(999, 8), None)
    return model


def validate(model):
    observed, truth = draw(998, 2)
    return {"validation": float((model.reconstruct(observed) - truth).square().mean().sqrt())}


def run(folder, model, recipe=RECIPE, draw=draw, fingerprint="a", state=True):
    state = folder / "training.resume" if state else None
    fit(model, recipe, draw, validate, 5, folder / "history.csv", state, fingerprint, progress=False)
    return pd.read_csv(folder / "history.csv").drop(columns="seconds")


def interrupted_at(batch):
    def failing(number, objects, share):
        if number == batch:
            raise Interrupted
        return draw(number, objects, share)

    return failing


def equal(first, second):
    return all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("batch", [2, 4, 5])  # killed at step 4, 8 or 10; saved at steps 3, 6, 9
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, batch):
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole, cut = model_of(), model_of()
    history = run(tmp_path / "whole", whole)
    with pytest.raises(Interrupted):
        run(tmp_path / "cut", cut, draw=interrupted_at(batch))
    assert (tmp_path / "cut" / "training.resume").exists()
    drawn = []

    def watched(number, objects, share):
        drawn.append(number)
        return draw(number, objects, share)

    cut = model_of(seed=77)  # weights come from the file, not from the new process
    pd.testing.assert_frame_equal(run(tmp_path / "cut", cut, draw=watched), history, check_exact=True)
    assert equal(whole, cut)
    assert min(drawn) == (2 * batch // 3 * 3) // 2
    assert sorted(path.name for path in (tmp_path / "cut").iterdir()) == ["history.csv", "training.resume"]


def test_another_fingerprint_starts_anew(tmp_path):
    with pytest.raises(Interrupted):
        run(tmp_path, model_of(), draw=interrupted_at(4))
    fresh, changed = model_of(), model_of()
    (tmp_path / "other").mkdir()
    history = run(tmp_path / "other", fresh, fingerprint="b")
    pd.testing.assert_frame_equal(run(tmp_path, changed, fingerprint="b"), history)
    assert equal(fresh, changed)


@pytest.mark.parametrize("damage", [lambda whole: b"half a file", lambda whole: whole[:-100]])
def test_a_damaged_state_is_set_aside_and_training_starts_again(tmp_path, damage):
    (tmp_path / "fresh").mkdir()
    fresh, again = model_of(), model_of()
    history = run(tmp_path / "fresh", fresh, state=False)
    with pytest.raises(Interrupted):
        run(tmp_path, model_of(), draw=interrupted_at(4))
    state = tmp_path / "training.resume"
    state.write_bytes(damage(state.read_bytes()))
    with pytest.warns(UserWarning, match=r"training.resume.damaged; training starts again"):
        pd.testing.assert_frame_equal(run(tmp_path, again), history, check_exact=True)
    assert equal(fresh, again)
    assert (tmp_path / "training.resume.damaged").exists()


def test_a_full_disk_keeps_the_state_before(tmp_path):
    """The limit on a file's size stands for the full disk."""
    whole = model_of()
    (tmp_path / "whole").mkdir()
    history = run(tmp_path / "whole", whole)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def filling(number, objects, share):
        if number == 2:  # step 4
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        return draw(number, objects, share)

    try:
        with pytest.raises(OSError, match=r"training.resume cannot be written: .*"):
            run(tmp_path, model_of(), draw=filling)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.csv", "training.resume", "whole"]
    cut = model_of()
    pd.testing.assert_frame_equal(run(tmp_path, cut), history, check_exact=True)
    assert equal(whole, cut)


@pytest.fixture
def heeded():
    """SIGINT as in a terminal: what is started in the background is deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_the_step_and_writes_its_state(tmp_path, capsys, number, heeded):
    whole, cut = model_of(), model_of()
    (tmp_path / "whole").mkdir()
    history = run(tmp_path / "whole", whole)
    before = signal.getsignal(number)

    def stopping(batch, objects, share):
        if batch == 2:  # step 4
            signal.raise_signal(number)
        return draw(batch, objects, share)

    with pytest.raises(InterruptedError, match=r"after step 5 of 13; the next run continues from there"):
        run(tmp_path, model_of(), draw=stopping)
    assert signal.getsignal(number) is before
    pd.testing.assert_frame_equal(run(tmp_path, cut), history, check_exact=True)
    assert "training resumed at step 5" in capsys.readouterr().err
    assert equal(whole, cut)


def test_accumulated_gradients_equal_those_of_the_whole_batch():
    observed, truth = (part.double() for part in draw(1, 6))
    gradients = []
    for microbatch in (0, 1, 4, 6):
        model = model_of().double()
        for parameter in model.parameters():  # past the zeros it starts with
            parameter.data += 0.1 * torch.sin(torch.arange(parameter.numel()).double()).reshape(parameter.shape)
        recipe = Recipe(steps=1, objects=6, microbatch=microbatch, clip=0.0)
        still = torch.optim.SGD(model.parameters(), lr=0.0)
        places = model.places(6, SIZE, torch.Generator().manual_seed(3))
        loss = _step(stepper(model), still, (observed, truth, places), recipe)
        gradients.append((loss, [p.grad for p in model.parameters()]))
    for loss, parts in gradients[1:]:
        assert loss == pytest.approx(gradients[0][0], abs=1e-10)
        for part, whole in zip(parts, gradients[0][1], strict=True):
            torch.testing.assert_close(part, whole, rtol=0, atol=1e-10)
    assert all(part.abs().max() > 0 for part in gradients[0][1])


def test_the_gradient_is_clipped():
    model, (observed, truth) = model_of(), draw(1, 4)
    recipe = Recipe(steps=1, objects=4, clip=1e-3)
    places = model.places(4, SIZE, torch.Generator())
    _step(stepper(model), torch.optim.SGD(model.parameters(), lr=0.0), (observed, 50 * truth, places), recipe)
    norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
    assert float(norm) == pytest.approx(1e-3, rel=1e-3)


def test_averaged_weights():
    averaged, model = model_of(), model_of()
    before = copy.deepcopy(averaged)
    for parameter in model.parameters():
        parameter.data += 1.0
    _average(averaged, model, 0.75)
    for old, mean in zip(before.parameters(), averaged.parameters(), strict=True):
        torch.testing.assert_close(mean, old + 0.25)
    _average(averaged, model, 0.0)
    assert equal(averaged, model)


def test_a_run_ends_with_the_averaged_weights(tmp_path):
    paths = {}
    for ema in (0.0, 0.9):
        model, track = model_of(), []
        options = {"steps": 5, "objects": 2, "schedule": "constant", "warmup": 0, "validate_every": 1, "ema": ema}

        def watch(averaged, track=track):
            track.append(copy.deepcopy(averaged))
            return {}

        fit(model, Recipe(**options), draw, watch, 5, tmp_path / "history.csv", progress=False)
        paths[ema] = [dict(step.named_parameters()) for step in track]
        assert equal(model, track[-1])
    plain, averaged = paths[0.0], paths[0.9]  # the raw weights, and their mean
    mean = dict(model_of().named_parameters())
    for step in range(5):
        decay = min(0.9, (step + 1) / (step + 10))
        mean = {name: decay * mean[name] + (1 - decay) * plain[step][name] for name in mean}
        for name, value in averaged[step].items():
            torch.testing.assert_close(value, mean[name], rtol=1e-5, atol=1e-6)


def test_schedules():
    recipe = Recipe(steps=100, warmup=10)
    rates = [recipe.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0, abs=0.03)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[50] == pytest.approx(0.5)
    assert rates[-1] < 1e-3
    assert [Recipe(steps=9, schedule="constant", warmup=0).rate(step) for step in (0, 8)] == [1.0, 1.0]
    trapezoid = Recipe(steps=80, schedule="trapezoid", warmup=0)
    assert [trapezoid.rate(step) for step in (0, 59, 60, 70, 75)] == [1.0, 1.0, 1.0, 0.5, 0.25]


def test_offsets_may_learn_at_their_own_rate():
    model = model_of()
    for rate, expected in ((None, 1e-3), (0.0, 0.0), (2e-4, 2e-4)):
        others, geometry = _groups(model, Recipe(steps=1, learning_rate=1e-3, geometry_learning_rate=rate))
        assert [others["base"], geometry["base"]] == [1e-3, expected]
        assert geometry["params"][0] is model.network.geometry.offsets
        assert len(others["params"]) + 1 == len(list(model.parameters()))
    fixed = model_of(geometry=DESCRIPTION["geometry"] | {"learnable": False})
    assert len(_groups(fixed, RECIPE)) == 1


def test_a_batch_of_objects_serves_its_repeats(tmp_path):
    drawn = []

    def watched(number, objects, share):
        drawn.append((number, objects))
        return draw(number, objects, share)

    run(tmp_path, model_of(), Recipe(steps=7, objects=3, repeats=3), watched)
    assert drawn == [(0, 3), (1, 3), (2, 3)]


def test_history(tmp_path):
    run(tmp_path, model_of(), state=False)
    history = pd.read_csv(tmp_path / "history.csv")
    assert list(history.columns) == ["step", "pixels", "loss", "learning_rate", "validation", "seconds"]
    assert history.pixels.tolist() == [step * 4 * 16 for step in history.step]
    assert history.step.tolist() == [4, 8, 12, 13]
    assert (history.loss > 0).all()
    assert history.seconds.is_monotonic_increasing
    assert history.learning_rate.tolist() == pytest.approx([3e-3 * RECIPE.rate(step) for step in (3, 7, 11, 12)])
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


def test_training_improves_on_the_wiener_map_it_starts_from(tmp_path):
    def fixed(number, objects, share):
        return draw(0, objects, share)

    model = model_of()
    observed, truth = draw(0, 4)
    before = (model.reconstruct(observed) - truth).square().mean()
    run(tmp_path, model, Recipe(steps=60, objects=4, learning_rate=1e-2, warmup=5, ema=0.9), fixed)
    assert (model.reconstruct(observed) - truth).square().mean() < before


def test_a_diverging_run_stops_with_a_sentence(tmp_path):
    def broken(number, objects, share):
        observed, truth = draw(number, objects, share)
        return observed, truth * (float("nan") if number == 3 else 1.0)

    with pytest.raises(ValueError, match="training diverged: the loss is nan at step 6; lower learning_rate"):
        run(tmp_path, model_of(), draw=broken)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "training: missing argument steps"),
        (None, "training is None; expected a mapping"),
        ({"steps": 5, "epochs": 3}, "training: unknown argument epochs; expected steps, objects, microbatch"),
        ({"steps": 0}, "training: steps is 0; expected a positive number"),
        ({"steps": 1e3}, "training: steps is 1000.0; expected a whole number"),
        ({"steps": 5, "learning_rate": "1e-4"}, "training: learning_rate is '1e-4'; expected a number"),
        ({"steps": 5, "microbatch": -1}, "training: microbatch is -1; expected 0 or more"),
        ({"steps": 5, "schedule": "step"}, "training: schedule is 'step'; expected cosine, constant, trapezoid"),
        ({"steps": 5, "ema": 1.0}, "training: ema is 1.0; expected a number from 0 to below 1"),
    ],
)
def test_wrong_recipes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe.of(options)
