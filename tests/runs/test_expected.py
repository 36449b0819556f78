"""How good a model is expected to be on new images, in a sentence."""

import json

from ssvae.runs.expected import expected, expected_of

FIGURES = {
    "num_labels": 60,
    "estimated_accuracy": 0.823,
    "estimated_accuracy_interval": [0.761, 0.868],
    "expected_with_more_labels": [
        {"labels": 90, "accuracy": 0.84},
        {"labels": 120, "accuracy": 0.861},
    ],
}


def test_the_sentence_has_interval_source_and_what_more_labels_bring():
    assert expected(FIGURES) == (
        "Estimated accuracy: 82 % (76 to 87 %), from labels left out and unlabeled "
        "images; 60 more labels: about 4 points."
    )


def test_what_is_hardly_a_point_is_not_told():
    curve = [{"labels": 120, "accuracy": 0.83}]
    told = expected(FIGURES | {"expected_with_more_labels": curve})
    assert told.endswith("unlabeled images.")
    told = expected(FIGURES | {"expected_with_more_labels": None})
    assert told.endswith(", from labels left out.")


def test_high_accuracies_have_a_decimal():
    figures = FIGURES | {"estimated_accuracy": 0.9934}
    figures["estimated_accuracy_interval"] = [0.98, 0.9981]
    assert expected(figures).startswith("Estimated accuracy: 99.3 % (98.0 to 99.8 %)")


def test_a_missing_estimate_says_why_and_old_runs_say_nothing():
    figures = {"estimated_accuracy": None, "estimated_accuracy_missing": "it rains"}
    assert expected(figures) == "Estimated accuracy: none, because it rains."
    assert expected({"test_accuracy": 0.9}) == ""


def test_the_figures_are_those_of_the_run_folder(tmp_path):
    (tmp_path / "model.keras").touch()
    assert expected_of(tmp_path) == ""
    (tmp_path / "metrics.json").write_text(json.dumps(FIGURES))
    assert expected_of(tmp_path) == expected(FIGURES)
    assert expected_of(tmp_path / "model.keras") == ""
