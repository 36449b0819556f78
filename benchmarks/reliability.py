"""What runs and models survive: `python benchmarks/reliability.py`.

Each part writes its rows into `reliability.json` at once, and the table of
`reliability.md` is made from that file. Parts: kills, faults, fuzz, formats, load.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from reliability_models import formats, fuzz, load
from reliability_runs import faults, kills

from ssvae.files.atomic import write_json

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "reliability.json", HERE / "reliability.md"
PARTS = {
    "kills": kills,
    "faults": faults,
    "fuzz": fuzz,
    "formats": formats,
    "load": load,
}


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
