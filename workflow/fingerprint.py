"""Fingerprints of code: what a result depends on, so that a change of physics reruns what used it and nothing else."""

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("lofi", "simulations", "workflow")


def fingerprint(*modules):
    """Hash of the named modules (`lofi.lensing.kaiser_squires`) and of what they import here, docstrings left out."""
    found = set()
    for module in modules:
        _collect(module, found)
    digest = hashlib.sha256()
    for module in sorted(found):
        digest.update(f"{module}\n{_read(module)[1]}\n".encode())
    return digest.hexdigest()[:16]


def _collect(module, found):
    if module in found:
        return
    found.add(module)
    for imported in _read(module)[0]:
        _collect(imported, found)


def _path(module):
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _read(module):
    """What a module imports here, and its code as text."""
    tree, names = ast.parse(_path(module).read_text(), filename=str(_path(module))), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name for name in submodules if _path(name).exists()} or {node.module}
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            node.body = body[1:] or [ast.Pass()]
    return sorted(names), ast.dump(tree)
