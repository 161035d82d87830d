"""Keywords of constructors, read from their source: no torch is loaded when the workflow starts."""

import ast
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.configuration.setting import Mistake, unknown

ROOT = Path(__file__).parents[2]
TYPES = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text", "None": "null"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a constructor: its name, whether it is required, and the values that are known to fit, if any.

    types : names among `TYPES`. values : of `Literal`. Neither: every value is left to the constructor.
    default : a number, text, true or false; None for any other.
    """

    name: str
    required: bool
    types: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    default: Any = None

    def check(self, value: Any, key: str) -> None:
        """Raise Mistake if no type and no value of the parameter fits."""
        if not (self.types or self.values) or any(_is(value, kind) for kind in self.types):
            return
        if not any(value == fitting and type(value) is type(fitting) for fitting in self.values):
            expected = [*(TYPES[kind] for kind in self.types), *map(str, self.values)]
            raise Mistake(key, f"is {value!r}; expected {' or '.join(expected)}")


@functools.cache
def signature(module: str, name: str) -> tuple[Parameter, ...]:
    """Parameters of the constructor of a class, without `self`; the fields of a dataclass."""
    definitions, imported = _module(module)
    if name not in definitions:
        return signature(*imported[name])
    node = definitions[name]
    if isinstance(node, ast.ClassDef):
        own = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
        if own is not None:
            return _parameters(own.args, module)
        if any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
            fields = (n for n in node.body if isinstance(n, ast.AnnAssign))
            return tuple(_parameter(n.target.id, n.annotation, n.value, module) for n in fields)
        for base in node.bases:
            if isinstance(base, ast.Name) and (base.id in definitions or base.id in imported):
                return signature(module, base.id)
    return ()


@functools.cache
def attribute(module: str, name: str, attribute_name: str) -> Any:
    """Value of a constant of a class or of its first base that has one; None without."""
    definitions, imported = _module(module)
    if name not in definitions:
        return attribute(*imported[name], attribute_name) if name in imported else None
    for node in definitions[name].body:
        if isinstance(node, ast.Assign) and node.targets[0].id == attribute_name:
            return ast.literal_eval(node.value)
    values = (
        attribute(module, base.id, attribute_name) for base in definitions[name].bases if isinstance(base, ast.Name)
    )
    return next((value for value in values if value is not None), None)


@functools.cache
def docstring(module: str, name: str) -> str:
    """Docstring of a class."""
    definitions, imported = _module(module)
    return ast.get_docstring(definitions[name]) or "" if name in definitions else docstring(*imported[name])


@functools.cache
def choices(module: str, name: str) -> dict[str, tuple[str, str]]:
    """{key: (module, class)} of a mapping of classes that a module defines, such as `MODELS`."""
    definitions, imported = _module(module)
    mapping = definitions[name]
    keys = map(ast.literal_eval, mapping.keys)
    return {key: imported.get(value.id, (module, value.id)) for key, value in zip(keys, mapping.values, strict=True)}


def check_keywords(parameters: tuple[Parameter, ...], options: Any, key: str) -> None:
    """Raise Mistake if a keyword of `options` is unknown or missing, or has a value that does not fit."""
    if not isinstance(options, Mapping):
        raise Mistake(key, f"is {options!r}; expected a mapping of keywords")
    known = {parameter.name: parameter for parameter in parameters}
    for name, value in options.items():
        if name not in known:
            raise Mistake(f"{key}.{name}", unknown(name, known) if known else "is unknown; expected no keyword")
        known[name].check(value, f"{key}.{name}")
    for parameter in parameters:
        if parameter.required and parameter.name not in options:
            raise Mistake(f"{key}.{parameter.name}", "is missing")


@functools.cache
def _module(name: str) -> tuple[dict[str, ast.AST], dict[str, tuple[str, str]]]:
    """Classes, mappings and `Literal`s that a module defines, and where the names that it imports come from."""
    definitions, imported = {}, {}
    for node in ast.parse(ROOT.joinpath(*name.split(".")).with_suffix(".py").read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign) and (isinstance(node.value, ast.Dict) or _is_literal(node.value)):
            definitions[node.targets[0].id] = node.value
        elif isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Subscript):
            if mapping := definitions.get(ast.unparse(target.value)):  # MODELS["name"] = Class
                mapping.keys.append(target.slice)
                mapping.values.append(node.value)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("lofi", "workflow"):
            imported |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return definitions, imported


def _parameters(arguments: ast.arguments, module: str) -> tuple[Parameter, ...]:
    positional = arguments.args[1:]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return tuple(_parameter(argument.arg, argument.annotation, default, module) for argument, default in pairs)


def _parameter(name: str, annotation: ast.AST | None, default: ast.AST | None, module: str) -> Parameter:
    types, values = _fitting(annotation, module) if annotation else _like(default)
    return Parameter(name, default is None, types, values, getattr(default, "value", None))


def _fitting(annotation: ast.AST, module: str) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Types and literal values of an annotation in a module; none if a part of it is neither."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        parts = [_fitting(side, module) for side in (annotation.left, annotation.right)]
        return (sum((p[0] for p in parts), ()), sum((p[1] for p in parts), ())) if all(map(any, parts)) else ((), ())
    if _is_literal(annotation):
        value = ast.literal_eval(annotation.slice)
        return (), value if isinstance(value, tuple) else (value,)
    word = ast.unparse(annotation)
    if word in TYPES:
        return (word,), ()
    definitions, imported = _module(module)
    if word in imported:
        return _fitting(ast.Name(imported[word][1]), imported[word][0])
    return _fitting(definitions[word], module) if _is_literal(definitions.get(word)) else ((), ())


def _is_literal(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"


def _like(default: ast.AST | None) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The type of a default that is a number or true or false, where there is no annotation."""
    kind = type(default.value).__name__ if isinstance(default, ast.Constant) else ""
    return ((kind,), ()) if kind in ("int", "float", "bool") else ((), ())


def _is(value: Any, kind: str) -> bool:
    if kind == "None":
        return value is None
    if kind == "float":
        return isinstance(value, float | int) and not isinstance(value, bool)
    return type(value).__name__ == kind
