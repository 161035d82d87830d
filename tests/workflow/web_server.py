"""A web server on this machine that misbehaves on request."""

import re
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """What the server has and how it answers, request by request.

    files : path → bytes. requests : (path, Range or None) of each.
    faults : one per request, in order, then none: `drop` (half of what was asked for, then the line is cut), `stall`
    (half, then nothing), `trickle` (a byte every 20 ms), or a status code.
    """

    def __init__(self, files):
        self.files, self.faults, self.requests = dict(files), [], []
        self.ranges, self.etags, self.lengths = True, True, True
        self.closing = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        site = self.server.site
        wanted = self.headers.get("Range")
        site.requests.append((self.path, wanted))
        fault = site.faults.pop(0) if site.faults else None
        if isinstance(fault, int):
            self.send_error(fault)
            return
        if self.path not in site.files:
            self.send_error(404)
            return
        content = site.files[self.path]
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and site.ranges else 0
        if start >= len(content) > 0:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if site.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        if site.etags:
            self.send_header("ETag", f'"{hash(content)}"')
        self.end_headers()
        self.body(content[start:], fault)

    def body(self, content, fault):
        half = len(content) // 2
        if fault == "trickle":
            for number in range(len(content)):
                self.wfile.write(content[number : number + 1])
                if self.server.site.closing.wait(0.02):
                    return
        elif fault in ("drop", "stall"):
            self.wfile.write(content[:half])
            if fault == "stall":
                self.server.site.closing.wait(20)
        else:
            self.wfile.write(content)

    def handle(self):
        with suppress(ConnectionError):  # a client that was killed or lost patience
            super().handle()

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(files):
    """A site of `files` (path → bytes) and its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.site = Site(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.site, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
