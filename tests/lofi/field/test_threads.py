"""A field is evaluated in as many threads as torch may use, and none of its values depends on their number."""

import pytest
import torch

from lofi.device import share
from lofi.field.inference import WIDE
from lofi.field.local_field import LocalField

CIRCULAR = {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0}
WIDE_NETWORK = {"kind": "multimlp", "width": WIDE, "depth": 2, "chunk_outputs": 5}
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def own_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=[1, 2, 3])
def threads(request):
    torch.set_num_threads(request.param)
    return request.param


@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("way", ["windows", "spaced", "anywhere"])
def test_values_are_the_same_bits_with_every_number_of_threads(way, precision):
    torch.manual_seed(0)
    field = LocalField(1, (40, 40), CIRCULAR, WIDE_NETWORK, conditioned=way == "windows", precision=precision)
    image, level = torch.randn(2, 1, 150, 130), torch.full((2, 150, 130), 0.3)

    def values(number):
        torch.set_num_threads(number)
        if way == "spaced":
            return field.evaluate_spaced(image, torch.tensor([0.9, 1.1]))
        if way == "windows":
            return field.evaluate(image, tile=100, level=level)
        return field.evaluate(image, (90, 70), tile=100)

    expected = values(1)
    assert all(torch.equal(values(number), expected) for number in (2, 3))


def test_every_part_is_done_once_and_torch_keeps_its_threads(threads):
    done = []
    share(done.append, range(50), CPU)
    assert sorted(done) == list(range(50))
    assert torch.get_num_threads() == threads


def test_work_has_no_gradients(threads):
    weight, sums = torch.ones(3, requires_grad=True), []
    with torch.no_grad():
        share(lambda part: sums.append((part * weight).sum()), range(4), CPU)
    assert not any(total.requires_grad for total in sums)


def test_a_fault_in_one_part_is_not_lost(threads):
    def work(part):
        if part == 7:
            raise ValueError("part 7")

    with pytest.raises(ValueError, match="part 7"):
        share(work, range(9), CPU)
    assert torch.get_num_threads() == threads
