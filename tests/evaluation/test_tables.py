import pytest

from ssvae.errors import InputError
from ssvae.evaluation.plots import error_over_time
from ssvae.evaluation.tables import speed_table, table, update_page, uses_table


def result(error, seed=0, recipe="default"):
    return {
        "dataset": "mnist",
        "recipe": recipe,
        "num_labels": 1000,
        "seed": seed,
        "test_error": error,
        "test_elbo": -100.0,
        "train_seconds": 60.2,
        "curve": [
            {"seconds": 50.0, "test_accuracy": 1 - 3 * error},
            {"seconds": 60.1, "test_accuracy": 1 - error},
        ],
    }


def test_table_by_hand():
    late = result(0.1, recipe="m2") | {"curve": []}
    assert table([result(0.01, 1), result(0.02), late]).splitlines()[2:] == [
        "| mnist | default | 1,000 | 2 | 1.50 ± 0.71 % | 2.00 % | 4.50 % | "
        "-100.0 nats | 60 s |",
        "| mnist | m2 | 1,000 | 1 | 10.00 % | 10.00 % | - | -100.0 nats | 60 s |",
    ]


def test_a_plain_vae_has_no_error():
    plain = result(0.0, recipe="vae") | {"test_error": None, "curve": []}
    assert table([plain]).splitlines()[-1] == (
        "| mnist | vae | 1,000 | 1 | - | - | - | -100.0 nats | 60 s |"
    )


def test_the_plot_shows_means_over_the_seeds():
    curve = [
        [
            {
                "step": s,
                "seconds": 10.0 * s + d,
                "test_accuracy": 0.9 + 0.01 * s - 0.02 * d,
            }
            for s in (1, 2)
        ]
        for d in (0, 1)
    ]
    runs = [result(0.1, seed) | {"curve": curve[seed]} for seed in (0, 1)]
    figure = error_over_time([*runs, result(0.1, recipe="m2") | {"curve": []}])
    (line,) = figure.axes[0].lines
    assert line.get_xdata() == pytest.approx([10.5, 20.5, 60.2])
    assert line.get_ydata() == pytest.approx([10.0, 9.0, 10.0])
    assert line.get_label() == "default, 1,000 labels"


def test_a_page_gets_the_new_table_in_place_of_the_old(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- f.json -->\nold\n<!-- end of f.json -->\nb\n")
    update_page(page, "f.json", "new\nrows")
    assert page.read_text() == (
        "a\n<!-- f.json -->\nnew\nrows\n<!-- end of f.json -->\nb\n"
    )
    with pytest.raises(InputError, match="needs the lines"):
        update_page(page, "other.json", "new")


def test_table_of_uses_by_hand():
    figures = {"accuracy": 0.5, "units": 3, "bins": [1, 2], "binarized": False}
    runs = [
        result(0.1, 0) | {"evaluation": figures},
        result(0.1, 1) | {"evaluation": {**figures, "accuracy": 0.7}},
        result(0.1, recipe="m2") | {"evaluation": {"accuracy": 0.25, "nats": -80.5}},
        result(0.1, 2),
    ]
    assert uses_table(runs).splitlines() == [
        "| figure | default, 2 | m2, 1 |",
        "| --- | ---: | ---: |",
        "| accuracy | 0.6000 ± 0.1414 | 0.2500 |",
        "| units | 3 | - |",
        "| nats | - | -80.5000 |",
    ]
    assert len(uses_table(runs, ["nats"]).splitlines()) == 3


def test_table_of_speed_by_hand():
    training = {
        "what": "default",
        "images_per_second": 4_000.4,
        "first_step_seconds": 7.04,
        "peak_memory_gib": 1.234,
        "flops_per_image": 12.34e6,
        "matrix_gflops": 99.6,
        "share": 0.496,
    }
    answers = {
        name: value
        for name, value in training.items()
        if name not in ("first_step_seconds", "peak_memory_gib")
    }
    figures = {"machine": "a machine", "speed": [training, answers]}
    title, _, _, _, *rows = speed_table(figures).splitlines()
    assert title == "a machine:"
    shared = "| default | 4,000 | 12.3 million | 50 % of 100 GFLOP/s | "
    assert rows == [f"{shared}7.0 s | 1.23 GiB |", f"{shared}- | - |"]
    figures |= {"device": "a GPU", "copy_gigabytes": 1234.5}
    title = speed_table(figures).splitlines()[0]
    assert title == "a GPU (1,234 GB/s copied), a machine:"
