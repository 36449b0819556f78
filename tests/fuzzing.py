"""Damaged and hostile files by the thousand: `python tests/fuzzing.py --cases 3000`.

Valid files are mutated and opened, each kind in a process of its own. Every one must be
opened, or refused with an `InputError`: within seconds, within a bound of memory, and
without a program started, a connection made or a file written elsewhere.
"""

import argparse
import gzip
import io
import json
import random
import resource
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from table_fuzzing import TABLES, mutated_table, open_table

# Seconds that one file may take, and GiB that the process may grow by.
SECONDS, GIBIBYTES = 30, 2.0
ODD_NUMBERS = (0, -1, 1, 255, 2**31, 2**32 - 1, 2**63, 10**30, -(2**31), 1e308, 0.5)
ODD_VALUES = (
    *ODD_NUMBERS,
    None,
    True,
    "",
    "x" * 5000,
    [],
    {},
    [[]],
    {"class_name": "Lambda", "config": {"function": "print"}},
    {"module": "os", "class_name": "system", "config": {"command": "true"}},
)


def seed_files(folder):
    """Write a valid file of each kind; return kind to (path, function that opens)."""
    from helpers import TINY, tiny_dataset
    from PIL import Image

    from ssvae.config.toml import load_config
    from ssvae.data import read_labels, save_labels
    from ssvae.data.idx import idx_array, read_bytes
    from ssvae.data.pixels.decode import open_image
    from ssvae.data.reading.brought import Brought
    from ssvae.data.reading.files import ImageFiles
    from ssvae.data.tree.listing import open_place

    dataset = tiny_dataset()
    images = dataset.images

    def read_all(path):
        return [rows.sum() for rows, _ in ImageFiles([path], Brought((9, 7, 1)))]

    paths = {
        kind: folder / name
        for kind, name in {
            "keras": "model.keras",
            "toml": "config.toml",
            "labels": "labels.json",
            "png": "image.png",
            "jpeg": "image.jpg",
            "npz": "images.npz",
            "npy": "images.npy",
            "idx": "train-images-idx3-ubyte",
            "idx-gz": "train-images-idx3-ubyte.gz",
            "zip": "images.zip",
            "tar": "images.tar",
            "tar-gz": "images.tar.gz",
        }.items()
    }
    paths["toml"].write_text(TINY.to_toml())
    save_labels(paths["labels"], dataset)
    for kind in ("png", "jpeg"):
        Image.fromarray(images[0, ..., 0]).save(paths[kind])
    np.savez_compressed(paths["npz"], images=images)
    np.save(paths["npy"], images)
    content = bytes([0, 0, 8, 3]) + np.array(images.shape[:3], ">u4").tobytes()
    paths["idx"].write_bytes(content + images.tobytes())
    paths["idx-gz"].write_bytes(gzip.compress(content + images.tobytes()))

    write_archives(paths)
    paths |= {kind: folder / f"{kind}.csv" for kind in TABLES}
    for kind, (text, encoding) in TABLES.items():
        paths[kind].write_text(text, encoding)

    def open_keras(path):
        from ssvae import load_model

        load_model(path).predict_proba(images[:2])

    def open_idx(path):
        idx_array(read_bytes(path), path)

    def open_files(path):
        place = open_place(path)
        for entry in place.entries:
            with place.open(entry.name) as file:
                content = file.read()
            if len(content) != entry.size:
                raise AssertionError(f"{entry} has {len(content)} bytes")
        return place

    opening = {
        "keras": open_keras,
        "toml": load_config,
        "labels": lambda path: read_labels(path, dataset),
        "png": lambda path: open_image(path, path, 1),
        "jpeg": lambda path: open_image(path, path, 3),
        "npz": read_all,
        "npy": read_all,
        "idx": open_idx,
        "idx-gz": open_idx,
        "zip": open_files,
        "tar": open_files,
        "tar-gz": open_files,
        **dict.fromkeys(TABLES, open_table),
    }
    return {kind: (path, opening[kind]) for kind, path in paths.items()}


def write_archives(paths):
    """Write archives with every kind of header: long and odd names, links, folders."""
    names = ("a/1.png", "a/ä ö.png", f"b/{'long' * 40}.png", "b/\udcff.png", "c.txt")
    with zipfile.ZipFile(paths["zip"], "w") as archive:
        for row, name in enumerate(names):
            name = name.encode(errors="replace").decode()
            archive.writestr(name, bytes(20 * row), (row % 2) * zipfile.ZIP_DEFLATED)
    for kind, mode in (("tar", "w"), ("tar-gz", "w:gz")):
        with tarfile.open(paths[kind], mode) as archive:
            for row, name in enumerate(names):
                # Both ways to write what does not fit into a header.
                archive.format = (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)[row % 2]
                member = tarfile.TarInfo(name)
                member.size = 700 * row
                archive.addfile(member, io.BytesIO(bytes(member.size)))
            for type_, name in ((tarfile.LNKTYPE, "hard"), (tarfile.SYMTYPE, "soft")):
                member = tarfile.TarInfo(name)
                member.type, member.linkname = type_, "a/1.png"
                archive.addfile(member)


def write_model(path):
    """Write a tiny model that knows what is usual."""
    from helpers import TINY

    from ssvae.model import SSVAE
    from ssvae.saving.keras_file import save_model

    save_model(SSVAE((9, 7, 1), ("a", "b", "c"), TINY), path)


