import pytest
import torch
from torch.testing import assert_close

from lofi.solvers.admm import Schedule, _turned, admm
from lofi.solvers.data_terms import Inpainting

SHAPE = (9, 9)
CONSTANT = {"annealing": 1, "orientations": False}


def term_of(noise=(0.1, 0.2), seed=0):
    generator = torch.Generator().manual_seed(seed)
    observed = 1 + torch.rand(len(noise), *SHAPE, generator=generator, dtype=torch.float64)
    mask = torch.rand(len(noise), *SHAPE, generator=generator) < 0.5
    return Inpainting(observed, mask, list(noise))


def laplacian():
    """Matrix of the graph Laplacian of the pixel grid: symmetric, constants in its kernel."""
    size = SHAPE[0] * SHAPE[1]
    matrix = torch.zeros(size, size, dtype=torch.float64)
    for row in range(SHAPE[0]):
        for column in range(SHAPE[1]):
            here = row * SHAPE[1] + column
            for there in ([here + SHAPE[1]] if row + 1 < SHAPE[0] else []) + (
                [here + 1] if column + 1 < SHAPE[1] else []
            ):
                matrix[here, here] += 1
                matrix[there, there] += 1
                matrix[here, there] -= 1
                matrix[there, here] -= 1
    return matrix


def test_with_a_linear_denoiser_it_converges_to_the_closed_form():
    # the denoiser is the proximal map of strength · ⟨x, L x⟩ / 2: ADMM minimises data(x) + α strength ⟨x, L x⟩ / 2
    term, strength, matrix = term_of(), 0.7, laplacian()
    smoother = torch.linalg.inv(torch.eye(len(matrix), dtype=torch.float64) + strength * matrix)

    def denoise(image, sigma):
        return (image.flatten(1) @ smoother).unflatten(1, SHAPE)

    schedule = Schedule(iterations=400, first=1e-9, last=2.0, penalty=0.4, tolerance=0, **CONSTANT)
    image, trace = admm(term, denoise, term.observed, schedule, seed=0)
    alpha = 0.4 / 2.0**2
    for index in range(2):
        weights = torch.diag(term.mask[index].flatten())
        expected = torch.linalg.solve(weights + alpha * strength * matrix, weights @ term.observed[index].flatten())
        assert_close(image[index].flatten(), expected, rtol=1e-8, atol=1e-8)
    assert all(row["alpha"] == pytest.approx(alpha) for row in trace)


def test_levels_fall_from_the_peak_to_the_matching_level_and_never_rise():
    peak, heuristic = torch.tensor([1.0, 1.0]), torch.tensor([1e-3, 1.0])
    schedule = Schedule(iterations=6, annealing=4, first=0.1, last=2.0)
    levels = torch.stack([schedule.sigma(i, peak, heuristic) for i in range(6)])
    assert_close(levels[:, 0], torch.tensor([0.1, 0.1 * 0.02 ** (1 / 3), 0.1 * 0.02 ** (2 / 3), 2e-3, 2e-3, 2e-3]))
    assert_close(levels[:, 1], torch.full((6,), 2.0))  # louder than the first level: constant


def test_the_truth_only_adds_a_column_to_the_trace():
    term, schedule = term_of(), Schedule(iterations=4, annealing=2)

    def denoise(image, sigma):
        return 0.9 * image

    image, trace = admm(term, denoise, term.observed, schedule, seed=1)
    again, with_truth = admm(term, denoise, term.observed, schedule, seed=1, truth=term.observed)
    assert_close(image, again, rtol=0, atol=0)
    assert set(with_truth[0]) - set(trace[0]) == {"snr"}
    assert [(row["iteration"], row["image"]) for row in trace] == [(i, j) for i in range(1, 5) for j in range(2)]


def test_images_of_a_batch_do_not_know_each_other():
    schedule = Schedule(iterations=5, annealing=3)
    both = term_of()

    def denoise(image, sigma):
        return torch.nn.functional.avg_pool2d(image[:, None], 3, 1, 1)[:, 0] * (1 - sigma[:, None, None])

    together, _ = admm(both, denoise, both.observed, schedule, seed=3)
    for index in range(2):
        alone = Inpainting(both.observed[[index]], both.mask[[index]].bool(), both.noise[[index]])
        single, _ = admm(alone, denoise, both.observed[[index]], schedule, seed=3)
        assert_close(single[0], together[index])


