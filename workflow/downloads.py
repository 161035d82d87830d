"""What belongs to a data set that is fetched, and the checksum by which each file is known from then on."""

import itertools
import json
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from workflow.checksums import digests, record_of, recorded
from workflow.fetch import download
from workflow.fetch_attempt import PATIENT

ZENODO = "https://zenodo.org/api/records"


@dataclass(frozen=True)
class Item:
    """A file: where it is, its path below the folder of the data set, `sha256:…` or `md5:…` or None, bytes or None."""

    url: str
    path: str
    checksum: str | None = None
    size: int | None = None

    def __post_init__(self):
        parts = PurePosixPath(self.path).parts
        if not parts or self.path.startswith("/") or ".." in parts:
            raise ValueError(f"{self.url} would be written to {self.path!r}, which is outside its folder")
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"{self.url!r} is no address of a web server; expected https://… or http://…")


def items(options, patience=PATIENT, zenodo=ZENODO):
    """Files of a `downloads` entry: `files`, `numbered`, `list` or `zenodo`; ValueError if two share a path."""
    if "files" in options:
        found = [_item(entry) for entry in options["files"]]
    elif "numbered" in options:
        found = list(_numbered(**options["numbered"]))
    elif "list" in options:
        found = list(_listed(Path(options["list"])))
    else:
        found = _recorded(Path(options["folder"]), patience, zenodo, **options["zenodo"])
    paths = [item.path for item in found]
    if len(set(paths)) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise ValueError(f"two files would be written to {options['folder']}/{twice}; give each a path of its own")
    return found


def obtain(item, folder, patience=PATIENT):
    """Have the file of an item in `folder`, checked; its SHA-256.

    The SHA-256 of a file that came is kept in `NAME.sha256` beside it (as `sha256sum --check` reads it) and holds from
    then on: a file that no longer agrees, or comes differently a second time, is a ValueError. A file whose size and
    time are those of the last check is not read again.
    """
    path = Path(folder, item.path)
    record = path.with_name(path.name + ".sha256")
    sha, known = recorded(record, path)
    wanted = [checksum.split(":") for checksum in (item.checksum, sha and f"sha256:{sha}") if checksum]
    if not path.exists():
        found = download(item.url, path, ":".join(wanted[0]) if wanted else None, item.size, patience)
    elif item.size is not None and path.stat().st_size != item.size:
        raise ValueError(f"{path} has {path.stat().st_size} bytes, expected {item.size}; remove it to fetch it again")
    else:
        needed = {"sha256", *(algorithm for algorithm, _ in wanted)}
        found = known if needed <= known.keys() else digests(path, needed)
    for algorithm, expected in wanted:
        if found[algorithm] != expected.lower():
            own = f"{path} has the {algorithm} {found[algorithm]}"
            raise ValueError(f"{own}, expected {expected}; remove it to fetch it again")
    if not wanted:
        warnings.warn(f"no checksum of {path} was known to compare with; {record} holds its own now", stacklevel=2)
    if found is not known:
        record_of(record, path, found)
    return found["sha256"]


def _item(entry):
    algorithm = next((name for name in ("sha256", "md5") if name in entry), None)
    checksum = algorithm and f"{algorithm}:{entry[algorithm]}"
    return Item(entry["url"], entry.get("path", _last(entry["url"])), checksum, entry.get("bytes"))


def _numbered(url, **ranges):
    """One file for each combination of numbers; `{name:03d}` in the address stands for a number of the range `name`."""
    for values in itertools.product(*(range(first, last + 1) for first, last in ranges.values())):
        try:
            address = url.format(**dict(zip(ranges, values, strict=True)))
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"{url}: {error} cannot be filled in; the ranges are {', '.join(ranges)}") from error
        yield Item(address, _last(address))


def _listed(path):
    """Lines of `address [sha256:…|md5:…]`; empty ones and comments (#) are skipped."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no list of files {path}: put one address a line there")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.partition(" #")[0].split() if not line.startswith("#") else []
        if len(words) > 2 or (len(words) == 2 and not words[1].startswith(("sha256:", "md5:"))):
            raise ValueError(f"{path}, line {number}: found {line!r}; expected an address [sha256:…|md5:…]")
        if words:
            yield Item(words[0], _last(words[0]), *words[1:])


def _recorded(folder, patience, zenodo, record, files=None):
    """Files of a Zenodo record, all or those named, with the checksums and sizes that Zenodo states."""
    path = folder / f"zenodo-{record}.json"
    if not path.exists():
        download(f"{zenodo}/{record}", path, patience=patience)
    try:
        entries = {entry["key"]: entry for entry in json.loads(path.read_text())["files"]}
        found = {key: Item(e["links"]["self"], key, e["checksum"], e["size"]) for key, e in entries.items()}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no Zenodo record with files ({error!r}); remove it to fetch it again") from error
    for name in files or found:
        if name not in found:
            raise ValueError(f"Zenodo record {record} has no file {name}; it has {', '.join(found)}")
    return [found[name] for name in files or found]


def _last(url):
    return unquote(PurePosixPath(urlsplit(url).path).name)
