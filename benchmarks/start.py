"""Where the time goes before the first step: `python benchmarks/start.py`.

Each command runs in a process of its own, on a machine that does nothing else; the
median counts. `start.json` and its table in `speed.md` are made of the figures.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from ssvae.evaluation.tables import update_page
from ssvae.hardware import machine

OUT, PAGE, REPEATS = Path("benchmarks/start.json"), "benchmarks/speed.md", 3
CACHE = "build/start-cache"
# Calls `ssvae.train` as the command does, and ends it after the first step.
TRAIN = """
import time
began = {began}
parts = {{"Python, and what reads the flags": time.time() - began}}

def timed(module, name, part):
    function = getattr(module, name)
    def measured(*args, **kwargs):
        start = time.time()
        try:
            return function(*args, **kwargs)
        finally:
            parts[part] = parts.get(part, 0.0) + time.time() - start
    setattr(module, name, measured)

import json, os, sys
sys.argv = ["ssvae.train", "--labels", "100", "--out", {out!r}, *{flags!r}]
from ssvae import command, learn, train
timed(command, "start_keras", "Keras and its backend")
timed(train, "open_dataset", "data")
build = learn.learn

def until_the_first_step(*args):
    command.start_keras()
    import keras
    from ssvae import model, spread
    timed(model, "SSVAE", "networks")
    timed(spread, "spread_labels", "graph, which spreads the labels")

    class End(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.began = time.time()

        def on_train_batch_end(self, batch, logs=None):
            parts["first step, traced and compiled"] = time.time() - self.began
            whole = time.time() - began
            parts["other"] = whole - sum(parts.values())
            print(json.dumps({{"whole": whole, "parts": parts}}), flush=True)
            os._exit(0)

    return build(*args[:4], (End(),), *args[5:])

train.learn = until_the_first_step
train.main()
"""
PREDICT = """
import time, json, sys
from ssvae import command
command.start_keras()
import ssvae
images = ssvae.load_dataset("mnist").read_test()[0][:1]
began = time.time()
model = ssvae.load_model("mnist-100")
model.predict_proba(images)
print(json.dumps({"whole": time.time() - began, "parts": {}}))
"""


def main():
    """Measure, write the figures, print the table."""
    whats = {
        "`ssvae.train --help`": help_,
        "first step, without a graph": lambda: first_step("--propagation", "none"),
        "first step of the default recipe": first_step,
        "the same, when the graph was made before": again,
        "first prediction, after the imports": lambda: child(PREDICT),
    }
    results = []
    for what, measure in whats.items():
        runs = [measure() for _ in range(REPEATS)]
        whole = median(run["whole"] for run in runs)
        middle = next(run for run in runs if run["whole"] == whole)
        results.append({"what": what, **middle})
        print(json.dumps(results[-1]), flush=True)
    figures = {"machine": machine(), "start": results}
    OUT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    update_page(PAGE, str(OUT), table(figures))
    print(table(figures))


def help_():
    """Return how long `--help` takes."""
    began = time.time()
    command = [sys.executable, "-m", "ssvae.train", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {"whole": time.time() - began, "parts": {}}


def first_step(*flags, cache=""):
    """Return how long it takes to the end of the first step, and what does."""
    script = TRAIN.format(began=time.time(), out="build/start", flags=list(flags))
    return child(script, {"SSVAE_CACHE": cache})


def again():
    """Return what `first_step` does after a run on the same images."""
    if not Path(CACHE).exists():
        first_step(cache=CACHE)
    return first_step(cache=CACHE)


def child(script, variables=None):
    """Return what a script prints last, as JSON."""
    process = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(variables or {})},
    )
    return json.loads(process.stdout.splitlines()[-1])


def table(figures) -> str:
    """Return the figures as Markdown, a row a command, its parts below it."""
    rows = [f"{figures['machine']}:\n", "| | seconds |", "|---|---:|"]
    for result in figures["start"]:
        rows.append(f"| {result['what']} | {result['whole']:.1f} |")
        rows += [f"| - {part} | {s:.1f} |" for part, s in result["parts"].items()]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
