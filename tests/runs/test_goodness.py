"""One figure that says how good a model is."""

from ssvae.runs.goodness import goodness


def estimated(accuracy, low, high, num_classes=10):
    figures = {
        "test_accuracy": None,
        "estimated_accuracy": accuracy,
        "estimated_accuracy_interval": [low, high],
    }
    return goodness(figures, num_classes)


def test_what_was_measured_comes_before_what_was_estimated():
    figures = {"test_accuracy": 0.9123, "estimated_accuracy": 0.5}
    found = goodness(figures | {"estimated_accuracy_interval": [0.4, 0.6]}, 10)
    assert found.sentence() == "It is right on 91 % of the test images."
    assert found.measured and not found.span()


def test_an_estimate_is_told_with_its_interval():
    found = estimated(0.93, 0.9, 0.955)
    assert found.figure() == "93 %"
    assert found.sentence() == (
        "Of new images it is expected to get 93 % right, from 90 to 96 %."
    )
    # Whole percents would hide the errors that are left.
    assert estimated(0.987, 0.981, 0.992).span() == "98.1 to 99.2 %"


def test_without_any_figure_the_reason_is_told():
    found = goodness({"estimated_accuracy_missing": "a class has one label"}, 3)
    assert found.figure() == "unknown"
    assert found.sentence() == "Nobody knows how good it is: a class has one label."
    assert not found.is_chance and not found.compared(found)


def test_chance_is_never_called_good():
    assert estimated(0.15, 0.08, 0.3).is_chance
    assert goodness({"test_accuracy": 0.11}, 10).is_chance
    assert goodness({"test_accuracy": 0.55}, 2).is_chance
    assert not goodness({"test_accuracy": 0.55}, 10).is_chance
    assert not goodness({"test_accuracy": 0.9}, 2).is_chance
    assert "hardly better than guessing" in estimated(0.15, 0.08, 0.3).sentence()


def test_a_model_that_is_worse_is_said_to_be():
    before = estimated(0.9, 0.87, 0.93)
    assert "5.0 points worse" in estimated(0.85, 0.8, 0.88).compared(before)
    assert "5.0 points better" in estimated(0.95, 0.94, 0.96).compared(before)
    assert "too little to tell" in estimated(0.89, 0.86, 0.92).compared(before)
    one = goodness({"test_accuracy": 0.91}, 10)
    assert "too little to tell" in one.compared(before)
    assert "too little to tell" in before.compared(one)
    measured = goodness({"test_accuracy": 0.8}, 10)
    assert "10.0 points worse" in measured.compared(
        goodness({"test_accuracy": 0.9}, 10)
    )
