"""What tests of `lofi train` share: a process that ends in a step, the files of a prior, the sentence of a refusal."""

from collections.abc import Callable

import pytest

from lofi.training import examples


class Killed(BaseException):
    """What stands for the end of a process."""


def killed_in(step: int, train: Callable[[], None]) -> None:
    """Train until the examples of this step are drawn: there the process ends."""
    draw = examples.FreshNoise.draw

    def killed(self, number, objects, share):
        if number == step:
            raise Killed
        return draw(self, number, objects, share)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examples.FreshNoise, "draw", killed)
        with pytest.raises(Killed):
            train()


def files(folder):
    """{name: bytes} of a prior's folder, without the history, which has seconds."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "history.csv"}


def refusal(capsys, call: Callable[[], None]) -> str:
    """The one sentence with which `call` refuses."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        call()
    said = capsys.readouterr().err.splitlines()
    assert caught.value.code == 1
    assert [line for line in said if line.startswith("error: ")] == said[-1:]
    return said[-1]
