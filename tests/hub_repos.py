"""What a stand-in for the Hugging Face hub knows: see `hub_server`."""

import base64
import hashlib
import json

USER, TOKEN = "somebody", "hf_token"
LICENSES = {"mit", "apache-2.0", "cc-by-4.0"}
LARGE = (".keras", ".png")


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
