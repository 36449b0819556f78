"""Words by which a column is recognised: as the file, the class, or the part."""

import re
import string
from collections.abc import Sequence
from itertools import chain

# Names of columns that hold the file of an image, the likeliest first; in lower case,
# without blanks and signs.
_FILE = (
    "filename filepath file imagefilename imagefile imagepath imagefilepath imgpath "
    "imgfile imagename imgname path fullpath relativepath filenames files imageurl url "
    "uri image img images imageid imgid imageindex pic picture photo photoid name "
    "fname originalfilename sample sampleid isicid id uid uuid key index"
).split()
# Names of columns that hold the class, the likeliest first. The first tuple is certain;
# the last one holds the columns of annotation tools, whose cells are JSON.
_LABEL = (
    "label labels labelname classname categoryname class classes category target "
    "targetname groundtruth truth truelabel finallabel imagelabel y".split(),
    "species speciesname diagnosis dx breed choice choices tag tags finding findings "
    "findinglabels diagnose disease pathology condition variety cultivar genus family "
    "type kind emotion expression defect failuretype character letter digit grade "
    "severity level annotation annotations concept group code person subject identity "
    "artist style material brand mode product outcome result status".split(),
    "classid labelid categoryid targetid classidx labelidx classindex labelindex "
    "classnumber classno".split(),
    "regionattributes fileattributes".split(),
)
CERTAIN = frozenset(_LABEL[0])
_LABEL_RANKS = {word: rank for rank, word in enumerate(chain(*_LABEL))}
_FILE_RANKS = {word: rank for rank, word in enumerate(_FILE)}
# Rank of a column whose last word only is a word for the class: "plant_species".
_BY_LAST_WORD = len(_LABEL_RANKS)
SPLIT = frozenset(
    "split splits set subset partition part dataset fold phase usage datasplit "
    "traintest trainortest trainvaltest settype istrain istraining istest".split()
)
_TRAIN = "train training trn tr trainset trainingset".split()
_VALID = "val valid validation dev validate validationset valset".split()
_TEST = "test testing tst te eval evaluation testset holdout publictest privatetest"
# Cells of a split column, to the part that they mean.
PARTS = {
    **dict.fromkeys(_TRAIN, "train"),
    **dict.fromkeys(_VALID, "validation"),
    **dict.fromkeys(_TEST.split(), "test"),
}
_DROPPED = {ord(sign): None for sign in string.punctuation + string.whitespace}
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


def normal(header: str) -> str:
    """Return the name of a column in lower case, without blanks and signs."""
    return header.casefold().translate(_DROPPED)


def file_rank(header: str) -> int | None:
    """Return how late a name comes among those of files, None if it is none of them."""
    return _FILE_RANKS.get(normal(header))


def label_rank(header: str) -> int | None:
    """Return how late a name comes among those of classes, None if it is none."""
    rank = _LABEL_RANKS.get(normal(header))
    if rank is None:
        words = [word for word in _TOKEN.findall(header) if not word.isdigit()]
        last = words[-1].casefold() if len(words) > 1 else ""
        if last in _LABEL_RANKS and last != "y":
            return _BY_LAST_WORD + _LABEL_RANKS[last]
    return rank


def is_class_word(header: str) -> bool:
    """Return whether a name as a whole is one that columns of classes or parts have."""
    word = normal(header)
    return word in _LABEL_RANKS or word in SPLIT


def is_box(header: str, headers: Sequence[str]) -> bool:
    """Return whether a column named "y" holds a coordinate: there is an "x" too."""
    return normal(header) == "y" and "x" in map(normal, headers)
