"""What the name of a folder says: a part of the data, a source, or a class."""

import functools
import re
import unicodedata

# Words of the parts. A name is one of a part if a word of it is, see `part_word`.
PART_WORDS = {
    "train": "train training trn trainset traindata trainval",
    "validation": "val valid validation validate vali dev valset eval evaluation",
    "test": "test tests testing tst testset testdata holdout heldout",
}
_PART_OF_WORD = {word: part for part, of in PART_WORDS.items() for word in of.split()}
# Whole names of the parts that are too short to be looked for as words.
SHORT_PARTS = {"tr": "train", "va": "validation", "te": "test", "ts": "test"}
# Words that say nothing about the content beside the word of a part: "Final_Training".
FILLERS = set("final full new raw original originals my the of for and".split())
# Words of folders that only hold something. A name of such words is never a class.
HOLDERS = set(
    "set sets data dataset datasets image images img imgs photo photos photograph "
    "photographs picture pictures pic pics file files folder folders directory jpg "
    "jpeg jpegs png pngs bmp tif tiff ppm webp jpegimages resized cropped crops "
    "labeled labelled annotated input inputs archive download downloads classes "
    "categories processed preprocessed augmented augmentation subset frames all".split()
)
# Words that with a number or a letter say a portion: "batch_1", "part2".
PORTIONS = set("batch part chunk shard fold split version v volume vol".split())
# Words that with a number or a letter say a source or occasion: "cam2", "session_b".
SOURCES = set(
    "session cam camera site source src day date device scanner slide plate run view "
    "angle seq sequence video clip trial take roll location loc phone series "
    "photographer experiment exp round recording visit week month year".split()
)
# Words that with a number or a letter say whom the images show. They may be classes.
IDENTITIES = set(
    "subject subj person patient user writer participant volunteer".split()
)
# Words of variants of the same image or object, not of what it is.
VARIANTS = set(
    "color colour colored coloured gray grey grayscale greyscale bw rgb segmented "
    "segmentation original augmented raw cropped resized left right front back rear "
    "top bottom side day night indoor outdoor indoors outdoors summer winter".split()
)
# Words of a state that is worth a class for each kind of object it occurs in.
STATES = set(
    "healthy diseased sick infected uninfected normal abnormal good bad ok defect "
    "defective broken benign malignant ripe unripe rotten fresh positive negative fake "
    "real live dead".split()
)
# Names of folders of images without a class, without case, spaces and punctuation.
UNLABELED_NAMES = set(
    "unlabeled unlabelled unlabel unlab unsup unsupervised nolabel nolabels todo "
    "notlabeled notlabelled unannotated unknown withoutlabel withoutlabels".split()
)
# The one of them that may as well be a class.
UNKNOWN = "unknown"
# Names of folders with pictures about the data, not of the data.
ABOUT_NAMES = set(
    "example examples sample samples asset assets doc docs figure figures fig figs "
    "screenshot screenshots readme demo demos result results output outputs plot plots "
    "log logs github media thumbnails".split()
)
# Words of files that a camera or a program numbers: "IMG_0001", "frame-12".
CAMERA_WORDS = set(
    "img image images imgs dsc dscn dscf dcim pict pic picture photo p pxl mvi gopr "
    "gopro frame frames scan screenshot screen shot snap snapshot file untitled "
    "download capture whatsapp wa vid video cam camera imgp sam dji im n copy jpg jpeg "
    "png crop patch tile unsplash pexels page row id".split()
)

# Names whose meaning is kept, number: all folders of all but the largest sets.
MAX_KNOWN = 2**17

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_DATE = re.compile(
    r"(19|20)\d\d(\W?|_)(0?[1-9]|1[0-2])?((\W?|_)[0-3]?\d)?(\D.*)?|\d\d?[-_.]\d\d?[-_.]\d{4}"
)
# 224x224, 64px, and magnifications such as 40X.
_SIZE = re.compile(r"\d+\s*[x×]\s*\d+|\d+\s*px|\d+x", re.IGNORECASE)  # noqa: RUF001
# Five digits and more beside short words number a case: SOB_B_A-22549AB. A WordNet
# synset, n02085620, is no case.
_NUMBERED_CASE = re.compile(r"(?!n\d{8})(?=.*[^\W\d_])(?!.*[^\W\d_]{4}).*\d{5}.*")


