import subprocess
import sys

from ssvae.projects.journal import Journal, Position

WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from ssvae.projects.journal import Journal
path, who = Path(sys.argv[1]), sys.argv[2]
with ThreadPoolExecutor(4) as pool:
    events = [[{"who": who, "n": n}] * 2 for n in range(40)]
    list(pool.map(Journal(path).append, events))
"""


def test_events_are_read_in_the_order_of_writing(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.read() == []
    journal.append([{"do": "one"}, {"do": "two", "images": ["ä\udc80.png", "b\n.png"]}])
    journal.append([{"do": "three"}])
    assert journal.read() == [
        {"do": "one"},
        {"do": "two", "images": ["ä\udc80.png", "b\n.png"]},
        {"do": "three"},
    ]


def test_a_cut_last_line_is_dropped_and_the_next_event_is_whole(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append([{"n": 1}, {"n": 2}])
    with journal.path.open("a") as file:
        file.write('{"n": 3, "images": ["a.p')
    assert journal.read() == [{"n": 1}, {"n": 2}]
    journal.append([{"n": 4}])
    assert journal.read() == [{"n": 1}, {"n": 2}, {"n": 4}]


def test_a_damaged_line_is_left_out(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.path.write_bytes(b'{"n": 1}\n\0\0\0\xff\n[3]\n{"n": 4}\n')
    assert journal.read() == [{"n": 1}, {"n": 4}]


def test_only_new_events_are_read(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append([{"n": 1}])
    events, position, _ = journal.tail(Position())
    assert events == [{"n": 1}]
    journal.append([{"n": 2}])
    events, position, follows = journal.tail(position)
    assert events == [{"n": 2}] and follows
    assert journal.tail(position) == ([], position, True)


def test_a_file_that_was_replaced_is_read_from_the_beginning(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append([{"n": 1}, {"n": 2}])
    _, position, _ = journal.tail(Position())
    journal.path.write_text('{"n": 7}\n{"n": 8}\n{"n": 9}\n')
    events, _, follows = journal.tail(position)
    assert [event["n"] for event in events] == [7, 8, 9]
    assert not follows


def test_processes_and_threads_that_write_at_once_lose_nothing(tmp_path):
    path = tmp_path / "journal.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), who])
        for who in ("a", "b")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    events = Journal(path).read()
    # Events of one call stay together.
    pairs = list(zip(events[::2], events[1::2], strict=True))
    assert all(one == two for one, two in pairs)
    written = {(one["who"], one["n"]) for one, _ in pairs}
    assert written == {(who, n) for who in "ab" for n in range(40)}
    assert len(events) == 160
