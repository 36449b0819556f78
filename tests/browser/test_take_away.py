"""A model is taken away in a real browser, and another program opens it."""

import csv
import subprocess
import sys
import zipfile

import numpy as np
from PIL import Image
from serving import settle

import ssvae


def downloaded(page, name, path):
    """Press a download button; return the path of the file."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    download.value.save_as(path)
    return path


def test_an_export_is_made_downloaded_and_run_by_another_program(
    page, address, tmp_path
):
    page.goto(f"{address}/take_away?model=mnist-100")
    page.get_by_text("ONNX", exact=True).first.click()
    settle(page)
    page.get_by_role("button", name="Make the file for ONNX").click()
    page.get_by_role("button", name="Download mnist-100-onnx.zip").wait_for(
        timeout=300_000
    )
    path = downloaded(page, "Download mnist-100-onnx.zip", tmp_path / "model.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    images, labels = ssvae.load_dataset().read_test()
    files = []
    for row in range(5):
        files.append(tmp_path / f"{row}.png")
        Image.fromarray(images[row, ..., 0]).save(files[-1])
    told = subprocess.run(
        [sys.executable, "-I", tmp_path / "mnist-100-onnx" / "use.py", *files],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    classes = [line.split(": ")[1].split()[0] for line in told]
    assert classes == [str(label) for label in labels[:5]]
    # It is kept: the page offers it at once when it is opened again.
    page.reload()
    settle(page)
    assert page.get_by_role("button", name="Download mnist-100-onnx.zip").is_visible()


def test_answers_and_the_card_are_taken_away(page, address, tmp_path):
    page.goto(f"{address}/take_away?model=mnist-100")
    page.get_by_role("button", name="Download its answers").wait_for()
    settle(page)
    path = downloaded(page, "Download its answers", tmp_path / "answers.csv")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert len(rows) >= 1_000
    assert np.mean([row["class"] == row["label"] for row in rows]) > 0.98
    path = downloaded(page, "Download the model card", tmp_path / "card.md")
    assert path.read_text(encoding="utf-8").startswith("# mnist-100")