@functools.lru_cache(MAX_KNOWN)
def words(name: str) -> tuple[str, ...]:
    """Return the words and numbers of a name in lower case: `IMGSmall_2` has three."""
    return tuple(word.lower() for word in _WORD.findall(name))


@functools.lru_cache(MAX_KNOWN)
def key_of(name: str) -> str:
    """Return what names that are the same but for case and spaces have in common.

    A single letter keeps its case: `a` and `A` are two characters.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    return name if len(name) == 1 else name.casefold()


@functools.lru_cache(MAX_KNOWN)
def plain(name: str) -> str:
    """Return a name without case, spaces and punctuation."""
    return "".join(words(name))


def telling_words(name: str) -> list[str]:
    """Return the words of a name that are no numbers, holders, or fillers."""
    return [
        word
        for word in words(name)
        if not (word.isdigit() or word in FILLERS or word in HOLDERS)
    ]


@functools.lru_cache(MAX_KNOWN)
def part_word(name: str) -> tuple[str, str]:
    """Return the part that a folder's name says, and the rest of the name.

    Returns:
        "train", "validation", "test", or "" for none; and the other words of the name,
        without numbers and words that say nothing, joined by spaces.
    """
    said = words(name)
    if "".join(said) in SHORT_PARTS:
        return SHORT_PARTS["".join(said)], ""
    found = [_PART_OF_WORD[word] for word in said if word in _PART_OF_WORD]
    rest = [word for word in telling_words(name) if word not in _PART_OF_WORD]
    if "out" in rest and {"hold", "held"} & set(rest):
        found.append("test")
        rest = [word for word in rest if word not in ("hold", "held", "out")]
    # "train_val" is what training has; "non-test" and the like have no part.
    part = found[0] if found else ""
    return (part, " ".join(rest)) if part and "non" not in rest else ("", "")


def is_unlabeled(name: str) -> bool:
    """Return whether a folder's name says that its images have no class."""
    return plain(name) in UNLABELED_NAMES


def is_about(name: str) -> bool:
    """Return whether a folder's name says that it holds pictures about the data."""
    return plain(name) in ABOUT_NAMES


@functools.lru_cache(MAX_KNOWN)
def is_holder(name: str) -> bool:
    """Return whether a folder's name only says that it holds images."""
    found = words(name)
    return (
        bool(found)
        and all(word in HOLDERS or word in FILLERS or word.isdigit() for word in found)
        and any(word in HOLDERS for word in found)
    )


@functools.lru_cache(MAX_KNOWN)
def no_class(name: str) -> str:
    """Return why a folder's name is hardly one of a class; "" if it may well be.

    Returns:
        "holder" ("images"), "portion" ("batch_1", "224x224"), "source" ("cam2",
        "2019-03-04"), "identity" ("subject07"), "case" ("SOB-22549"), or "".
    """
    name = name.strip()
    if is_holder(name):
        return "holder"
    if _SIZE.fullmatch(name):
        return "portion"
    if _DATE.fullmatch(name):
        return "source"
    found = words(name)
    indexed = any(word.isdigit() or len(word) == 1 for word in found)
    said = {word for word in found if not word.isdigit() and len(word) > 1}
    said |= {word for word in found if word == "v"}
    for kind, known in (
        ("portion", PORTIONS),
        ("source", SOURCES),
        ("identity", IDENTITIES),
    ):
        if indexed and said & known and said <= known | HOLDERS:
            return kind
    return "case" if _NUMBERED_CASE.fullmatch(name) else ""


@functools.lru_cache(MAX_KNOWN)
def without_holders(name: str) -> tuple[str, ...]:
    """Return the words of a name but for numbers, sizes, variants and holders."""
    return tuple(
        word
        for word in words(_SIZE.sub(" ", name))
        if not (word.isdigit() or word in HOLDERS or word in VARIANTS)
    )
