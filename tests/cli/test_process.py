"""What a command sets in its process, and that a library call sets nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ssvae
from ssvae.cli import process
from ssvae.errors import InputError, Interrupted

SCRIPTS = Path(__file__).parents[1] / "scripts"
VARIABLES = {"TF_NUM_INTEROP_THREADS": "1", "TF_ENABLE_ONEDNN_OPTS": "1"}


def start(script, *words, **how):
    """Run a script in a process without the variables that a command sets."""
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    done = subprocess.run(
        [sys.executable, SCRIPTS / script, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **how,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_training_by_a_library_call_changes_nothing_in_the_process(tmp_path):
    start("train_as_library.py", cwd=tmp_path)


def test_preparing_the_process_sets_what_commands_set(monkeypatch):
    kept = []
    monkeypatch.setattr(process, "_keep_memory", lambda: kept.append(True))
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    ssvae.prepare_process()
    assert {name: os.environ[name] for name in VARIABLES} == VARIABLES
    assert kept == [True]


def test_preparing_the_process_keeps_what_the_user_set(monkeypatch):
    monkeypatch.setattr(process, "_keep_memory", lambda: None)
    for name in VARIABLES:
        monkeypatch.setenv(name, "7")
    ssvae.prepare_process()
    assert [os.environ[name] for name in VARIABLES] == ["7", "7"]


@pytest.mark.skipif(sys.platform != "linux", reason="is about glibc")
def test_kept_memory_is_not_handed_out_again():
    assert int(start("page_faults.py")) > 100_000
    assert int(start("page_faults.py", "keep")) < 1_000


@pytest.fixture
def own_signals():
    """Give the signals back that a command takes."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


def terminated():
    os.kill(os.getpid(), signal.SIGTERM)


def raises(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    ("main", "status", "line"),
    [
        (raises(InputError("a bad\nflag")), 2, "name: error: a bad flag"),
        (raises(KeyboardInterrupt()), 1, "name: interrupted; nothing was written"),
        (terminated, 1, "name: interrupted; nothing was written"),
        (raises(Interrupted("interrupted; go on")), 1, "name: interrupted; go on"),
    ],
    ids=["bad input", "Ctrl-C", "SIGTERM", "with a rescue"],
)
def test_a_command_ends_with_a_status_and_one_line(
    own_signals, capsys, main, status, line
):
    with pytest.raises(SystemExit) as ended:
        process.run(main, "name")
    assert ended.value.code == status
    assert capsys.readouterr() == ("", f"{line}\n")


def test_an_interruption_waits_for_the_end_of_an_import(own_signals):
    passed = []
    with pytest.raises(KeyboardInterrupt), process.interrupts_held_back():
        terminated()
        passed.append(True)
    assert passed
