"""The page of all keys, in Markdown: from the models of the configuration and from the classes that entries name."""

import json
import re
from collections.abc import Iterator
from typing import Any

from workflow.configuration.methods import FILLS, METHODS
from workflow.configuration.networks import CONDITIONED, MAPPINGS, MODELS, PARTS
from workflow.configuration.signatures import choices, docstring, signature
from workflow.configuration.whole import Configuration

Node = dict[str, Any]  # a part of a JSON schema
Classes = dict[str, tuple[str, str, int]]  # {label: (module, class, number of arguments before its keywords)}

WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "object": "mapping",
}
DECIDING = {"task", "kind"}  # keys whose value decides about the other keys; it is in the heading
INTRODUCTION = """\
Dots separate the keys of nested mappings. `NAME` is a name of your choice. `[]` stands for an entry of a list. A key
whose default is – may be left out."""
KEYS = "| Key | Value | Default | Meaning |\n| --- | --- | --- | --- |\n"


def page() -> str:
    """The page. Links begin at the folder `config`."""
    whole = Configuration.model_json_schema()
    tables = _Tables(whole)
    nouns = [key for key, node in whole["properties"].items() if tables.is_noun(node)]
    run = {**whole, "properties": {k: node for k, node in whole["properties"].items() if k not in nouns}}
    parts = [
        f"## All keys\n\n{INTRODUCTION}",
        "### The run\n\n" + tables.table(run),
        *(tables.noun(key, whole["properties"][key]) for key in nouns),
        "### Mappings that are used more than once",
        *(tables.section(name, whole["$defs"][name]) for name in tables.shared),
    ]
    text = "\n\n".join(parts) + "\n"
    return re.sub(r"(?<!/)docs/(\w+)\.md", r"[\1](../docs/\1.md)", text)


class _Tables:
    """Tables of the parts of a schema."""

    def __init__(self, whole: Node):
        self.definitions = whole["$defs"]
        used = re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(whole))
        self.shared = [name for name in self.definitions if used.count(name) > 2]

    def is_noun(self, node: Node) -> bool:
        """Whether a key of the top level has a section of its own: it holds entries by name, or mappings."""
        node = self._resolved(node)
        mappings = any("$ref" in child for child in node.get("properties", {}).values())
        return mappings or isinstance(node.get("additionalProperties"), dict)

    def noun(self, key: str, node: Node) -> str:
        """The section of a noun: its entries, a table for each kind, and the classes that they can name."""
        node = self._resolved(node)
        entry = self._resolved(node.get("additionalProperties") or node)
        parts = [f"### {key}\n\n{node['description']}"]
        if "oneOf" in entry:
            parts += [self.section(_label(kind), kind) for kind in map(self._resolved, entry["oneOf"])]
        else:
            parts.append(self.table(entry))
        return "\n\n".join([*parts, *(f"#### {title}\n\n{_classes(group)}" for title, group in _named(key).items())])

    def section(self, title: str, node: Node) -> str:
        """A table below its heading."""
        meaning = "" if node["description"] == f"{title}." else f"{node['description']}\n\n"
        return f"#### {title}\n\n{meaning}{self.table(node)}"

    def table(self, node: Node) -> str:
        """The table of the keys of a mapping."""
        rows = list(self._children("", node))
        return KEYS + "\n".join(f"| {' | '.join(row)} |" for row in rows) if rows else "There are no other keys."

    def _children(self, key: str, node: Node) -> Iterator[tuple[str, ...]]:
        for name, child in node.get("properties", {}).items():
            if not ("const" in child and name in DECIDING):
                yield from self._rows(f"{key}{name}", child, name in node.get("required", []))
        other = node.get("additionalProperties")
        if isinstance(other, dict):
            yield f"`{key}NAME`", self._value(other), "–", "Other keys."
        elif other:
            yield f"`{key}…`", "", "–", "Keywords of the class, see below."

    def _rows(self, key: str, node: Node, required: bool) -> Iterator[tuple[str, ...]]:
        reference, node = node, self._resolved(node)
        inner = node.get("items") if node.get("type") == "array" else node.get("additionalProperties")
        if isinstance(inner, dict) and "properties" not in node and (node["type"] == "object" or "$ref" in inner):
            key += "[]" if node["type"] == "array" else ".NAME"
            yield from self._rows(key, inner | {"description": node["description"]}, required)
            return
        default = "required" if required else "–" if node.get("default") is None else f"`{json.dumps(node['default'])}`"
        yield f"`{key}`", self._value(reference), default, node["description"]
        if self._name(reference) not in self.shared:
            yield from self._children(f"{key}.", node)
        for kind in node.get("oneOf", []):
            kind, name = self._resolved(kind), self._name(kind)
            if "properties" in kind and name not in self.shared:
                yield "", "", "", f"*{_label(kind)}*"
                yield from self._children(f"{key}.", kind)

    def _resolved(self, node: Node) -> Node:
        return self.definitions[self._name(node)] | node if "$ref" in node else node

    def _name(self, node: Node) -> str:
        return node.get("$ref", "").rpartition("/")[2]

    def _value(self, node: Node) -> str:
        name, node = self._name(node), self._resolved(node)
        if name in self.shared:
            return f"[{name.lower()}](#{name.lower()})"
        unit = f" ({node['unit']})" if "unit" in node else ""
        if "const" in node or "enum" in node:
            return _or([f"`{value}`" for value in node.get("enum", [node.get("const")])])
        if "oneOf" in node or "anyOf" in node:
            kinds = [kind for kind in node.get("oneOf") or node["anyOf"] if kind.get("type") != "null"]
            return _or(list(dict.fromkeys(map(self._value, kinds)))) + unit
        if node["type"] == "array":
            count = f" of {node['minItems']}" if node.get("minItems") == node.get("maxItems", 0) else ""
            return f"list{count}: {self._value(node['items'])}{unit}"
        return WORDS[node["type"]] + _range(node) + unit


