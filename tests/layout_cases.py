"""Folders of images, and what is to be understood of each without any setting."""

CAT_DOG = {"cat": "cat", "dog": "dog"}


def below(*wrappers, tree=CAT_DOG):
    """Return a case whose folders lie in wrappers."""
    return {"/".join((*wrappers, folder)): said for folder, said in tree.items()}


def pairs(outer, inner, take):
    """Return a case of all pairs of folders, where `take(o, i)` is the class."""
    return {f"{o}/{i}": take(o, i) for o in outer for i in inner}


# What each folder is, what the sentence says, and what a note says ("" for no note).
CASES = {
    "class folders": (CAT_DOG, "2 classes, one per folder.", ""),
    "one wrapper": (below("pets"), "2 classes, the folders below pets.", ""),
    "two wrappers": (below("a", "b"), "the folders below a/b.", ""),
    "three wrappers": (below("a", "b", "data"), "the folders below a/b/data.", ""),
    "a picture beside a wrapper": (
        {"preview#.png*1": "-"} | below("data", tree={"cat*30": "cat", "dog": "dog"}),
        "2 classes, the folders below data.",
        "beside the folders of the data (1) are left out",
    ),
    "many images beside a wrapper": (
        {"*90": ""} | below("labeled"),
        "the folders below labeled; 90 images without a class.",
        "",
    ),
    "a folder of examples beside a wrapper": (
        {"Examples*5": "-"} | below("Dataset"),
        "2 classes, the folders below Dataset.",
        "'Examples' (5) are left out",
    ),
    "a folder of examples beside classes": (
        CAT_DOG | {"emu*30": "emu", "Examples*2": "-"},
        "3 classes, one per folder.",
        "'Examples' (2) are left out",
    ),
    "a folder of few images beside a wrapper": (
        {"images*4": "-"} | below("resized", tree={"cat*50": "cat", "dog*50": "dog"}),
        "the folders below resized.",
        "'images' (4) are left out",
    ),
    "a pool beside a wrapper": (
        {"pool*50": ""} | below("data"),
        "the folders below data; 50 images without a class.",
        "'pool' (50) are unlabeled",
    ),
    "loose images beside classes": (
        CAT_DOG | {"*1": ""},
        "2 classes, one per folder; 1 image without a class.",
        "",
    ),
    "groups of classes": (
        {
            "Fruit/Apple/Royal-Gala": "Royal-Gala",
            "Fruit/Apple/Fuji": "Fuji",
            "Fruit/Pear/Nashi": "Nashi",
            "Veg/Leek/Long": "Long",
        },
        "4 classes",
        "",
    ),
    "groups of uneven depth": (
        {"Fruit/Apple": "Apple", "Fruit/Pear/Nashi": "Pear", "Car": "Car"},
        "3 classes",
        "Taken as classes beside 'Fruit', which holds the other classes: Car",
    ),
    "a few loose images in a group": (
        {
            "Fruit*1": "",
            "Fruit/Apple": "Apple",
            "Fruit/Pear": "Pear",
            "Veg/Leek": "Leek",
        },
        "3 classes, one per folder; 1 image without",
        "1 image directly in Fruit, beside class folders",
    ),
    "a folder in one of the classes": (
        {"cat/more/old": "cat", "dog": "dog", "emu": "emu"},
        "3 classes, one per folder.",
        "",
    ),
    "a folder in one of the same name": (
        {"tiles/tiles/a": "a", "tiles/tiles/b": "b", "slides/slides*90": "slides"},
        "3 classes, one per folder.",
        "beside 'tiles', which holds the other classes: slides",
    ),
    "a class with a folder in it": (
        {"cat": "cat", "cat/kittens": "cat", "dog": "dog"},
        "2 classes",
        "Folders that hold images and folders, cat, are one class",
    ),
    "equal names under different parents": (
        {
            "A/left": "A/left",
            "A/right": "A/right",
            "B/left": "B/left",
            "B/top": "B/top",
        },
        "4 classes",
        "",
    ),
    "one equal name in many": (
        {"X/other": "X/other", "Y/other": "Y/other"}
        | {f"X/a{row}b": f"a{row}b" for row in range(20)},
        "22 classes",
        "",
    ),
    "a state of some": (
        {"abbey": "abbey", "bazaar/indoor": "bazaar/indoor"}
        | {"bazaar/outdoor": "bazaar/outdoor", "yard": "yard"},
        "4 classes",
        "beside 'bazaar', which holds the other classes: abbey, yard",
    ),
    "every pair is a class where nothing tells": (
        pairs("AB", ["left", "right"], "{}/{}".format),
        "4 classes",
        "every pair is taken as a class; --class-depth 1",
    ),
    "a state of each kind": (
        pairs(["bean", "pepper", "tomato"], ["healthy", "blight"], "{}/{}".format),
        "6 classes",
        "--class-depth 1",
    ),
    "sessions inside classes": (
        pairs(["cat", "dog"], ["session1", "session2"], lambda o, i: o),
        "2 classes",
        "session1, session2 inside the class folders are taken as sources",
    ),
    "cameras that differ between classes": (
        {"cat/cam_1": "cat", "cat/cam_2": "cat", "dog/cam_3": "dog"},
        "2 classes",
        "--label-from parent",
    ),
    "sessions inside one class": (
        {"cat/session1": "cat", "cat/session2": "cat", "dog": "dog"},
        "2 classes, one per folder.",
        "session1, session2 inside the class folders are taken as sources",
    ),
    "dates inside classes": (
        pairs(["cat", "dog"], ["2019-01-11", "2019-02-28"], lambda o, i: o),
        "2 classes",
        "--label-from parent",
    ),
    "numbers inside classes": (
        pairs(["cat", "dog"], "123", lambda o, i: o),
        "2 classes",
        "1, 2, 3 repeat in every class folder",
    ),
    "some numbers inside classes": (
        {
            "cat/1": "cat",
            "cat/2": "cat",
            "cat/3": "cat",
            "dog/1": "dog",
            "dog/3": "dog",
        },
        "2 classes",
        "1, 2, 3 repeat in every class folder",
    ),
    "a folder of images in each class": (
        pairs(["cat", "dog"], ["images"], lambda o, i: o),
        "2 classes",
        "",
    ),
    "classes at each site": (
        pairs(["site1", "site2"], ["cat", "dog"], lambda o, i: i),
        "2 classes",
        "site1, site2 are taken as sources, not as classes: --class-depth 1",
    ),
    "classes in each of few sources": (
        pairs(["amazon", "webcam"], ["bike", "mug", "pen"], lambda o, i: i),
        "3 classes",
        "amazon, webcam hold the same folders each",
    ),
    "few sources in each of the classes": (
        pairs(["bike", "mug", "pen"], ["amazon", "webcam"], lambda o, i: o),
        "3 classes",
        "amazon, webcam repeat in every class folder",
    ),
    "variants of the images": (
        pairs(["color", "grayscale"], ["scab", "rust"], lambda o, i: i),
        "2 classes",
        "color, grayscale hold the same",
    ),
    "classes at two sizes": (
        pairs(["224x224", "448x448"], ["cat", "dog"], lambda o, i: i),
        "2 classes",
        "224x224, 448x448 are taken as sources",
    ),
    "classes that are numbered in two qualities": (
        pairs(["good", "poor"], [f"Sample{n:03}" for n in range(20)], lambda o, i: i),
        "20 classes",
        "good, poor hold the same folders each",
    ),
    "a folder for tests beside a wrapper": (
        below("toys", tree={"cat*30": "cat", "dog*30": "dog"})
        | {"last_tests/x*40": ""},
        "2 classes, the folders below toys; 40 images",
        "'last_tests' (40) are unlabeled",
    ),
    "two folders of the same classes beside others": (
        below("dataset")
        | below("dataset_raw")
        | {"try*1": "-", "more*30": ""}
        | {"results/a*1": "-", "results/b*1": "-"},
        "2 classes, one per folder; 30 images without a class.",
        "'more' (30) are unlabeled, for the classes are in 'dataset', 'dataset_raw'",
    ),
    "numbered characters of alphabets": (
        {f"Greek/character{n}": f"Greek/character{n}" for n in range(1, 5)}
        | {f"Latin/character{n}": f"Latin/character{n}" for n in range(1, 4)},
        "7 classes",
        "",
    ),
    "unlabeled": (CAT_DOG | {"unlabeled": ""}, "12 images without a class.", ""),
    "unlabelled": (CAT_DOG | {"Un-Labelled": ""}, "12 images without a class.", ""),
    "no label": (CAT_DOG | {"NO LABEL": ""}, "12 images without a class.", ""),
    "to do": (CAT_DOG | {"todo/old": ""}, "12 images without a class.", ""),
    "unknown": (CAT_DOG | {"Unknown": ""}, "12 images", "rename the folder if unknown"),
    "images and masks": (
        {"images": "", "masks": "-"},
        "No classes: all images are unlabeled.",
        "12 files below 'masks' are taken as masks",
    ),
    "images and masks in classes": (
        {"cat/images": "cat", "cat/masks": "-", "dog/images": "dog", "dog/masks": "-"},
        "2 classes",
        "taken as masks",
    ),
    "masks of another folder's classes": (
        below("images") | {"ground_truth/cat/#_mask.png*9": "-"},
        "2 classes, the folders below images.",
        "9 files below 'ground_truth'",
    ),
    "masks without an image": (
        {"images": "", "GT/x#.png": ""},
        "No classes",
        "GT, images look like",
    ),
    "with a mask and without": (
        {"mask": "mask", "no_mask": "no_mask"},
        "2 classes",
        "",
    ),
    "a folder packed into itself": (
        below("cells") | below("cells", "cells", tree={"cat": "-", "dog": "-"}),
        "2 classes, the folders below cells.",
        "'cells/cells' repeats the files beside it",
    ),
    "numbered files in folders of the same names": (
        CAT_DOG | below("more", tree={"cat": "more/cat", "dog": "more/dog"}),
        "4 classes",
        "beside 'more', which holds the other classes: cat, dog",
    ),
    "portions": (
        {"batch_1": "", "part2": ""},
        "No classes: all images are unlabeled.",
        "look like portions or sources of the data",
    ),
    "portions with a name": (
        {"cells_images_part_1": "", "cells_images_part_2": ""},
        "No classes",
        "cells_images_part_2 look like portions",
    ),
    "sizes": ({"224x224": "", "64px": ""}, "No classes", "--label-from parent"),
    "folders of anything": ({"images": "", "photos": ""}, "No classes", "look like"),
    "a class and a folder of anything": (
        {"cat": "cat", "dog": "dog", "raw_images": "", "batch_2": ""},
        "2 classes, one per folder; 24 images without a class.",
        "in 'batch_2', 'raw_images' beside class folders are taken as unlabeled",
    ),
    "persons": (
        {"subject01": "subject01", "subject02": "subject02"},
        "2 classes",
        "look like persons",
    ),
    "one folder": ({"cat": ""}, "No classes", "There are no classes"),
    "one class beside unlabeled images": (
        {"good": "good", "unlabeled": ""},
        "One class 'good'",
        "There is one class to learn, 'good'",
    ),
    "no folder": ({"": ""}, "No classes", "There are no classes"),
    "no images": ({}, "No images.", ""),
    "letters in both cases": (
        {"a": "a", "A": "A", "b": "b", "B": "B"},
        "4 classes",
        "",
    ),
    "one name in two spellings": (
        {"Cat*20": "Cat", "cat ": "Cat", "dog": "dog"},
        "2 classes",
        "'Cat' and 'cat ' are one class each",
    ),
    "numbers": ({"00": "00", "01": "01", "2": "2"}, "3 classes", ""),
    "a class of one image": (
        CAT_DOG | {"emu*1": "emu"},
        "3 classes",
        "Classes with one image (1 of 3): emu",
    ),
}
