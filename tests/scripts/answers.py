"""Run a command for many argument lists; print what it answers to each, as JSON.

`python answers.py ssvae.train` reads a JSON list of argument lists and prints a list of
exit status, standard output and standard error. One process answers them all because a
process for each would spend its time on starting.
"""

import contextlib
import importlib
import io
import json
import sys

from ssvae.cli import process


def answer(main, program, arguments):
    sys.argv = [program, *arguments]
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            process.run(main, program)
        except SystemExit as ended:
            status = ended.code
    return status, out.getvalue(), err.getvalue()


program = sys.argv[1]
main = importlib.import_module(program).main
print(json.dumps([answer(main, program, each) for each in json.load(sys.stdin)]))
