"""A stand-in for the Hugging Face hub: as much of its protocol as its client asks.

Repositories with branches and commits, the check of a card's header, small files within
a commit and large ones by git LFS, downloads with their hashes. Everything is kept in
memory, by one user who has one token.
"""

import contextlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from hub_repos import TOKEN, Hub, Refused

# What a request means, by method and path: the name of the method that answers it.
ROUTES = [
    (method, re.compile(pattern), answer)
    for method, pattern, answer in (
        ("POST", r"/api/repos/create", "create"),
        ("POST", r"/api/validate-yaml", "validate"),
        ("POST", r"/api/models/(?P<name>[^/]+/[^/]+)/branch/(?P<branch>.+)", "branch"),
        ("POST", r"/api/models/(?P<name>[^/]+/[^/]+)/preupload/(?P<branch>.+)", "ask"),
        ("POST", r"/api/models/(?P<name>[^/]+/[^/]+)/commit/(?P<branch>.+)", "commit"),
        ("GET", r"/api/models/(?P<name>[^/]+/[^/]+)/tree/(?P<branch>.+)", "tree"),
        ("GET", r"/api/models/(?P<name>[^/]+/[^/]+)/revision/(?P<branch>.+)", "info"),
        ("GET", r"/api/models/(?P<name>[^/]+/[^/]+)", "info"),
        ("POST", r"/(?P<name>[^/]+/[^/]+)\.git/info/lfs/objects/batch", "batch"),
        ("PUT", r"/objects/(?P<oid>\w+)", "keep"),
        ("GET|HEAD", r"/objects/(?P<oid>\w+)", "large"),
        (
            "GET|HEAD",
            r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<branch>[^/]+)/(?P<path>.+)",
            "file",
        ),
    )
]


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Answer any request."""
        path = unquote(urlsplit(self.path).path)
        self.server.hub.asked.append(path)
        self.body = self._body()
        with contextlib.suppress(ValueError):
            self.json = json.loads(self.body)
        sent = self.headers.get("Authorization")
        self.knows_token = sent == f"Bearer {TOKEN}"
        self.origin = "http://{}:{}".format(*self.server.server_address)
        for methods, pattern, answer in ROUTES:
            found = pattern.fullmatch(path)
            if found and self.command in methods.split("|"):
                return self._answer(getattr(self.server.hub, answer), found.groupdict())
        return self._send(b"", 404, {})

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815

    def needs_token(self):
        if not self.knows_token:
            words = "Invalid credentials in Authorization header"
            raise Refused(401, words=words)

    def _answer(self, function, arguments):
        try:
            answer = function(self, **arguments)
        except Refused as refused:
            headers = {"X-Error-Code": refused.code, "X-Error-Message": refused.words}
            said = json.dumps(refused.content).encode()
            headers = {name: value for name, value in headers.items() if value}
            return self._send(said, refused.status, headers)
        parts = answer if isinstance(answer, tuple) else (answer, 200, {})
        content, status, headers = parts
        if not isinstance(content, bytes):
            headers = {**headers, "Content-Type": "application/json"}
            content = json.dumps(content).encode()
        return self._send(content, status, headers)

    def _send(self, content, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, *arguments):
        """Print nothing."""


@contextlib.contextmanager
def serving():
    """Run a hub on this machine in the block; give it, and its address."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Request)
    server.daemon_threads, server.hub = True, hub
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub, "http://{}:{}".format(*server.server_address)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