def mutated(content, rng) -> bytes:
    """Return a file's bytes with something wrong."""
    if zipfile.is_zipfile(io.BytesIO(content)) and rng.random() < 0.6:
        return _mutated_archive(content, rng)
    if content.startswith(b"\x1f\x8b") and rng.random() < 0.6:
        return gzip.compress(mutated(gzip.decompress(content), rng))
    if content[257:262] == b"ustar" and rng.random() < 0.6:
        return _mutated_tar(content, rng)
    return _mutated_bytes(content, rng)


def _mutated_tar(content, rng):
    """Mutate one header; its checksum is right again."""
    data = bytearray(content)
    starts = range(0, len(data), 512)
    headers = [at for at in starts if data[at + 257 : at + 262] == b"ustar"]
    at = rng.choice(headers)
    header = bytearray(_mutated_bytes(data[at : at + 512], rng)[:512].ljust(512, b"\0"))
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    data[at : at + 512] = header
    return bytes(data)


def _mutated_archive(content, rng):
    """Mutate one member; its checksum is right again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(sorted(members))
    if name.endswith(".json") and rng.random() < 0.8:
        members[name] = _mutated_json(members[name], rng)
    else:
        members[name] = _mutated_bytes(members[name], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return out.getvalue()


def _mutated_json(content, rng):
    """Put an odd value somewhere."""
    value = json.loads(content)
    place, key = None, None
    found = value
    while isinstance(found, dict | list) and found and rng.random() < 0.9:
        place = found
        keys = list(found) if isinstance(found, dict) else range(len(found))
        key = rng.choice(keys)
        found = found[key]
    if place is None:
        return json.dumps(rng.choice(ODD_VALUES)).encode()
    place[key] = rng.choice(ODD_VALUES)
    return json.dumps(value).encode()


def _mutated_bytes(content, rng):
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        size = rng.choice((1, 2, 4, 8, 64, 500))
        kind = rng.randrange(7)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data[at:at] = rng.randbytes(size)
        elif kind == 2:
            del data[at : at + size]
        elif kind == 3:
            data[at:at] = data[at : at + size]
        elif kind == 4:
            data[at : at + size] = bytes([rng.choice((0, 255))]) * size
        elif kind == 5:
            data[at : at + size] = rng.randbytes(size)
        else:
            number = rng.choice(ODD_NUMBERS)
            data[at : at + len(str(number))] = str(number).encode()
    return bytes(data)


def fuzz(kind, cases, start) -> dict:
    """Open mutated files of one kind; return how many of them did what."""
    from ssvae.errors import InputError

    counts = {"kind": kind, "cases": 0, "opened": 0, "refused": 0, "wrong": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        path, opens = seed_files(folder)[kind]
        if kind == "keras":
            write_model(path)
        content = path.read_bytes()
        opens(path)
        _watch(folder)
        began, slowest = _peak(), 0.0
        for case in range(start, start + cases):
            rng = random.Random(f"{kind} {case}")
            pieces = kind in TABLES and rng.random() < 0.6
            path.write_bytes((mutated_table if pieces else mutated)(content, rng))
            counts["cases"] += 1
            clock = time.perf_counter()
            signal.alarm(SECONDS)
            try:
                opens(path)
                counts["opened"] += 1
            except InputError as error:
                counts["refused"] += 1
                if "\n" in str(error):
                    counts["wrong"].append(f"case {case}: more than a line: {error!r}")
            except BaseException as error:
                counts["wrong"].append(f"case {case}: {error!r:.300}")
            finally:
                signal.alarm(0)
            slowest = max(slowest, time.perf_counter() - clock)
        counts["slowest_seconds"] = round(slowest, 2)
        counts["grown_gib"] = round(_peak() - began, 2)
    if counts["grown_gib"] > GIBIBYTES:
        counts["wrong"].append(f"the memory grew by {counts['grown_gib']} GiB")
    return counts


class Forbidden(BaseException):
    """Something that opening a file must never do."""


def _watch(folder):
    """Forbid programs, connections and files elsewhere from now on."""

    def hook(event, arguments):
        if event in ("subprocess.Popen", "os.system", "os.exec", "socket.connect"):
            raise Forbidden(event)
        if event == "open":
            place, mode, _ = arguments
            writes = isinstance(mode, str) and set(mode) & set("wax+")
            inside = str(place).startswith((str(folder), tempfile.gettempdir()))
            if writes and not inside and place != "/dev/null":
                raise Forbidden(f"{event} {arguments}")

    sys.addaudithook(hook)
    signal.signal(signal.SIGALRM, _too_slow)


def _too_slow(*_):
    raise TimeoutError(f"longer than {SECONDS} s")


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def run(kind, cases, start=0) -> dict:
    """`fuzz` in a process of its own, whose death is a wrong answer too."""
    flags = "--kind", kind, "--cases", cases, "--start", start
    process = subprocess.run(
        [sys.executable, __file__, *map(str, flags)],
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        words = process.stderr.strip()[-500:]
        return {"kind": kind, "cases": cases, "wrong": [f"it died: {words}"]}
    return json.loads(process.stdout.splitlines()[-1])


KINDS = (
    *("keras", "toml", "labels", "png", "jpeg", "npz", "npy", "idx", "idx-gz"),
    *("zip", "tar", "tar-gz"),
    *TABLES,
)


def main():
    """Fuzz one kind here, or every kind, a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--start", type=int, default=0)
    flags = parser.parse_args()
    if flags.kind:
        print(json.dumps(fuzz(flags.kind, flags.cases, flags.start)))
        return
    wrong = 0
    for kind in KINDS:
        counts = run(kind, flags.cases, flags.start)
        wrong += len(counts["wrong"])
        print(json.dumps(counts), flush=True)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
