"""Random folders: what was built is what is understood, and nothing is lost."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import named, understood

from ssvae.data.layout.layout import LABEL_SOURCES, find_layout

WRAPPERS = ["data", "Images", "my pets", "archive", "dataset-resized", "v2", "x"]
SPLITS = [
    ("train", "test"),
    ("Training", "Testing"),
    ("TRAIN", "val"),
    ("train_set", "holdout"),
    ("Final_Training", "Final_Test"),
    ("tr", "ts"),
]
CLASSES = [
    *"cat dog Emu 0 7 12 a B zebra rolled-in_scale".split(),
    *("Apple___Black rot", "001.Albatross", "n01440764", "größe", "犬"),
    *("Smith_John", "class_1", "minus", "left_turn", "no"),
]
UNLABELED = ["unlabeled", "Unlabelled", "no_label", "todo", "un-labeled"]
GROUPS = ["animals", "Fruit", "machines", "Vegetables"]


@st.composite
def built(draw):
    """Return a case that is built from a layout that is known."""
    start = "".join(
        f"{name}/" for name in draw(st.lists(st.sampled_from(WRAPPERS), max_size=3))
    )
    classes = draw(st.lists(st.sampled_from(CLASSES), min_size=3, unique=True))
    groups = draw(st.lists(st.sampled_from(GROUPS), min_size=2, unique=True))
    grouped = draw(st.booleans())
    places = {
        (f"{groups[row % len(groups)]}/" if grouped else "") + name: name
        for row, name in enumerate(classes)
    }
    shape = draw(st.sampled_from(["none", "above", "below"]))
    train, test = draw(st.sampled_from(SPLITS))
    tree = {}
    for place, name in places.items():
        if shape == "none":
            tree[start + place] = name
        for part, said in ((train, name), (test, f"{name} @test")):
            if shape == "above":
                tree[f"{start}{part}/{place}"] = said
            elif shape == "below":
                tree[f"{start}{place}/{part}"] = said
    if draw(st.booleans()):
        tree[start + draw(st.sampled_from(UNLABELED))] = ""
    return tree


@settings(max_examples=300, deadline=None)
@given(built())
def test_folders_are_understood_as_they_were_built(tree):
    assert understood(tree)[0] == tree


WORDS = [*WRAPPERS, *CLASSES[:6], *UNLABELED, "train", "test", "val", "images", "masks"]
WORDS += ["site1", "site2", "Examples", "224x224", "cats_train", "cats_test", "", " "]
FILES = ["1.png", "cat_2.png", "cat_3.png", "dog.4.jpg", "x", ".png", "IMG_1.JPG"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(WORDS), max_size=4), st.sampled_from(FILES)),
        max_size=40,
        unique_by=str,
    ),
    st.sampled_from(LABEL_SOURCES),
    st.integers(0, 3),
)
def test_every_file_is_either_used_or_left_out_with_a_reason(files, source, depth):
    names = ["/".join([*folders, file]) for folders, file in files]
    depth = depth if source in ("auto", "folder") else 0
    layout = find_layout(names, source, depth)
    assert len(layout.classes) == len(layout.parts) == len(layout.reasons) == len(names)
    for name, part, reason in zip(
        layout.classes, layout.parts, layout.reasons, strict=True
    ):
        assert part in (("",) if reason else ("train", "test"))
        assert name == name.strip() and not (name and reason)
        assert name or part != "test"
    assert layout.sentence.endswith(".")
    number = len({name for name in layout.classes if name})
    assert f"{number} classes" in layout.sentence or number < 2
    assert find_layout(names, source, depth) == layout


def test_a_path_of_a_hundred_thousand_folders_takes_no_time():
    deep = "/".join("ab" * 50_000)
    names = ["cat/1.png", f"{deep}/1.png", f"{deep}/x/y/2.png", "dog/x/1.png"]
    for source in LABEL_SOURCES:
        assert len(find_layout(names, source).classes) == 4


def test_a_hundred_thousand_names_take_seconds():
    names = [
        name
        for part in ("train", "test")
        for row in range(500)
        for name in named(f"data/{part}/class {row}", 100)
    ]
    start = time.perf_counter()
    assert len(set(find_layout(names).classes)) == 500
    find_layout([name.replace("/", "-") for name in names])
    # Some 0.5 s on one core: what is quadratic takes hours.
    assert time.perf_counter() - start < 20
