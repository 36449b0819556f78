"""What runs and models survive: `python benchmarks/reliability.py`.

Each part writes its rows into `reliability.json` at once, and the table of
`reliability.md` is made from that file. Parts: kills, faults, fuzz, formats, load.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from ssvae.files.atomic import write_json

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "reliability.json", HERE / "reliability.md"
BACKENDS = ("tensorflow", "jax", "torch")
# Backends whose runs are killed. Their steps are compiled.
KILLED = BACKENDS[:2]
# A small network that sees all of MNIST in a few steps.
FLAGS = (
    "--classifier-body mlp --hidden-units 32 --latent-dim 4 --propagation none "
    "--unlabeled-batch-size 2000 --epochs 12"
).split()
KILLS = 20
IMAGES = 1_000
THREADS, LOAD_SECONDS = 50, 60


def kills(folder):
    """Yield one row per backend: runs killed at random moments, and resumed."""
    import numpy as np

    from ssvae.runs.folder import is_resumable, partial_folder
    from ssvae.saving.keras_file import load_model

    for backend in KILLED:
        rng = random.Random(0)
        whole = folder / f"{backend}-whole"
        began = time.perf_counter()
        finish(start(whole, backend, *FLAGS, "--out", whole), whole)
        seconds = time.perf_counter() - began
        expected = load_model(whole).get_weights()
        survived = killed = resumed = 0
        while killed < KILLS:
            out = folder / f"{backend}-{killed}"
            process = start(out, backend, *FLAGS, "--out", out)
            # Python and Keras need the first part of this time to start.
            time.sleep(rng.uniform(0.3, 1.0) * seconds)
            process.kill()
            process.wait()
            if out.exists():
                # The run was complete before. Try another moment.
                shutil.rmtree(out)
                continue
            killed += 1
            flags = [*FLAGS, "--out", out]
            if is_resumable(partial_folder(out)):
                flags, resumed = ["--resume", out], resumed + 1
            finish(start(out, backend, *flags), out)
            weights = load_model(out).get_weights()
            survived += all(map(np.array_equal, expected, weights))
            print(f"{backend}: {survived} of {killed}", flush=True)
        yield {
            "what": f"runs ended by SIGKILL, resumed: the same weights, {backend}",
            "tried": killed,
            "passed": survived,
            "figure": f"{resumed} from a checkpoint, {killed - resumed} from the start",
        }


def faults(folder):
    """Yield one row per fault of the machine; the faults are real."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", disk], check=True
    )
    try:
        out = disk / "run"
        yield refusal("full disk", out, "No space left on device", *FLAGS)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        yield refusal("read-only folder", out, "Read-only file system", *FLAGS)
    finally:
        subprocess.run(["umount", disk], check=True)
    data = folder / "data"
    data.mkdir()
    words = "has no t10k-images-idx3-ubyte"
    flags = "--dataset", "fashion-mnist", "--data-dir", data
    yield refusal("data files gone", folder / "gone", words, *FLAGS, *flags)
    flags = "--unlabeled-batch-size 58000 --hidden-units 4096 --augment none".split()
    yield refusal(
        "memory full", folder / "memory", "the memory is full", *FLAGS, *flags, gib=8
    )
    flags = "--learning-rate", 1, "--hidden-layers", 8
    words = "became infinite or no number"
    yield refusal("loss that is no number", folder / "nan", words, *FLAGS, *flags)


def refusal(what, out, words, *flags, gib=None):
    """Return a row: whether a run ends with status 2 and a line with these words."""

    def limit():
        size = gib * 2**30
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))

    process = subprocess.run(
        [sys.executable, "-m", "ssvae.train", *map(str, flags), "--out", out],
        preexec_fn=limit if gib else None,
        capture_output=True,
        text=True,
        check=False,
    )
    last = process.stderr.strip().splitlines()[-1]
    clean = process.returncode == 2 and words in last and not out.exists()
    print(f"{what}: {last}", flush=True)
    said = last.replace(str(out), out.name).replace(str(out.parent), ".")
    return {"what": what, "tried": 1, "passed": int(clean), "figure": said}


