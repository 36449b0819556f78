"""Runs of `reliability.py`: killed, resumed, and refused by the machine."""

import os
import random
import resource
import shutil
import subprocess
import sys
import time

# Backends whose runs are killed. Their steps are compiled.
KILLED = ("tensorflow", "jax")
# A small network that sees all of MNIST in a few steps.
FLAGS = (
    "--classifier-body mlp --hidden-units 32 --latent-dim 4 --propagation none "
    "--unlabeled-batch-size 2000 --epochs 12"
).split()
KILLS = 20


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
