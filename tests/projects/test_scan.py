import numpy as np
import pytest
from PIL import Image

from ssvae.errors import InputError
from ssvae.projects.project import Project
from ssvae.projects.scan import scan


def test_a_scan_counts_what_is_there_and_what_is_left_out(pictures):
    (pictures / "notes.txt").write_text("hello")
    (pictures / "star" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    Image.new("RGB", (90, 60)).save(pictures / "star" / "large.png")
    found = scan(pictures)
    assert found.num_images == 19 and found.num_test == 0
    assert found.classes == {"circle": 6, "square": 6, "star": 8}
    assert found.sizes == "from 30 x 24 to 90 x 60 pixels"
    told = "\n".join(found.left_out)
    assert "notes.txt" in told and "1 image file" in told
    assert "3 classes" in found.understood[0]
    assert len(found.proposal) == 3


def test_a_project_can_be_made_of_what_was_scanned(tmp_path, pictures):
    (pictures / "star" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    found = scan(str(pictures))
    made = Project.create(tmp_path / "projects", "shapes", found.config)
    assert len(made.images()) == found.num_images == 18


def test_the_contact_sheet_shows_images_of_all_places(pictures):
    sheet = np.asarray(scan(pictures).sheet)
    assert sheet.shape == (196, 1196, 4)
    levels = [sheet[40, 100 * column + 40, 0] for column in range(12)]
    assert levels == sorted(levels) and levels[0] == 0


def test_a_scan_of_arrays_tells_their_test_part(array_file):
    found = scan(array_file)
    assert (found.num_images, found.num_test) == (10, 2)
    assert found.classes == {"nine": 5, "seven": 5}
    assert found.sizes == "all of 12 x 12 pixels"


def test_a_place_without_images_says_so(tmp_path):
    with pytest.raises(InputError, match="nothing"):
        scan(tmp_path / "nothing")
    (tmp_path / "words.txt").write_text("hello")
    with pytest.raises(InputError, match="holds no images"):
        scan(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(InputError, match="none of the 1 image files"):
        scan(tmp_path)


def test_images_without_a_class_are_no_matter_for_a_note(tmp_path):
    for number in range(3):
        Image.new("RGB", (30, 24)).save(tmp_path / f"{number}.png")
    found = scan(tmp_path)
    assert (found.num_images, found.num_labeled, found.notes) == (3, 0, [])
