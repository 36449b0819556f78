"""Progress of work on many files: few lines, with the time that is left."""

import itertools

import pytest

from ssvae.data.progress import Progress, in_words, share_of


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_lines_begin_after_a_second_and_are_few():
    said, clock = [], Clock()
    progress = Progress(1000, "images read", said.append, clock)
    times = []
    for _ in range(1000):
        clock.now += 0.1
        before = len(said)
        progress.step()
        times += [clock.now - 100] * (len(said) - before)

    assert said[0].startswith("1") and "images read, about 2 min left." in said[0]
    assert times[0] < 1.2
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(gaps) > 2.9 and max(gaps) > 5
    assert said[-1].endswith(" s left.")


def test_large_files_count_for_more():
    said, clock = [], Clock()
    progress = Progress(10, "images read", said.append, clock)
    progress.expect(1000)
    clock.now += 10
    progress.step(500)
    assert said == ["1 of 10 images read, about 23 s left."]


def test_quick_work_is_done_without_a_word():
    said = []
    progress = Progress(3, "images read", said.append, Clock())
    for _ in range(3):
        progress.step()
    assert said == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (20.4, "20 s"), (150, "2 min"), (7200, "2 h")],
)
def test_durations_are_rounded_for_people(seconds, words):
    assert in_words(seconds) == words


def test_the_share_of_a_line_is_what_it_tells():
    said, clock = [], Clock()
    progress = Progress(2_400, "images read", said.append, clock)
    for _ in range(1_200):
        clock.now += 0.01
        progress.step()
    shares = [share_of(line) for line in said]
    assert shares == sorted(shares) and 0.4 < shares[-1] <= 0.5
    assert share_of("1,200 of 2,400 images read, about 20 s left.") == 0.5
    assert share_of("Starting Keras.") is None
