from ssvae.runs.labeling import read_suggestions, save_suggestions


def test_suggestions_are_read_as_saved(tmp_path):
    save_suggestions(tmp_path / "to_label.csv", [5, 3], [1, 0], ("a", "b"))
    assert read_suggestions(tmp_path) == [5, 3]
    assert (tmp_path / "to_label.csv").read_text().splitlines()[1] == '5,"b"'
    assert read_suggestions(tmp_path / "nowhere") == []