def _label(node: Node) -> str:
    """What decides about a kind of mapping, such as `task: lensing`; else what it is."""
    decided = [
        f"`{key}: {child['const']}`"
        for key, child in node["properties"].items()
        if key in DECIDING and "const" in child
    ]
    return next(iter(decided), node["description"].rstrip("."))


def _range(node: Node) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    limits = [
        ("minimum", "at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "below"),
    ]
    return "".join(f", {words} {node[key]:g}" for key, words in limits if key in node)


def _or(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _named(noun: str) -> dict[str, Classes]:
    """The classes that an entry of a noun names, by the key that names them."""
    if noun == "methods":
        return {"class": _all(*METHODS), "schedule": {"": ("lofi.solvers.admm", "Schedule", 0)}}
    if noun == "inpaintings":
        return {
            "methods.NAME.class": _all(*FILLS),
            "methods.NAME.schedule": {"": ("lofi.solvers.fill_schedule", "FillSchedule", 1)},
        }
    if noun != "models":
        return {}
    parts = {key: _all(*place) for key, place in PARTS.items()}
    parts["geometry"]["conditioned"] = CONDITIONED
    return {
        "class": _all(*MODELS, 2),
        "training": {"": ("lofi.training.recipe", "Recipe", 0)},
        **parts,
        **{key: {"": place} for key, place in MAPPINGS.items()},
    }


def _all(module: str, mapping: str, given: int = 0) -> Classes:
    return {label: (*place, given) for label, place in choices(module, mapping).items()}


def _classes(classes: Classes) -> str:
    """A table of classes and their keywords; a paragraph for one without a label."""
    rows = ["| Value | Keywords, the required ones in bold | Meaning |", "| --- | --- | --- |"]
    for label, (module, name, given) in classes.items():
        parameters = signature(module, name)[given:]
        keywords = ", ".join(f"**`{p.name}`**" if p.required else f"`{p.name}`" for p in parameters) or "none"
        if not label:
            return f"{_meaning(module, name)}\n\nKeywords, the required ones in bold: {keywords}."
        rows.append(f"| `{label}` | {keywords} | {_meaning(module, name)} |")
    return "\n".join(rows)


def _meaning(module: str, name: str) -> str:
    """The docstring of a class; of one that the documentation has a page for, its first paragraph and a link."""
    text = docstring(module, name).replace("|", "\\|")
    if not module.startswith("lofi."):
        return " ".join(text.split())
    paragraph, package = text.split("\n\n")[0], module.rpartition(".")[0]
    return f"{' '.join(paragraph.split())} [More](../docs/api/{package}.md#{module}.{name})"
