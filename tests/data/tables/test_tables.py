"""Tables as people have them, each with what is understood."""

import random
import re
from typing import NamedTuple

import pytest
from table_fuzzing import mutated_table

from ssvae.data.tables.labels import labels_of_table, looks_like_labels
from ssvae.errors import InputError

NAMES = ["a.png", "b.png", "c.png"]
SKIN = ["ISIC_0024306.jpg", "ISIC_0024307.jpg", "ISIC_0024308.jpg"]
NUMBERED = ["00000.ppm", "00001.ppm", "00002.ppm"]
CAT_DOG_CAT = ["cat", "dog", "cat"]
CAT_DOG = ["cat", "dog", ""]


class Case(NamedTuple):
    """A table, the images, and the label of each image and columns understood."""

    text: str
    labels: list[str] = CAT_DOG_CAT
    names: list[str] = NAMES
    said: str = ""
    encoding: str = "utf-8"
    flags: dict = {}  # noqa: RUF012


CASES = {
    # Separators
    "comma": Case("file,label\na.png,cat\nb.png,dog\nc.png,cat\n"),
    "semicolon": Case("file;label\na.png;cat\nb.png;dog\nc.png;cat\n"),
    "tab": Case("file\tlabel\na.png\tcat\nb.png\tdog\nc.png\tcat\n"),
    "pipe": Case("file|label\na.png|cat\nb.png|dog\nc.png|cat\n"),
    "blanks": Case("file label\na.png cat\nb.png   dog\nc.png\tcat\n"),
    "blank-list-without-header": Case("a.png cat\nb.png dog\nc.png cat\n"),
    "blanks-in-the-label": Case(
        "a.png big cat\nb.png dog\nc.png big cat\n", ["big cat", "dog", "big cat"]
    ),
    "blanks-in-the-file": Case(
        "my cat 1.jpg 3\nmy cat 2.jpg 4\nx.jpg 3\n",
        ["3", "4", "3"],
        ["my cat 1.jpg", "my cat 2.jpg", "x.jpg"],
    ),
    "decimal-commas": Case(
        "file;size;label\na.png;0,5;cat\nb.png;1,5;dog\nc.png;0,1;cat\n"
    ),
    "excel-states-the-separator": Case(
        "sep=;\nfile;label\na.png;cat\nb.png;dog\nc.png;cat\n"
    ),
    "excel-states-an-odd-separator": Case(
        "sep=^\nfile^label\na.png^cat\nb.png^dog\n", CAT_DOG
    ),
    # Quotes
    "quotes": Case('"file","label"\n"a.png","cat"\n"b.png","dog"\n"c.png","cat"\n'),
    "comma-in-quotes": Case(
        'file,label\na.png,"cat, big"\nb.png,dog\nc.png,"cat, big"\n',
        ["cat, big", "dog", "cat, big"],
    ),
    "single-quotes": Case(
        "'file','label'\n'a.png','cat, big'\n'b.png','dog'\n", ["cat, big", "dog", ""]
    ),
    "quotes-within-quotes": Case(
        'file,label\na.png,"a ""cat"" here"\nb.png,dog\n', ['a "cat" here', "dog", ""]
    ),
    "backslash-before-quotes": Case(
        'file,label\na.png,"the \\"cat\\", big"\nb.png,dog\n',
        ['the "cat", big', "dog", ""],
    ),
    "line-break-in-quotes": Case(
        'file,note,label\na.png,"one\ntwo",cat\nb.png,"",dog\nc.png,x,cat\n'
    ),
    "open-quote": Case('file,label\na.png,"cat\nb.png,dog\nc.png,cat\n'),
    "two-open-quotes": Case('file,label\na.png,"cat\nb.png,"dog\nc.png,cat\n'),
    "apostrophe": Case("file,label\na.png,cat's\nb.png,dog\n", ["cat's", "dog", ""]),
    "lines-quoted-as-a-whole": Case(
        'file,size,label\n"a.png,1,""cat, big"""\n"b.png,2,dog"\n"c.png,2,dog"\n',
        ["cat, big", "dog", "dog"],
    ),
    # Encodings and ends of lines
    "utf-8-mark": Case(
        "file,label\na.png,Möwe\nb.png,dog\n", ["Möwe", "dog", ""], encoding="utf-8-sig"
    ),
    "utf-16-mark": Case(
        "file,label\na.png,Möwe\nb.png,dog\n", ["Möwe", "dog", ""], encoding="utf-16"
    ),
    "utf-16-le": Case(
        "file,label\na.png,Möwe\nb.png,猫\n", ["Möwe", "猫", ""], encoding="utf-16-le"
    ),
    "utf-16-be": Case(
        "file;label\na.png;Möwe\nb.png;dog\n", ["Möwe", "dog", ""], encoding="utf-16-be"
    ),
    "utf-32": Case("file,label\na.png,cat\nb.png,dog\n", CAT_DOG, encoding="utf-32"),
    "latin-1": Case(
        "file,label\na.png,Möwe\nb.png,dog\n", ["Möwe", "dog", ""], encoding="latin-1"
    ),
    "windows-1252": Case(
        "file,label\na.png,5 €\nb.png,dog\n", ["5 €", "dog", ""], encoding="cp1252"
    ),
    "carriage-returns": Case("file,label\ra.png,cat\rb.png,dog\rc.png,cat"),
    "line-ends-of-windows": Case("file,label\r\na.png,cat\r\nb.png,dog\r\nc.png,cat"),
    "end-of-file-of-dos": Case("file,label\r\na.png,cat\r\nb.png,dog\r\n\x1a", CAT_DOG),
    # Headers, and lines that are no rows
    "no-header": Case("a.png,cat\nb.png,dog\nc.png,cat\n", said="no header"),
    "no-header-label-first": Case("cat;a.png\ndog;b.png\ncat;c.png\n"),
    "words-that-are-no-usual-header": Case(
        "bild,klasse\na.png,cat\nb.png,dog\nc.png,cat\n", said="column 'klasse'"
    ),
    "header-as-comment": Case("#file,label\na.png,cat\nb.png,dog\nc.png,cat\n"),
    "comments": Case(
        '# by me, "2024\nfile,label\n# first\na.png,cat\nb.png,dog\n#c.png,dog\n',
        CAT_DOG,
    ),
    "names-that-begin-like-comments": Case(
        "#1.png,cat\n#2.png,dog\n#3.png,cat\n",
        names=["#1.png", "#2.png", "#3.png"],
    ),
    "title-above": Case("My animals,,\nfile,label,\na.png,cat,\nb.png,dog,\n", CAT_DOG),
    "empty-rows": Case("\n\nfile,label\n\na.png,cat\n,\n \nb.png,dog\n\nc.png,cat\n\n"),
    "trailing-comma": Case("file,label,\na.png,cat,\nb.png,dog,\nc.png,cat,\n"),
    "trailing-comma-below-the-header": Case(
        "file,label\na.png,cat,\nb.png,dog,\n", CAT_DOG
    ),
    "index-of-pandas": Case(",file,label\n0,a.png,cat\n1,b.png,dog\n2,c.png,cat\n"),
    "unnamed-index": Case("Unnamed: 0,file,label\n0,a.png,cat\n1,b.png,dog\n", CAT_DOG),
    "series-of-pandas": Case(",0\na.png,cat\nb.png,dog\nc.png,cat\n"),
    "row-names-of-r": Case(
        '"file" "label"\n"1" "a.png" "cat"\n"2" "b.png" "dog"\n', CAT_DOG
    ),
    "stacked": Case("file,label\na.png,cat\nfile,label\nb.png,dog\nc.png,cat\n"),
    "stacked-in-other-order": Case(
        "file,label\na.png,cat\nlabel,file\ndog,b.png\ncat,c.png\n"
    ),
    "stacked-with-other-columns": Case(
        "file,label\na.png,cat\nfile,width,label\nb.png,9,dog\nc.png,9,cat\n"
    ),
    "stacked-with-a-mark-between": Case(
        "file,label\na.png,cat\n\ufefffile,label\nb.png,dog\nc.png,cat\n"
    ),
    # Columns
    "image-and-class": Case("Image,Class\na.png,cat\nb.png,dog\nc.png,cat\n"),
    "species-beside-others": Case(
        "img,age,species,sex\na.png,3,cat,m\nb.png,4,dog,f\nc.png,3,cat,m\n",
        said="column 'species' names the class and 'img' the file",
    ),
    "class-name-before-class-number": Case(
        "class_id,class_name,path\n0,cat,a.png\n1,dog,b.png\n0,cat,c.png\n",
        said="column 'class_name'",
    ),
    "kaggle-breeds": Case("id,breed\na,cat\nb,dog\nc,cat\n"),
    "gtsrb": Case(
        "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n"
        "00000.ppm;53;54;6;5;48;49;16\n00001.ppm;42;45;5;5;36;40;1\n",
        ["16", "1", ""],
        NUMBERED,
        "column 'ClassId' names the class and 'Filename' the file",
    ),
    "ham10000": Case(
        "lesion_id,image_id,dx,dx_type,age,sex,localization\n"
        "HAM_0000118,ISIC_0024306,bkl,histo,80.0,male,scalp\n"
        "HAM_0000118,ISIC_0024307,nv,histo,80.0,male,scalp\n",
        ["bkl", "nv", ""],
        SKIN,
        "column 'dx' names the class and 'image_id' the file",
    ),
    "isic-one-hot": Case(
        "image,MEL,NV,BCC\nISIC_0024306,0.0,1.0,0.0\nISIC_0024307,1.0,0.0,0.0\n"
        "ISIC_0024308,0.0,0.0,0.0\n",
        ["NV", "MEL", ""],
        SKIN,
        "a 1 in one of 3 columns",
    ),
    "one-hot-of-digits": Case("id,0,1\na,1,0\nb,0,1\nc,1,0\n", ["0", "1", "0"]),
    "roboflow-classes": Case(
        "filename, cat, dog, Unlabeled\na.png, 1, 0, 0\nb.png, 0, 1, 0\n"
        "c.png, 0, 0, 1\n",
        ["cat", "dog", ""],
    ),
    "label-studio": Case(
        "annotation_id,annotator,choice,created_at,id,image,lead_time,updated_at\n"
        "1,1,cat,2024-01-01T10:00:00Z,1,/data/upload/3/1a2b3c4d-a.png,3.5,2024\n"
        "2,1,dog,2024-01-01T10:00:01Z,2,/data/upload/3/9f8e7d6c-b.png,2.25,2024\n",
        CAT_DOG,
        said="column 'choice' names the class and 'image' the file",
    ),
    "vgg-via": Case(
        "filename,file_size,file_attributes,region_count,region_id,"
        "region_shape_attributes,region_attributes\n"
        'a.png,12,"{}",1,0,"{""name"":""rect"",""x"":1}","{""type"":""cat""}"\n'
        'b.png,13,"{}",1,0,"{""name"":""rect"",""x"":2}","{""type"":""dog""}"\n',
        CAT_DOG,
    ),
    "boxes-of-one-class-per-image": Case(
        "image,xmin,ymin,xmax,ymax,class\na.png,1,2,3,4,cat\na.png,5,6,7,8,cat\n"
        "b.png,1,1,2,2,dog\n",
        CAT_DOG,
    ),
    "boxes-named-x-and-y": Case(
        "image,x,y,w,h,breed\na.png,1,2,3,4,cat\nb.png,1,2,2,2,dog\nc.png,3,2,1,1,cat\n"
    ),
    "flags-choose-the-columns": Case(
        "one,two,three,four\nb.png,a.png,u,cat\na.png,b.png,v,dog\nb.png,c.png,u,cat\n",
        flags={"file_column": "TWO", "label_column": "4"},
    ),
    "json-objects": Case(
        '[{"file": "a.png", "label": "cat"}, {"file": "b.png"}]', ["cat", "", ""]
    ),
    "json-lines": Case(
        '{"img": "a.png", "y": "cat"}\n{"img": "b.png", "y": "dog"}\n', CAT_DOG
    ),
    "json-from-file-to-label": Case('{"a.png": "cat", "b.png": "dog"}', CAT_DOG),
    # Labels
    "whole-numbers-as-floats": Case(
        "file,label\na.png,3.0\nb.png,10.0\nc.png,\n", ["3", "10", ""]
    ),
    "usual-words-for-no-label": Case(
        "file,label\na.png,cat\nb.png,N/A\nc.png,-1\n", ["cat", "", ""]
    ),
    "too-short-rows": Case("file,label\na.png,cat\nb.png,dog\nc.png\n", CAT_DOG),
}


