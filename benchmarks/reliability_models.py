"""Models of `reliability.py`: damaged files, formats, and many threads at once."""

import json
import os
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
BACKENDS = ("tensorflow", "jax", "torch")
IMAGES = 1_000
THREADS, LOAD_SECONDS = 50, 60


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
