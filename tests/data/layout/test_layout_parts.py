"""Which folders are the training and the test part, in every spelling."""

import pytest
from layouts import understood

SPELLINGS = [
    ("train", "test"),
    ("Train", "Test"),
    ("TRAIN", "TEST"),
    ("training", "testing"),
    ("Training", "Testing"),
    ("trn", "tst"),
    ("tr", "te"),
    ("train_set", "test_set"),
    ("training_set", "holdout"),
    ("training-set", "test-set"),
    ("Final_Training", "Final_Test"),
    ("train_images", "test_images"),
    ("TrainData", "TestData"),
    ("trainset", "testset"),
    ("train data", "hold-out"),
    ("01_train", "02_test"),
    ("seg_train", "seg_test"),
    ("train2017", "val2017"),
    ("train", "val"),
    ("train", "valid"),
    ("train", "Validation"),
    ("train", "dev"),
    ("train", "eval"),
    ("val", "test"),
]
ALONE = {"cat": "cat", "dog": "dog"}


def parts(*patterns):
    """Return a case with two classes at each place, the last one the test part."""
    return {
        pattern.format(name): name + (" @test" if pattern == patterns[-1] else "")
        for pattern in patterns
        for name in ("cat", "dog")
    }


@pytest.mark.parametrize("wrapper", ["", "pets/", "a/data/"])
@pytest.mark.parametrize(("train", "test"), SPELLINGS)
def test_parts_are_known_in_every_spelling(train, test, wrapper):
    for above in (True, False):
        form = wrapper + ("{0}/{{}}" if above else "{{}}/{0}")
        tree = parts(form.format(train), form.format(test))
        found, layout = understood(tree)
        assert found == tree and not layout.notes
        assert f"test part from {wrapper}{test if above else f'cat/{test}'}" in (
            layout.sentence
        )
        assert "(24 images" in layout.sentence


