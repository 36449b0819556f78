"""Folders as their origins have them: `python benchmarks/origins.py FOLDER...`.

Each folder is a public set as it was downloaded, with whatever else its origin keeps
beside the images. Every command is run on it as by somebody who knows nothing of it:
train, predict, score, generate, export. What is measured already is not run again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine

OUT, PAGE = Path("benchmarks/origins.json"), "benchmarks/README.md"
# One epoch: whether the commands end well does not depend on the length.
TRAIN = ("--epochs", "1")
# A fraction is held back where the origin has no test part.
HELD_BACK = ("--test-fraction", "0.2")
# The flag that a note of the report names, where one is needed.
FLAGS = {"duanhan123+YOLOv3_PyTorch": ("--label-from", "name")}


def main():
    """Run what is missing, and put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    results = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else []
    for folder in parser.parse_args().folders:
        if folder.name in {result["dataset"] for result in results}:
            continue
        results.append({"machine": machine(), **measured(folder)})
        write_json(OUT, results, indent=1)
        print(json.dumps(results[-1], indent=1), flush=True)
    print(table(results))
    update_page(PAGE, str(OUT), table(results))


def measured(folder):
    """Return what was understood of a folder, and how every command ended."""
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        flags = FLAGS.get(folder.name, ())
        report = command("data", folder, *flags, "--json")
        read = json.loads(report.pop("output"))
        files = read["files"]
        held_back = () if read["num_test"] else HELD_BACK
        commands = {
            "train": ("train", "--dataset", folder, "--out", run, *TRAIN),
            "predict": ("predict", run, "--out", Path(place) / "predicted.csv"),
            "score": ("score", run, "--out", Path(place) / "scores.csv"),
            "generate": ("generate", run, "--grid", Path(place) / "grid.png"),
            "export": ("export", run, "--format", "onnx", "--out", Path(place) / "o"),
        }
        commands["train"] += (*flags, *held_back)
        ended = {"data": report}
        for name, words in commands.items():
            ended[name] = command(*words)
            ended[name].pop("output")
    return {
        "dataset": folder.name,
        "files": files,
        "understood": read["understood"],
        "held_back": bool(held_back),
        "commands": ended,
    }


def command(name, *words):
    """Run a command; return its exit status, seconds, memory, GiB, and output."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", f"ssvae.{name}", *map(str, words)],
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdout=output,
            stderr=said,
        )
        # Only this call tells the memory of one process.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        output.seek(0)
        said.seek(0)
        if process.returncode:
            print(f"{name}: {said.read()}", file=sys.stderr)
        return {
            "status": process.returncode,
            "seconds": round(seconds, 1),
            "peak_memory_gib": round(usage.ru_maxrss / 2**20, 2),
            "output": output.read(),
        }


def table(results) -> str:
    """Return one row per origin, as Markdown."""
    rows = [
        "| origin | files | read | understood | commands that end well | "
        "seconds of training | memory, GiB |",
        "|---|---:|---:|---|---:|---:|---:|",
    ]
    for result in results:
        files, ended = result["files"], result["commands"]
        found = files["read"] + files["left_out"]
        well = sum(command["status"] == 0 for command in ended.values())
        rows.append(
            f"| {result['dataset'].replace('+', '/')} | {found:,} | "
            f"{files['read']:,} | "
            f"{result['understood'][0]} | {well} of {len(ended)} | "
            f"{ended['train']['seconds']:.0f} | "
            f"{max(one['peak_memory_gib'] for one in ended.values()):.1f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
