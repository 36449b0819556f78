import pytest

from ssvae.data import load_dataset
from ssvae.errors import InputError
from ssvae.projects.actions import act, add_class, rename_class
from ssvae.projects.project import Project
from ssvae.projects.tables import labels_from_source, read_labels, write_labels


def label(project, number, names, one):
    wanted = getattr(one, "id", one)
    action = {"number": number, "do": "label", "images": names, "class": wanted}
    return act(project, "tab", [action])


def named(state):
    """Return the class names of labeled images."""
    names = {one.id: one.name for one in state.classes}
    return {name: names[one] for name, one in state.labels.items() if one in names}


NAMES = ["01", "1", "a, b", "x;y", 'the "big" one', "Ünï cödé", "=SUM(1)", "1.5"]


def test_labels_that_are_written_are_read_by_the_command_and_by_projects(
    project, pictures, tmp_path
):
    images = project.images()
    classes = [add_class(project, name) for name in NAMES]
    for number, one in enumerate(classes):
        label(project, number + 1, images.names[2 * number : 2 * number + 2], one)
    label(project, 20, [images.names[16]], "none")
    act(project, "tab", [{"number": 21, "do": "skip", "images": [images.names[17]]}])
    path = tmp_path / "labels.csv"
    assert write_labels(project, path) == 17
    dataset = load_dataset(str(pictures), labels_csv=str(path))
    told = [dataset.class_names[one] for one in dataset.labels[dataset.labeled]]
    assert told == [name for name in NAMES for _ in range(2)]
    assert dataset.labels[16:].tolist() == [-1, -1]
    assert dataset.outside.tolist() == [16]

    before = dict(project.state().labels)
    act(project, "tab", [{"number": 30, "do": "unlabel", "images": images.names}])
    assert "17 labels were taken" in read_labels(project, images, path)
    assert project.state().labels == before
    assert len(project.state().classes) == len(NAMES)


def test_a_table_adds_classes_replaces_labels_and_is_undone_at_once(project):
    images = project.images()
    one = add_class(project, "Round")
    label(project, 1, images.names[:3], one)
    table = b"image;what\n00.jpg;corners\n01.jpg;round\n05.jpg;corners\n99.jpg;round\n"
    told = read_labels(project, images, table)
    assert "2 labels were taken and 1 class added" in told
    assert "1 of these images had another label before" in told
    assert named(project.state()) == {
        "circle/00.jpg": "corners",
        "circle/01.jpg": "Round",
        "circle/02.jpg": "Round",
        "circle/05.jpg": "corners",
    }
    state = act(project, "tab", [{"number": 2, "do": "undo"}])
    assert named(state) == dict.fromkeys(images.names[:3], "Round")


def test_a_table_of_other_images_is_refused(project):
    images = project.images()
    for table in (b"file,label\nzebra.png,cat\n", b"", b"\0\1\2"):
        with pytest.raises(InputError):
            read_labels(project, images, table)
    with pytest.raises(InputError, match="No such file"):
        read_labels(project, images, "/nowhere.csv")
    assert project.state().num_actions == 0


def test_the_labels_of_folders_are_taken_and_those_of_people_stay(project):
    images = project.images()
    one = add_class(project, "oddity")
    label(project, 1, [images.names[0]], one)
    label(project, 2, [images.names[1]], "none")
    told = labels_from_source(project, images)
    assert told.startswith("16 labels were taken and 3 classes added.")
    state = project.state()
    assert state.labels[images.names[0]] == one.id
    assert state.labels[images.names[1]] == "none"
    assert [one.name for one in state.classes] == ["oddity", "circle", "square", "star"]
    numbers = state.labels_of(images.names).tolist()
    assert numbers == [0, -1] + [1] * 4 + [2] * 6 + [3] * 6
    assert labels_from_source(project, images).startswith("No image got another")
    state = act(project, "tab", [{"number": 3, "do": "undo"}])
    assert list(state.labels) == images.names[:2]


def test_a_renamed_class_keeps_its_labels_in_the_table(project, tmp_path):
    images = project.images()
    one = add_class(project, "rond")
    label(project, 1, images.names[:2], one)
    rename_class(project, one.id, "round")
    write_labels(project, tmp_path / "labels.csv")
    lines = (tmp_path / "labels.csv").read_text().splitlines()
    assert lines == ["file,label", "circle/00.jpg,round", "circle/01.jpg,round"]


def test_images_without_classes_have_no_labels_to_take(tmp_path, pictures):
    made = Project.create(tmp_path, "dropped")
    for path in sorted(pictures.glob("circle/*")):
        path.rename(made.folder / "images" / path.name)
    with pytest.raises(InputError, match="come without labels"):
        labels_from_source(made, made.images())


def test_folders_of_images_of_no_class_are_taken_as_such(project, pictures):
    (pictures / "star").rename(pictures / "None of these")
    told = labels_from_source(project, project.images())
    assert told.startswith("18 labels were taken and 2 classes added.")
    assert list(project.state().labels.values()).count("none") == 6
    with pytest.raises(InputError, match="images of none of the classes have no class"):
        add_class(project, "None of These")
