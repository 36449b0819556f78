"""`benchmarks/gpu.py` on a machine that lacks packages: `bare.py OUT PACKAGE ...`."""

import runpy
import sys
from pathlib import Path

out, *missing = sys.argv[1:]
sys.modules.update(dict.fromkeys(missing))
path = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
sys.argv = [str(path), "--quick", "--out", out]
runpy.run_path(str(path), run_name="__main__")
