"""Time and memory of whole runs, and the shares of their stages."""

from ssvae.benchmark.field_cost import cost_table


def run(seconds, **stages):
    """Return a result whose run has these seconds by stage and rests for `seconds`."""
    whole = {"stage_seconds": {"fits": seconds, **stages}, "peak_memory_gib": 1.25}
    return {"dataset": "steel", "labels_per_class": 10, "whole": whole}


def rows_of(table):
    """Return the rows of a table's body, as lists of cells."""
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]


def test_a_row_has_the_mean_and_the_slowest_run_and_the_shares_of_stages():
    first = run(10.0, features=20.0, mixture=10.0, pixels=60.0)
    second = run(30.0, features=20.0, mixture=10.0, pixels=140.0)
    second["whole"]["peak_memory_gib"] = 2.0
    (row,) = rows_of(cost_table([first, second]))
    # 40 of 300 seconds are features', 20 the mixture's, 200 the pixels'.
    assert row == ["steel", "10", "2", "150 (200)", "2.0", "13", "0", "7", "67", "13"]


def test_rows_are_by_data_set_and_number_of_labels():
    results = [run(1.0, pixels=1.0) for _ in range(3)]
    results[0]["labels_per_class"] = 25
    results[1]["dataset"] = "aerial"
    keys = [row[:3] for row in rows_of(cost_table(results))]
    expected = [["aerial", "10", "1"], ["steel", "10", "1"], ["steel", "25", "1"]]
    assert keys == expected


def test_runs_that_did_not_count_their_stages_are_left_out():
    results = [run(1.0), {"dataset": "signs", "labels_per_class": 1}]
    results[0]["whole"] = {"test_error": 0.1}
    assert cost_table(results) == ""


def test_a_system_that_does_not_tell_the_memory_leaves_it_out():
    result = run(1.0)
    result["whole"]["peak_memory_gib"] = None
    assert rows_of(cost_table([result]))[0][4] == "-"
