"""Checksums of a file, computed in one pass, and the record of them beside it."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from lofi.io.atomic import replacing

BLOCK = 1 << 20  # bytes


def digests(path, algorithms):
    """{algorithm: hexadecimal checksum} of a file that is read once."""
    found = {name: hashlib.new(name) for name in algorithms}
    with Path(path).open("rb") as file:
        while block := file.read(BLOCK):
            for one in found.values():
                one.update(block)
    return {name: one.hexdigest() for name, one in found.items()}


def recorded(record, path):
    """(SHA-256 in a record or None, {algorithm: checksum} of `path` if it is unchanged since, else {}).

    ValueError if the record holds no checksum.
    """
    if not record.exists():
        return None, {}
    line, _, comment = record.read_text().partition("\n")
    if not line.strip():
        raise ValueError(f"{record} holds no checksum; remove it to write it anew")
    about = {}
    with suppress(ValueError):  # a comment of somebody else
        about = json.loads(comment.removeprefix("# "))
    unchanged = isinstance(about, dict) and path.exists() and about.pop("state", None) == _state(path)
    return line.split()[0], about if unchanged else {}


def record_of(record, path, found):
    """Write the checksums of `path` as `sha256sum --check` reads them; a comment tells to which state they belong."""
    with replacing(record) as temporary:
        temporary.write_text(f"{found['sha256']}  {path.name}\n# {json.dumps(found | {'state': _state(path)})}\n")


def _state(path):
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]
