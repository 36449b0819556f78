"""What the map is told: places as whole numbers, and colors that stay."""

import base64

import numpy as np
import pytest

pytest.importorskip("streamlit", reason="the app needs Streamlit")


def test_places_keep_their_shape_as_whole_numbers(rng):
    from components.scatter import GREATEST, _text, _whole

    places = rng.normal(size=(500, 2)) * [30, 10] + [5, -100]
    whole = np.frombuffer(base64.b64decode(_text(_whole(places))), "<u2")
    whole = whole.reshape(-1, 2).astype(float)
    assert whole[:, 0].min() == 0 and whole[:, 0].max() == GREATEST
    # The shorter side is in the middle, and as long as it was.
    span = np.ptp(places[:, 0])
    distance = np.linalg.norm(places[0] - places[1])
    found = np.linalg.norm(whole[0] - whole[1]) / GREATEST * span
    assert found == pytest.approx(distance, rel=0.01)
    assert whole[:, 1].min() + whole[:, 1].max() == pytest.approx(GREATEST, abs=2)


def test_one_point_is_in_the_middle():
    from components.scatter import GREATEST, _whole

    assert _whole(np.ones((1, 2))).tolist() == [[round(GREATEST / 2)] * 2]


def test_the_color_of_a_class_does_not_depend_on_what_is_shown():
    from model_map import legend

    names = tuple(f"class {index}" for index in range(12))
    colors = [group["color"] for group in legend(names)]
    assert len(set(colors)) == 13
    assert [group["color"] for group in legend(names[:5])][:5] == colors[:5]


def test_many_classes_share_the_last_color():
    from model_map import MOST_GROUPS, legend

    groups = legend(tuple(map(str, range(300))))
    assert len(groups) == MOST_GROUPS + 1
    assert groups[-1]["name"] == "other classes"
