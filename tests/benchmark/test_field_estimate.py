"""Estimated and measured accuracy of the field benchmark."""

from ssvae.benchmark.field_estimate import estimate_table


def draw(each, error, estimated, interval):
    return {
        "dataset": "leaves",
        "labels_per_class": each,
        "error": error,
        "estimated_accuracy": estimated,
        "estimated_accuracy_interval": interval,
    }


DRAWS = [
    draw(10, 0.20, 0.82, [0.75, 0.88]),
    draw(10, 0.20, 0.76, [0.70, 0.79]),
    draw(5, 0.30, 0.75, [0.60, 0.85]),
    {"dataset": "leaves", "labels_per_class": 1, "error": 0.5},
    draw(1, 0.5, None, None),
]


def test_rows_count_near_estimates_and_intervals_that_hold():
    rows = estimate_table(DRAWS).splitlines()[-2:]
    assert rows[0] == "| leaves | 5 | 1 | 70.0 | 75.0 | 0 of 1 | 25.0 | 1 of 1 |"
    assert rows[1] == "| leaves | 10 | 2 | 80.0 | 79.0 | 1 of 2 | 11.0 | 1 of 2 |"


def test_the_sentence_is_on_draws_with_enough_labels():
    assert "within 3 points in 1 of 2 draws" in estimate_table(DRAWS)
    assert "measured accuracy in 50 %" in estimate_table(DRAWS)
    assert "With 10 labels" not in estimate_table(DRAWS[2:])


def test_without_estimates_there_is_no_table():
    assert estimate_table(DRAWS[3:]) == ""