# What each folder is, what the sentence says, and what a note says ("" for no note).
CASES = {
    "a wrapper above the parts": (
        parts("pets/train/{}", "pets/test/{}"),
        "the folders below pets/train; test part from pets/test (24 images).",
        "",
    ),
    "a wrapper in each part": (
        parts("train/images/{}", "test/images/{}"),
        "the folders below train/images; test part from test (24 images).",
        "",
    ),
    "a wrapper in one part": (parts("train/images/{}", "test/{}"), "2 classes", ""),
    "parts in folders of the same name": (
        parts("train/train/{}", "test/test/{}"),
        "the folders below train/train; test part from test",
        "",
    ),
    "parts with images to predict": (
        parts("seg_train/seg_train/{}", "seg_test/seg_test/{}")
        | {"seg_pred/seg_pred*40": ""},
        "test part from seg_test (24 images); 40 images without a class.",
        "'seg_pred' (40) are unlabeled",
    ),
    "validation joins training": (
        parts("train/{}", "val/{}", "test/{}"),
        "test part from test (24 images); val (24 images) joins the training part.",
        "",
    ),
    "validation is the test part": (
        parts("train/{}", "valid/{}"),
        "test part from valid (24 images, for there is no other).",
        "",
    ),
    "a training part without its word": (
        parts("rps/rps/{}", "rps-test-set/rps-test-set/{}")
        | {"rps-validation/paper#.png*9": ""},
        "the folders below rps/rps; test part from rps-test-set (24 images)",
        "9 images without a class in rps-validation",
    ),
    "classes without the word of the training part": (
        parts("{}", "{} test"),
        "2 classes, one per folder; test part from cat test, dog test",
        "",
    ),
    "parts without classes": (
        {"pet_train": "", "pet_test": ""},
        "No classes: all images are unlabeled.",
        "There are no classes",
    ),
    "parts of the training part": (
        parts("train/train/{}", "train/val/{}", "test/{}"),
        "train/val (24 images) joins the training part",
        "",
    ),
    "parts in names of classes": (
        parts("{}_train", "{}_test"),
        "2 classes, one per folder; test part from cat_test, dog_test",
        "",
    ),
    "parts before names of classes": (
        parts("train-{}", "test-{}"),
        "2 classes, one per folder; test part from test-cat, test-dog",
        "",
    ),
    "a class without a test folder": (
        parts("{}/train", "{}/test") | {"emu/train": "emu"},
        "3 classes",
        "Classes without an image in the test part (1): emu",
    ),
    "a test folder without classes": (
        {f"train/{name}": name for name in ALONE} | {"test*30": ""},
        "2 classes, the folders below train; 30 images without a class.",
        "no test accuracy: --test-fraction 0.2",
    ),
    "a test folder without classes beside validation": (
        parts("train/{}", "val/{}") | {"test*30": ""},
        "test part from val (24 images, for there is no other); 30 images without",
        "30 images without a class in test",
    ),
    "test alone": (
        {f"test/{name}": name for name in ALONE},
        "2 classes, the folders below test.",
        "",
    ),
    "train alone": (
        {f"train/{name}": name for name in ALONE} | {"unlabeled": ""},
        "2 classes, the folders below train; 12 images",
        "",
    ),
    "a class called test": (
        ALONE | {"test": "test"},
        "3 classes",
        "beside class folders: 'test'; move",
    ),
    "classes called train and test": (
        ALONE | {"train": "train", "test": "test"},
        "4 classes",
        "'train', 'test' are taken as classes",
    ),
    "a class called train in each part": (
        {"train/train": "train", "train/bus": "bus"}
        | {"test/train": "train @test", "test/bus": "bus @test"},
        "2 classes, the folders below train; test part",
        "beside class folders: 'train'; move",
    ),
    "valid and invalid": (
        {"valid": "valid", "invalid": "invalid"},
        "2 classes",
        "beside class folders: 'valid'; move",
    ),
    "unlabeled images in the training part": (
        parts("train/{}", "test/{}") | {"train/unlabeled": "", "train*30": ""},
        "42 images without a class.",
        "",
    ),
    "unlabeled images beside the parts": (
        parts("train/{}", "test/{}") | {"unlabeled/x": ""},
        "12 images without a class.",
        "",
    ),
    "another folder of the same classes": (
        {"extra/cat": "cat"} | parts("train/{}", "test/{}"),
        "2 classes, the folders below train",
        "'extra' has the same classes",
    ),
    "another test part of the same classes": (
        parts("Training/{}", "Validation/{}") | {"Plain_Validation/cat": "cat @test"},
        "test part from Validation, Plain_Validation (36 images",
        "'Plain_Validation' has the same classes",
    ),
    "one class in training and more in the test part": (
        {"train/good*50": "good", "test/good": "good @test", "test/bad": "bad @test"},
        "2 classes, the folders below train; test part from test",
        "Classes in the test part alone, of which nothing can be learned (1): bad",
    ),
    "parts of each object": (
        {"nut/train/good": "nut/good", "nut/test/cut": "nut/cut @test"}
        | {"nut/ground_truth/cut/#_mask.png": "-"}
        | {"cable/train/good": "cable/good", "cable/test/bent": "cable/bent @test"},
        "4 classes, one per folder",
        "taken as masks",
    ),
    "fewer groups in the test part": (
        {"train/F/fig": "fig", "train/F/pear": "pear", "train/V/leek": "leek"}
        | {"test/F/fig": "fig @test", "test/F/pear": "pear @test"},
        "3 classes",
        "Classes without an image in the test part (1): leek",
    ),
    "another spelling in the test part": (
        {"train/Cat*20": "Cat", "test/cat ": "Cat @test"}
        | {"train/dog": "dog", "test/dog": "dog @test"},
        "2 classes",
        "'Cat' and 'cat ' are one class each",
    ),
    "parts in each fold": (
        parts("fold1/train/{}", "fold1/test/{}"),
        "the folders below fold1/train; test part",
        "",
    ),
    "parts beside pictures about the data": (
        parts("ds/train/{}", "ds/test/{}") | {"figures*3": "-", "ds/logo#.png*1": "-"},
        "the folders below ds/train",
        "'figures' (3) are left out",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_parts_are_understood(case):
    tree, sentence, note = case
    found, layout = understood(tree)
    assert found == tree
    assert sentence in layout.sentence
    if note:
        assert any(note in said for said in layout.notes), layout.notes
    else:
        assert not layout.notes
