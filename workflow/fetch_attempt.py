"""One attempt at one file over HTTP: into a `.part` file, beside a record of what the server said about it."""

import errno
import json
import shutil
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from tqdm import tqdm

from lofi.io.atomic import replacing

PASSING = (408, 425, 429, 500, 502, 503, 504)  # answers of a server that may do better later
LONGEST_WAIT = 300.0  # seconds that a server may ask for
PIECE = 1 << 20


@dataclass(frozen=True)
class Patience:
    """When to wait and when to give up; seconds, bytes per second.

    timeout : without a connection or a byte. slowest : rate below which, over `window`, a connection counts as broken.
    attempts : in a row that bring next to nothing. pause : before the second of them; doubled for each further one.
    """

    timeout: float = 60.0
    slowest: float = 1000.0
    window: float = 60.0
    attempts: int = 6
    pause: float = 2.0


PATIENT = Patience()


class Interrupted(Exception):
    """An attempt that failed in a way that another may not; `wait` is the least pause that the server asked for."""

    def __init__(self, reason, wait=0.0):
        super().__init__(reason)
        self.wait = wait


def receive(url, part, checked, size, patience):
    """One attempt; whether it continued an earlier one. Interrupted if the file is still incomplete."""
    start, known = length(part), _read(_about(part))
    if known is None or known["url"] != url or not (checked or known["version"]):
        start = 0
    elif start == known["total"]:
        return True
    with _opened(url, start, patience, part) as response:
        continued = response.status == 206
        version, total = _version(response.headers), _total(response, size, checked, url)
        if continued and (_first_byte(response) != start or [version, total] != [known["version"], known["total"]]):
            forget(part)
            raise Interrupted("the file has changed on the server since its first part was fetched")
        start = start if continued else 0
        _need_space(part, (total or 0) - start)
        with part.open("ab" if continued else "wb", buffering=0) as file:
            if not continued:
                with replacing(_about(part)) as path:
                    path.write_text(json.dumps({"url": url, "version": version, "total": total}))
            _copy(response, file, start, total, patience)
    if total is not None and length(part) != total:
        raise Interrupted(f"the connection ended after {length(part)} of {total} bytes")
    return continued


def _opened(url, start, patience, part):
    headers = {"Accept-Encoding": "identity", "User-Agent": "lofi-maps"}
    request = urllib.request.Request(url, headers=headers | ({"Range": f"bytes={start}-"} if start else {}))
    try:
        return urllib.request.urlopen(request, timeout=patience.timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:
            forget(part)
            raise Interrupted("the file is shorter than the part that was fetched") from error
        if error.code not in PASSING:
            raise OSError(f"{url} cannot be fetched: the server answers {error.code} {error.reason}") from error
        wait = error.headers.get("Retry-After", "")
        wait = min(float(wait), LONGEST_WAIT) if wait.isdigit() else 0.0
        raise Interrupted(f"the server answers {error.code} {error.reason}", wait) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise OSError(f"{url} cannot be fetched: {reason}") from error
        raise Interrupted(f"no connection: {reason or type(reason).__name__}") from error


def _copy(response, file, start, total, patience):
    """Write what arrives, until the connection ends."""
    got, mark, clock = 0, 0, time.monotonic()
    with tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=Path(file.name).stem, mininterval=5) as bar:
        while True:
            try:
                piece = response.read1(PIECE)
            except (OSError, HTTPException) as error:
                raise Interrupted(f"the connection broke: {error or type(error).__name__}") from error
            if not piece:
                return
            _write(file, piece)
            got += len(piece)
            bar.update(len(piece))
            if time.monotonic() - clock > patience.window:
                if got - mark < patience.slowest * patience.window:
                    raise Interrupted(f"fewer than {patience.slowest:.0f} bytes per second arrive")
                mark, clock = got, time.monotonic()


def _write(file, piece):
    try:
        while piece:
            piece = piece[file.write(piece) :]
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OSError(f"the disk is full: {file.name} is kept, incomplete, for the next run") from error
        raise


def _total(response, size, checked, url):
    """Bytes of the whole file, None if the server does not say; ValueError if they are not `size`."""
    if response.status == 206:
        number = response.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        number = response.headers.get("Content-Length", "")
    total = int(number) if number.isdigit() else size
    if total is None and not checked and not response.chunked:
        raise ValueError(f"{url}: the server does not say how long the file is; give its bytes or a checksum")
    if size is not None and total != size:
        raise ValueError(f"{url} has {total} bytes; expected {size}")
    return total


def _first_byte(response):
    number = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(number) if number.isdigit() else None


def _version(headers):
    return headers.get("ETag") or headers.get("Last-Modified")


def _need_space(part, more):
    free = shutil.disk_usage(part.parent).free
    if more > free:
        raise OSError(f"{part} needs {more / 1e9:.1f} GB more; {free / 1e9:.1f} GB are free there")


def _about(part):
    return part.with_name(part.name + ".json")


def _read(path):
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def length(part):
    return part.stat().st_size if part.exists() else 0


def forget(part):
    part.unlink(missing_ok=True)
    _about(part).unlink(missing_ok=True)
