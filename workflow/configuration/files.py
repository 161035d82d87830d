"""Files of the configuration: read strictly, merged, and found again by the keys that they hold."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A safe loader that refuses a key that is twice in one mapping, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            name = key.value if key.tag != "tag:yaml.org,2002:merge" else "<<"
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name} is twice in one mapping", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def load(path: Path | str) -> dict:
    """The mapping of a YAML file. ValueError, one sentence, if it is unreadable, no mapping, or has a key twice."""
    try:
        content = yaml.load(Path(path).read_text("utf-8"), _Loader)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text in UTF-8; save it in that encoding") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ValueError(f"{path}{line}: {problem}; expected YAML with each key once") from error
    if not isinstance(content, dict):
        found = "is empty" if content is None else f"holds a {'list' if isinstance(content, list) else 'single value'}"
        raise ValueError(f"{path} {found}; expected keys such as experiments or models")
    return content


def merge(base: dict, overlay: Mapping[Hashable, Any]) -> None:
    """Put `overlay` over `base`, mapping by mapping; a value of null removes the key."""
    for key, value in overlay.items():
        if value is None:
            base.pop(key, None)
        elif isinstance(value, dict):
            if not isinstance(base.get(key), dict):
                base[key] = {}
            merge(base[key], value)
        else:
            base[key] = value


def holder(key: str, whole: dict, files: Mapping[str, dict]) -> str:
    """Where the value of a dotted key comes from: the name of a file, or `--config`.

    files : contents by name, in the order in which they were merged. A key that is missing is looked for where most of
    its parents are; if there are none, it is in `the configuration`.
    """
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        value = _at(whole, parts[:length])
        holders = [name for name, content in files.items() if _at(content, parts[:length]) is not None]
        if (
            value is not None
            and not isinstance(value, dict)
            and holders
            and _at(files[holders[-1]], parts[:length]) != value
        ):
            return "--config"
        if holders:
            return holders[-1]
        if value is not None:
            return "--config"
    return "the configuration"


def _at(content: Any, parts: list[str]) -> Any:
    for part in parts:
        if not isinstance(content, dict):
            return None
        content = content.get(part, content.get(int(part)) if part.isdigit() else None)
    return content