def approaching(target, rate):
    """A denoiser whose result comes closer to the target by `rate` (B,) in each call, whatever it is given."""
    state = torch.zeros_like(target)

    def denoise(image, sigma):
        state.add_(rate[:, None, None] * (target - state))
        return state.clone()

    return denoise


def test_each_image_ends_when_its_running_mean_no_longer_moves():
    term, target = term_of(), torch.ones(2, *SHAPE, dtype=torch.float64)
    denoise = approaching(target, torch.tensor([0.5, 0.05], dtype=torch.float64))
    schedule = Schedule(iterations=200, averaged=4, tolerance=0.01, **CONSTANT)
    images, trace = admm(term, denoise, torch.full_like(target, 0.1), schedule, seed=0)
    last = [max(row["iteration"] for row in trace if row["image"] == index) for index in range(2)]
    assert last[0] < 30 < last[1] < 200
    assert all(row["change"] < 0.01 for row in trace if row["iteration"] == last[row["image"]])
    for index in range(2):  # what is left after a mean that moves by 1 % in 4 iterations
        assert float((images[index] - 1).abs().max()) < 0.1
    alone, _ = admm(
        Inpainting(term.observed[:1], term.mask[:1].bool(), term.noise[:1]),
        approaching(target[:1], torch.tensor([0.5], dtype=torch.float64)),
        torch.full_like(target[:1], 0.1),
        schedule,
        seed=0,
    )
    assert_close(alone[0], images[0], rtol=0, atol=0)  # the other one went on


def test_without_a_tolerance_all_iterations_are_made():
    term = term_of()
    _, trace = admm(term, lambda image, sigma: term.observed, term.observed, Schedule(30, 2, tolerance=0), seed=0)
    assert max(row["iteration"] for row in trace) == 30


def result_of(images, **schedule):
    """Of a denoiser that returns one of the images (n, 2, H, W) after the other."""
    term, calls = term_of(), iter(images)
    schedule = Schedule(iterations=len(images), tolerance=0, orientations=False, **schedule)
    return admm(term, lambda image, sigma: next(calls), term.observed, schedule, seed=0)[0]


def test_the_result_is_a_mean_of_the_images_at_the_last_level():
    images = torch.rand(12, 2, *SHAPE, dtype=torch.float64)
    expected = images[3:7].mean(0)
    for image in images[7:]:
        expected = expected + (image - expected) / 4
    assert_close(result_of(images, annealing=4, averaged=4), expected)


def test_a_mean_begins_late_enough_where_iterations_are_few():
    images = torch.rand(6, 2, *SHAPE, dtype=torch.float64)
    assert_close(result_of(images, annealing=3), images[-1], rtol=0, atol=0)


def test_the_result_is_not_negative():
    term = term_of()
    image, _ = admm(term, lambda image, sigma: image - 1.5, term.observed, Schedule(iterations=2, annealing=1), seed=0)
    assert float(image.min()) == 0.0


@pytest.mark.parametrize("orientation", range(8))
def test_an_orientation_is_undone(orientation):
    image = torch.rand(2, 4, 5)
    assert_close(_turned(_turned(image, orientation), orientation, back=True), image, rtol=0, atol=0)


def test_the_eight_orientations_differ():
    image = torch.arange(9.0).reshape(1, 3, 3)
    assert len({tuple(_turned(image, orientation).flatten().tolist()) for orientation in range(8)}) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"annealing": 0}, "annealing is 0"),
        ({"iterations": 3}, "expected 1 to iterations, 3"),
        ({"last": -1.0}, "last"),
        ({"averaged": 0}, "averaged"),
        ({"relaxation": 2.0}, "relaxation is 2.0"),
        ({"tolerance": -0.1}, "tolerance is -0.1"),
    ],
)
def test_impossible_schedules_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Schedule(**options)


def test_a_start_without_signal_is_refused():
    term = term_of()
    with pytest.raises(ValueError, match="no positive signal"):
        admm(term, lambda image, sigma: image, torch.zeros_like(term.observed), Schedule(), seed=0)