def fuzz(folder):
    """Yield one row per kind of file: damaged files are opened or refused cleanly."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    import fuzzing

    for kind in fuzzing.KINDS:
        counts = fuzzing.run(kind, 3000)
        print(json.dumps(counts), flush=True)
        yield {
            "what": f"mutated files, {kind}",
            "tried": counts["cases"],
            "passed": counts["cases"] - len(counts["wrong"]),
            "figure": f"{counts['refused']:,} refused, the slowest after "
            f"{counts['slowest_seconds']} s, memory + {counts['grown_gib']} GiB",
        }


def formats(folder):
    """Yield one row per format and backend: the greatest difference in any answer."""
    import ssvae
    from ssvae.export.checked import FORMATS, compare, export

    model = ssvae.load_model("mnist-100")
    images = ssvae.load_dataset("mnist").read_test()[0][:IMAGES]
    for kind in FORMATS:
        differences = export(model, folder / kind, kind, images)
        yield difference(f"export as {kind}", differences)
    for backend in BACKENDS:
        os.environ["KERAS_BACKEND"] = backend
        differences = compare(model, folder / "keras", "keras", images)
        yield difference(f"model of TensorFlow opened on {backend}", differences)


def difference(what, differences):
    """Return a row with the greatest of some differences."""
    print(what, differences, flush=True)
    worst = max(differences.values())
    figure = f"{worst:.1e} at most, of {', '.join(differences)}"
    return {"what": what, "tried": 1, "passed": int(worst < 1e-4), "figure": figure}


def load(folder):
    """Yield one row: fifty threads ask one model for a minute."""
    import numpy as np
    import psutil

    import ssvae

    model = ssvae.load_model("mnist-100")
    images = ssvae.load_dataset("mnist").read_test()[0][:500]
    parts = [images[start : start + 20] for start in range(0, 500, 20)]
    expected = [(model.predict_proba(p), model.generate([3, 5], 1)) for p in parts]
    wrong, answers, sizes = [], [0] * THREADS, []
    process, end = psutil.Process(), time.perf_counter() + LOAD_SECONDS

    def ask(thread):
        while time.perf_counter() < end:
            row = (thread + answers[thread]) % len(parts)
            given = model.predict_proba(parts[row]), model.generate([3, 5], 1)
            if not all(map(np.array_equal, given, expected[row])):
                wrong.append((thread, row))
            answers[thread] += 1

    threads = [threading.Thread(target=ask, args=(t,)) for t in range(THREADS)]
    for thread in threads:
        thread.start()
    while time.perf_counter() < end:
        sizes.append(process.memory_info().rss / 2**20)
        time.sleep(1)
    for thread in threads:
        thread.join()
    quarter = len(sizes) // 4
    before, after = np.mean(sizes[quarter : 2 * quarter]), np.mean(sizes[-quarter:])
    yield {
        "what": f"answers to {THREADS} threads in {LOAD_SECONDS} s, those of one",
        "tried": sum(answers),
        "passed": sum(answers) - len(wrong),
        "figure": f"memory {before:.0f} MiB in the second quarter, {after:.0f} MiB in "
        "the last",
    }


PARTS = {
    "kills": kills,
    "faults": faults,
    "fuzz": fuzz,
    "formats": formats,
    "load": load,
}


def start(out, backend, *flags):
    """Start training in a process of its own."""
    with open(out.with_suffix(".log"), "w", encoding="utf-8") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ssvae.train", *map(str, flags)],
            env={**os.environ, "KERAS_BACKEND": backend},
            stdout=log,
            stderr=log,
        )


def finish(process, out):
    """Wait for a training that must succeed."""
    if process.wait():
        sys.exit(out.with_suffix(".log").read_text(encoding="utf-8"))


def keep(part, rows):
    """Write the rows of a part into the file of all parts, and write the page."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[part] = rows
    write_json(RESULTS, known, indent=1)
    lines = [
        "# What runs and models survive",
        "",
        "Made by `python benchmarks/reliability.py`. A name (kills, faults, fuzz, "
        "formats or load) runs that part alone.",
        "",
        "| tried | times | passed | |",
        "|---|---:|---:|---|",
    ]
    for name in PARTS:
        for row in known.get(name, []):
            figure = row["figure"].replace("|", "/")
            lines.append(
                f"| {row['what']} | {row['tried']:,} | {row['passed']:,} | {figure} |"
            )
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    """Run the parts that the arguments name, or all."""
    os.environ["SSVAE_CACHE"] = ""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    failed = 0
    for part in parser.parse_args().parts or PARTS:
        rows = []
        with tempfile.TemporaryDirectory() as folder:
            for row in PARTS[part](Path(folder)):
                rows.append(row)
                keep(part, rows)
        failed += sum(row["passed"] < row["tried"] for row in rows)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
