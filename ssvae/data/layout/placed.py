"""What each folder that holds images is: of a class, unlabeled, or left out."""

from dataclasses import dataclass, field

from ssvae.data.layout.nodes import Folder, few
from ssvae.data.layout.splits import Splits
from ssvae.data.layout.words import UNKNOWN, is_about, is_unlabeled, plain

ABOUT_REASON = "in a folder of pictures about the data"
LOOSE_REASON = "beside the folder of the data"
# Few files beside the data are left out as not meant: at most so many, and at most
# this share of all, from 0 to 1. More of them are unlabeled images.
MAX_LOOSE, MAX_LOOSE_SHARE = 20, 0.05


@dataclass
class Placing:
    """What each folder that holds images is.

    Attributes:
        paths: The folders that may name the class of a folder's images, outermost
            first: without wrappers and parts. Empty where there are none.
        left_out: Why the images of a folder are left out.
        unlabeled: The folders whose images have no class, whatever their names.
        roots: The folders below which the classes are, one per part.
        notes: What a person should look into.
        total: Number of images.
    """

    splits: Splits
    total: int
    paths: dict[Folder, tuple[str, ...]] = field(default_factory=dict)
    left_out: dict[Folder, str] = field(default_factory=dict)
    unlabeled: set[Folder] = field(default_factory=set)
    roots: list[Folder] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def is_few(self, number: int) -> bool:
        """Return whether so many images beside the data are hardly meant."""
        return number <= MAX_LOOSE and number <= MAX_LOOSE_SHARE * self.total

    def without_class(self, folder: Folder) -> None:
        """State that all images of a folder and below it have no class."""
        for inner in folder.walk():
            self.paths[inner] = ()
            self.unlabeled.add(inner)

    def beside(self, folder: Folder, *used: Folder) -> None:
        """Decide on a folder that lies beside the one of the data."""
        number = len(folder.all_rows())
        if is_unlabeled(folder.name):
            self.without_class(folder)
        elif self.is_few(number) or (is_about(folder.name) and number < self.total / 2):
            reason = ABOUT_REASON if is_about(folder.name) else LOOSE_REASON
            self.left_out |= dict.fromkeys(folder.walk(), reason)
            self.notes.append(
                f"The images in {folder.path!r} ({number:,}) are left out, for the "
                f"data are in {_named(used)}: move them there to use them"
            )
        else:
            self.without_class(folder)
            self.notes.append(
                f"The images in {folder.path!r} ({number:,}) are unlabeled, for the "
                f"classes are in {_named(used)}: move them there to change it"
            )

    def loose(self, folder: Folder) -> None:
        """Decide on the images that lie directly beside the folder of the data."""
        if not folder.rows:
            return
        if self.is_few(len(folder.rows)):
            self.left_out[folder] = LOOSE_REASON
            self.notes.append(
                f"Images beside the folders of the data ({len(folder.rows):,}) are "
                "left out: move them into a folder 'unlabeled' to use them"
            )
        else:
            self.paths[folder] = ()


def _named(folders):
    """Return the paths of folders for a sentence."""
    paths = [folder.path for folder in folders if folder.path]
    return few(map(repr, paths)) or "the folders beside them"


def note_unknown(placing: Placing) -> None:
    """Add a note if images below a folder "unknown" are taken as unlabeled."""
    found = [folder for folder in placing.paths if plain(folder.name) == UNKNOWN]
    if found:
        placing.notes.append(
            f"The images in {few(repr(folder.path) for folder in found)} are taken as "
            "unlabeled: rename the folder if unknown is a class"
        )
