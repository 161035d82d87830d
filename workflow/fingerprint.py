"""Fingerprints of code: what a result depends on, so that a change of physics reruns what used it and nothing else."""

import ast
import hashlib
import re
from functools import cache
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"(lofi|simulations|workflow)(\.\w+)+")
AROUND = {  # how a script runs, speaks, stops and writes, not what it computes
    "lofi.io.atomic",
    "lofi.memory",
    "lofi.messages",
    "lofi.training.interruption",
    "workflow.job",
    "workflow.lines",
    "workflow.torchrun",
}


def fingerprint(module: str, without: list[str] = ()) -> str:
    """Hash of a module (`workflow.scripts.maps`) and of all that it imports here, docstrings left out.

    without : packages or modules that do not count, such as `lofi.drawing`.
    """
    digest = hashlib.sha256()
    for name in sorted(imported(module, tuple(without))):
        digest.update(f"{name}\n{_read(name)[1]}\n".encode())
    return digest.hexdigest()[:16]


def imported(module: str, without: tuple[str, ...] = ()) -> set[str]:
    """The module and all modules of this project that it imports, directly or not, or starts by `python -m`."""
    found, left = set(), [module]
    while left:
        name = left.pop()
        if name in found or name in AROUND or any(f"{name}.".startswith(f"{other}.") for other in without):
            continue
        found.add(name)
        left += _read(name)[0]
    return found


def _path(module):
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _read(module):
    """What a module names of this project, and its code as text."""
    tree, names = ast.parse(_path(module).read_text(encoding="utf-8"), filename=str(_path(module))), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)  # of `python -m`
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            node.body = body[1:] or [ast.Pass()]
    names = {parent for name in names if NAME.fullmatch(name) for parent in accumulate(name.split("."), "{}.{}".format)}
    return sorted(name for name in names if "." in name and _path(name).exists()), ast.dump(tree)
