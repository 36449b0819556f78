"""A stand-in for the Hugging Face hub: as much of its protocol as its client asks.

Repositories with branches and commits, the check of a card's header, small files within
a commit and large ones by git LFS, downloads with their hashes. Everything is kept in
memory, by one user who has one token.
"""

import base64
import contextlib
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

USER, TOKEN = "somebody", "hf_token"
LICENSES = {"mit", "apache-2.0", "cc-by-4.0"}
LARGE = (".keras", ".png")
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


class Refused(Exception):  # noqa: N818
    """An answer that is an error: status, the hub's code and words, other content."""

    def __init__(self, status, code="", words="", **content):
        self.status, self.code, self.words = status, code, words
        self.content = {"error": words, **content}


class Hub:
    """What the hub knows.

    Attributes:
        repos: By name, a dict of whether it is `private` and of its `branches`: the
            commits of each, newest last, as dicts from path to content.
        objects: Content of large files by SHA-256.
        commits: By hash, the content of a commit.
        asked: Paths of all requests.
        broken: Whether uploads of large files fail.
    """

    def __init__(self):
        self.repos, self.objects, self.commits = {}, {}, {}
        self.asked = []
        self.broken = False

    def create(self, request):
        asked = request.json
        request.needs_token()
        name = f"{asked['organization']}/{asked['name']}"
        if asked["organization"] != USER:
            raise Refused(403, words="You don't have the rights to create a model")
        about = {"url": f"{request.origin}/{name}", "name": name, "id": name}
        if name in self.repos:
            raise Refused(409, words="You already created this model repo", **about)
        private = asked.get("private") or asked.get("visibility") == "private"
        self.repos[name] = {"private": bool(private), "branches": {}}
        self._add(name, "main", {".gitattributes": b"*.keras filter=lfs\n"})
        return about

    def validate(self, request):
        import yaml

        _, header, _ = request.json["content"].split("---\n", 2)
        said = yaml.safe_load(header)
        if said.get("license", "mit") not in LICENSES:
            message = '"license" must be one of [mit, apache-2.0, cc-by-4.0]'
            errors = {"errors": [{"message": message}], "warnings": []}
            return errors, 400, {}
        return {"errors": [], "warnings": []}

    def branch(self, request, name, branch):
        branches = self._repo(request, name)["branches"]
        if branch in branches:
            raise Refused(409, words="Reference already exists")
        branches[branch] = list(branches["main"])
        return {}

    def info(self, request, name, branch="main"):
        repo = self._repo(request, name)
        sha, _ = self._at(name, branch)
        about = {"id": name, "private": repo["private"], "sha": sha, "tags": []}
        return {**about, "downloads": 0, "siblings": []}

    def tree(self, request, name, branch):
        self._repo(request, name)
        _, files = self._at(name, branch)
        return [_entry(path, content) for path, content in files.items()]

    def ask(self, request, name, branch):
        self._repo(request, name)
        self._at(name, branch)
        return {
            "files": [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if _is_large(file["path"]) else "regular",
                    "shouldIgnore": False,
                }
                for file in request.json["files"]
            ]
        }

    def batch(self, request, name):
        self._repo(request, name)
        objects = []
        for file in request.json["objects"]:
            href = f"{request.origin}/objects/{file['oid']}"
            known = file["oid"] in self.objects
            actions = {} if known else {"actions": {"upload": {"href": href}}}
            objects.append({**file, **actions})
        return {"transfer": "basic", "objects": objects}

    def keep(self, request, oid):
        if self.broken:
            raise Refused(400, words="the storage is broken")
        assert hashlib.sha256(request.body).hexdigest() == oid
        self.objects[oid] = request.body
        return {}

    def commit(self, request, name, branch):
        self._repo(request, name)
        _, before = self._at(name, branch)
        files = dict(before)
        for line in request.body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.objects[value["oid"]]
            elif item["key"] == "deletedFile":
                del files[value["path"]]
            else:
                self.message = value["summary"]
        sha = self._add(name, branch, files)
        url = f"{request.origin}/{name}/commit/{sha}"
        return {"success": True, "commitOid": sha, "commitUrl": url}

    def file(self, request, name, branch, path):
        self._repo(request, name)
        sha, files = self._at(name, branch)
        if path not in files:
            raise Refused(404, "EntryNotFound")
        content = files[path]
        entry = _entry(path, content)
        about = {"X-Repo-Commit": sha, "ETag": f'"{entry["oid"]}"'}
        if not _is_large(path):
            return content, 200, about
        oid = entry["lfs"]["oid"]
        about |= {"X-Linked-Etag": f'"{oid}"', "X-Linked-Size": str(len(content))}
        # As on the hub, another host keeps them, which is told no token.
        elsewhere = request.origin.replace("127.0.0.1", "localhost")
        return b"", 302, {**about, "Location": f"{elsewhere}/objects/{oid}"}

    def large(self, request, oid):
        assert "Authorization" not in request.headers
        return self.objects[oid], 200, {"ETag": f'"{oid}"'}

    def _repo(self, request, name):
        """Return a repository, if who asks may know of it."""
        repo = self.repos.get(name)
        if repo is None or (repo["private"] and not request.knows_token):
            raise Refused(401 if not request.knows_token else 404, "RepoNotFound")
        if request.command not in ("GET", "HEAD"):
            request.needs_token()
        return repo

    def _add(self, name, branch, files):
        commits = self.repos[name]["branches"].setdefault(branch, [])
        sha = hashlib.sha1(f"{name}{branch}{len(self.commits)}".encode()).hexdigest()
        self.commits[sha] = (name, files)
        commits.append(sha)
        return sha

    def _at(self, name, branch):
        """Return the hash and the files of a branch or commit."""
        branches = self.repos[name]["branches"]
        sha = branches[branch][-1] if branch in branches else branch
        if sha not in self.commits or self.commits[sha][0] != name:
            raise Refused(404, "RevisionNotFound")
        return sha, self.commits[sha][1]


def _is_large(path):
    return path.endswith(LARGE)


def _entry(path, content):
    """Return what the hub lists of a file."""
    blob = b"blob %d\0" % len(content) + content
    entry = {"type": "file", "path": path, "size": len(content)}
    entry["oid"] = hashlib.sha1(blob).hexdigest()
    if _is_large(path):
        oid = hashlib.sha256(content).hexdigest()
        entry["lfs"] = {"oid": oid, "size": len(content), "pointerSize": 134}
    return entry


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
