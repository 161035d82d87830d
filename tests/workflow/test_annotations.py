"""Public functions and methods say the types of what they take and return."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [path for folder in ("lofi", "simulations") for path in sorted((ROOT / folder).rglob("*.py"))]


def public(body):
    """The public functions of a module or class, constructors and methods included."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body)
        elif isinstance(node, ast.FunctionDef) and (node.name == "__init__" or not node.name.startswith("_")):
            yield node


@pytest.mark.parametrize("name", [path.relative_to(ROOT).as_posix() for path in FILES])
def test_public_functions_are_annotated(name):
    for function in public(ast.parse((ROOT / name).read_text()).body):
        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += filter(None, (arguments.vararg, arguments.kwarg))
        bare = [
            argument.arg for argument in named if argument.annotation is None and argument.arg not in ("self", "cls")
        ]
        assert not bare, f"{function.name}: {bare}"
        assert function.returns is not None, function.name