@pytest.mark.parametrize("name", CASES)
def test_a_table_is_understood(name):
    case = CASES[name]
    content = case.text.encode(case.encoding)
    found = labels_of_table(content, "labels.csv", case.names, **case.flags)
    assert found.labels == case.labels
    assert case.said in found.sentence
    assert found.sentence.startswith("Labels from labels.csv: ")
    if not case.flags:
        labeled = sum(map(bool, case.labels)) / len(case.labels)
        assert looks_like_labels(content, case.names) == labeled


REFUSED = {
    "empty": ("", "is empty"),
    "blank": (" \n\n", "is empty"),
    "header-alone": ("file,label\n", "no row below its header 'file', 'label'"),
    "spreadsheet": ("PK\x03\x04rest", "is a spreadsheet .* save it as CSV"),
    "zero-byte": ("file,label\na.png,c\x00at\n", "zero byte in line 2"),
    "control-characters": ("a.png,\x01\x02\x03\x04", "holds binary data"),
    "gigantic-field": (
        "file,label\na.png," + "x" * 200_000,
        "is no table: field larger than",
    ),
    "no-file": (
        "file,label\nz.png,cat\n",
        "no column names an image; .*'file', 'label'",
    ),
    "no-label-column": ("file\na.png\nb.png\n", "no column has labels"),
    "unclear-class": ("file,p,q\na.png,x,u\nb.png,y,v\nc.png,x,u\n", "--label-column"),
    "equally-good-columns": (
        "file,object_type,material_type\na.png,x,u\nb.png,y,v\n",
        "several columns could hold the class",
    ),
    "no-label-at-all": ("file,label\na.png,\nb.png,NA\n", "no column has labels"),
    "two-labels": (
        "file,label\na.png,cat\na.png,dog\n",
        "'cat' in line 2 and 'dog' in",
    ),
    "two-labels-by-two-paths": (
        "file,label\nx/a.png,cat\ny/a.png,dog\n",
        "as 'x/a.png' and 'y/a.png'",
    ),
    "boxes-of-several-classes": (
        "image,xmin,label\na.png,1,cat\na.png,2,dog\nb.png,1,cat\nb.png,2,cow\n",
        "2 images have several; need one class per image",
    ),
    "several-classes-in-a-label": (
        "file,label\na.png,cat;dog\nb.png,dog\nc.png,dog;cat\n",
        "names several classes in 2 rows",
    ),
    "several-ones": (
        "file,cat,dog,cow\na.png,1,1,0\nb.png,0,1,0\n",
        "have a 1 in several columns .first: line 2, 'cat', 'dog'.",
    ),
    "measurements": (
        "file,label\na.png,0.5\n" + "".join(f"a.png,{n}.25\n" for n in range(30)),
        "different numbers with fractions",
    ),
    "rows-too-wide": ("file,label\na.png,cat,1,2\nb.png,dog,1,2\n", "more cells than"),
    "json-of-another-form": ('{"images": [], "annotations": []}', "need a list of obj"),
    "json-list-of-numbers": ("[1, 2]", "no list of objects"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_does_not_fit_is_refused_in_a_line(name):
    text, words = REFUSED[name]
    with pytest.raises(InputError, match=words) as error:
        labels_of_table(text.encode(), "labels.csv", NAMES)
    message = str(error.value)
    assert message.startswith("labels.csv") and "\n" not in message
    assert len(message) < 400
    assert looks_like_labels(text.encode(), NAMES) == 0


@pytest.mark.parametrize(
    "piece", ["9", "0", " ", "\t", '"', "'", "/", ",", ".", "a;", "x="]
)
def test_a_very_long_line_takes_no_long_time(piece):
    line = piece * (120_000 // len(piece)) + "!"
    for text in (f"{line}\n", f"file,label\na.png,cat\n{line},dog\nb.png,{line}\n"):
        looks_like_labels(text.encode(), NAMES)


TWO = "file,label\na.png,cat\nb.png,dog\n"


@pytest.mark.parametrize(
    ("text", "flags", "words"),
    [
        (TWO, {"label_column": "klass"}, "--label-column 'klass' is no column"),
        (TWO, {"file_column": "3"}, "--file-column '3' is no column.*number from 1"),
        (TWO, {"file_column": "label", "label_column": "file"}, "names no image here"),
        (TWO, {"file_column": "file", "label_column": "1"}, "for both the file and"),
        ("f,x-y,x_y\na.png,x,y\n", {"label_column": "XY"}, "give the number: 2, 3"),
    ],
)
def test_flags_that_fit_no_column_are_refused(text, flags, words):
    with pytest.raises(InputError, match=words):
        labels_of_table(text.encode(), "labels.csv", NAMES, **flags)


def test_a_message_shows_the_columns_and_the_first_row():
    text = "file,p,q\na.png,x,u\nb.png,y,v\nc.png,x,u\n"
    with pytest.raises(InputError) as error:
        labels_of_table(text.encode(), "labels.csv", NAMES)
    assert str(error.value) == (
        "labels.csv: several columns could hold the class; it has the columns 'file', "
        "'p', 'q', first row 'a.png', 'x', 'u'. Need one: --label-column gives its "
        "name or number"
    )


def test_the_sentence_counts_rows_and_images():
    text = "img,species\na.png,cat\nb.png,\nx.jpg,cow\ny.jpg,dog\n"
    found = labels_of_table(text.encode(), "labels.csv", NAMES)
    assert found.sentence == (
        "Labels from labels.csv: column 'species' names the class and 'img' the file; "
        "2 of 4 rows are images here, 2 are not (first: x.jpg); 1 of them without a "
        "label; 1 image is not in it"
    )
    assert found.named == [True, True, False]
    assert found.labels == ["cat", "", ""]


@pytest.mark.parametrize(
    ("text", "parts", "note"),
    [
        ("train,test,", ["train", "test", ""], ""),
        ("Training,val,TEST", ["train", "train", "test"], "joins the training part"),
        ("train,valid,train", ["train", "test", "train"], "is the test part"),
    ],
)
def test_a_column_says_the_part(text, parts, note):
    rows = [f"{n},cat,{p}" for n, p in zip(NAMES, text.split(","), strict=True)]
    table = "\n".join(["file,label,Split", *rows])
    found = labels_of_table(table.encode(), "labels.csv", NAMES)
    assert found.parts == parts
    assert "'Split' the part" in found.sentence
    assert note in " ".join(found.notes)


def test_a_column_of_folds_says_no_part():
    text = "file,label,fold\na.png,cat,0\nb.png,dog,1\nc.png,cat,2\n"
    found = labels_of_table(text.encode(), "labels.csv", NAMES)
    assert found.parts is None and found.labels == CAT_DOG_CAT


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("file,label\na.png,None\nb.png,cat\n", "'None' .1.; give it another name"),
        ("file,label\na.png,Cat\nb.png,cat\nc.png,cat\n", "'Cat' as 'cat'"),
        ("file,label,species\na.png,x,y\nb.png,y,z\n", "not from 'species'"),
        ("file,label\na.png,x\nb.png,x,y\n", "1 row is left out with more"),
        ('file,label\na.png,"x\nb.png,x\n', "quotation marks do not pair"),
        ("file,label\na.png,M\xf6we\n", "is not UTF-8"),
    ],
)
def test_what_is_assumed_is_said(text, note):
    found = labels_of_table(text.encode("latin-1"), "labels.csv", NAMES)
    assert any(re.search(note, said) for said in found.notes)
    assert all(
        said.startswith("labels.csv") and "\n" not in said for said in found.notes
    )


@pytest.mark.parametrize("name", ["comma", "semicolon", "gtsrb", "label-studio"])
def test_a_usual_table_needs_no_note(name):
    case = CASES[name]
    content = case.text.encode(case.encoding)
    assert not labels_of_table(content, "labels.csv", case.names).notes


@pytest.mark.parametrize("start", range(0, 100, 25))
def test_damaged_tables_are_read_or_refused(start):
    for case in range(start, start + 25):
        rng = random.Random(case)
        table = CASES[rng.choice(sorted(CASES))]
        content = mutated_table(table.text.encode(table.encoding), rng)
        try:
            found = labels_of_table(content, "labels.csv", table.names)
            assert len(found.labels) == len(found.named) == len(table.names)
        except InputError as error:
            assert "\n" not in str(error)
