"""Groups of the classes of some data sets, for `coarse_labels.py`."""

from ssvae.data.groups import group_table

# Few large groups, and groups of two or three classes that look alike, by data set.
LARGE = {
    "steel": "crazing patches rolled-in_scale, inclusion pitted_surface scratches",
    "rubbish": "cardboard paper, glass metal plastic trash",
    "aerial": "field forest grass riverlake, industry parking resident",
    "signs": "0 1 2 3 4 5, 6 7 8 9",
    "symbols": "0 1 2 3 4 5 6 7 8 9, w x y z, dot minus plus slash",
    "things": "bird cat deer dog frog horse, airplane automobile ship truck",
    "traffic": "0 1 2 3 4 5 7 8 9 10 15 16 17, 11 18 19 20 21 22 23 24 25 26 27 28 29 "
    "30 31, 33 34 35 36 37 38 39 40, 6 12 13 14 32 41 42",
    "mnist": "0 6 8 9, 1 4 7, 2 3 5",
    "fashion-mnist": "T-shirt pullover dress coat shirt, sandal sneaker ankle_boot, "
    "trouser bag",
}
SMALL = {
    "steel": "crazing rolled-in_scale, inclusion scratches, patches pitted_surface",
    "rubbish": "cardboard paper, glass plastic, metal trash",
    "aerial": "field grass, forest riverlake, industry parking resident",
    "signs": "0 1 2, 3 4 5, 6 7, 8 9",
    "symbols": "0 6 8, 1 7 slash, 2 z, 3 5, 4 9 y, w x plus, dot minus",
    "things": "cat dog, deer horse, bird frog, automobile truck, airplane ship",
    "traffic": "0 1, 2 3 5, 4 7 8, 9 10 16, 15 17, 11 27 28, 18 24 26, 19 20, 21 23, "
    "22 25, 29 30 31, 33 34, 35 36 37, 38 39 40, 6 32, 41 42, 12 13 14",
    "mnist": "0 6, 1 7, 2 8, 3 5, 4 9",
    "fashion-mnist": "T-shirt shirt, pullover coat, trouser dress, sandal sneaker, "
    "ankle_boot bag",
}


def class_of(text, class_names):
    """Return the name of a class that a text without blanks or zeros stands for."""
    if text.isdecimal():
        return next(n for n in class_names if n.isdecimal() and int(n) == int(text))
    return text.replace("ankle_boot", "ankle boot")


def group_rows(text, class_names):
    """Return which classes the group of each class holds, bool `(k, k)`."""
    groups = {
        group: [class_of(one, class_names) for one in group.split()]
        for group in text.split(",")
    }
    rows = group_table(groups, class_names, text)
    # Each class is in one group.
    assert (rows.sum(axis=0) == 1).all()
    return rows[rows.argmax(axis=0)]
