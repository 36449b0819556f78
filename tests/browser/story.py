"""The whole way in the browser: `python tests/browser/story.py FOLDER`.

FOLDER holds one folder of images per class. Nine tenths of the images are put into one
folder without labels; the others are photographs that the model never sees. A scripted
user who knows the truth makes a project, names the classes while labeling, labels
screens, reads the estimate, trains, looks, and takes the model away. A decision is a
click on an image or a key; naming a class is one too. Figures go to
`benchmarks/story.json`; `--film FILE.webp` keeps an animation.
"""

import argparse
import contextlib
import csv
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from figures import keep
from PIL import Image
from playwright.sync_api import TimeoutError
from serving import browser, server, settle

from ssvae.hardware import machine
from ssvae.projects.features import project_vectors
from ssvae.projects.guesses import guess
from ssvae.projects.project import Project
from ssvae.runs.folder import partial_folder

# Decisions after which guesses are measured, and those made image by image at first,
# per class.
AFTER, FIRST = (100, 300), 3
# Seconds that training may take, and photographs that the export is asked about.
TRAINING, PHOTOGRAPHS = 1200, 10
# Seconds to wait for a screen of one guess, and images that are labelled where none
# comes.
PATIENCE, SOME = 60, 10
# Share of the work from which the time left is compared with the time that it took,
# until so many seconds before the end.
FIRST_TENTH, LAST_SECONDS = 0.1, 10.0
# Beginning of the title of a screen of images that the page takes for one class.
GUESS = "The guess for these is: "
# Size of the animation, pixels, and its quality of 100: it has less than 3 MB.
FILM_SIZE, FILM_QUALITY = (800, 562), 45


class Player:
    """Somebody in front of the page who knows the class of every image.

    Args:
        page: The page of the browser.
        address: Address of the app.
        folder: Working directory of the app.
        truth: Dict from the name of an image to its class.
    """

    def __init__(self, page, address, folder, truth):
        self.frames = []
        self.page, self.address, self.folder = page, address, folder
        self.truth = truth
        self.decisions, self.began = 0, time.perf_counter()
        self.seconds, self.points, self.keys = {}, [], {}

    def stage(self, name):
        """Note when a stage of the story is over."""
        self.seconds[name] = round(time.perf_counter() - self.began, 1)
        print(f"{self.seconds[name]:7.1f} s  {name}", flush=True)

    def look(self, seconds=0.2):
        """Keep what the page shows, for the animation."""
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append(
            (picture.resize(FILM_SIZE, Image.Resampling.LANCZOS), seconds)
        )

    def open_folder(self, place, name):
        """Make a project of a folder."""
        page = self.page
        page.goto(self.address)
        page.get_by_role("button", name="Use my images").wait_for()
        settle(page)
        self.look(2)
        page.get_by_role("button", name="Use my images").click()
        field = page.get_by_role("textbox", name="Folder or archive")
        field.fill(str(place.relative_to(self.folder)))
        field.press("Enter")
        field = page.get_by_role("textbox", name="Name of the project")
        field.fill(name)
        field.press("Tab")
        settle(page)
        page.get_by_role("button", name="Make the project").scroll_into_view_if_needed()
        self.look(3)
        page.get_by_role("button", name="Make the project").click()
        page.locator(".labeler").wait_for()
        self.project = Project.open(self.folder / "projects" / name)
        self.stage("the folder is open")

    def name_and_label(self, count):
        """Label images one by one; a class is named when its first image is seen."""
        picture = self.page.locator(".picture")
        for _ in range(count):
            picture.locator("img").first.wait_for()
            self.ready()
            name = picture.get_attribute("data-name")
            wanted = self.truth[name]
            if wanted in self.keys:
                self.page.keyboard.press(self.keys[wanted])
            else:
                self.page.keyboard.press("+")
                self.page.keyboard.type(wanted)
                self.page.keyboard.press("Enter")
                row = self.page.locator(f".class:has(.class-name:text-is('{wanted}'))")
                row.wait_for()
                self.keys[wanted] = row.locator("kbd").inner_text()
            self.decided(1)
            self.page.wait_for_function(NEXT, arg=name)
            self.look()

    def ready(self):
        """Wait until the images that keys are about are seen."""
        self.page.locator(".stage[aria-busy=false]").wait_for()

    def decided(self, count):
        """Count decisions, and measure the guesses when it is time."""
        self.decisions += count
        due = AFTER[len(self.points) : len(self.points) + 1]
        if due and self.decisions >= due[0]:
            self.saved()
            self.points.append({"after": due[0], **self.measured()})
            print(self.points[-1], flush=True)

    def saved(self):
        """Wait until all is stored."""
        self.page.locator(".saving", has_text="All saved").wait_for()

    def measured(self):
        """Return how good guesses from the labels are on the images without one."""
        state = self.project.state()
        images = self.project.images()
        config = self.project.config
        vectors = project_vectors(self.project.cache, images.dataset, config)
        labels = state.labels_of(images.names)
        named = {one.name: index for index, one in enumerate(state.classes)}
        true = np.array([named[self.truth[name]] for name in images.names])
        guesses = guess(vectors, labels, len(state.classes))
        right = guesses.probabilities.argmax(axis=1) == true
        unlabeled = labels < 0
        return {
            "decisions": self.decisions,
            "labels": int(np.sum(~unlabeled)),
            "wrong_labels": int(np.sum(labels[~unlabeled] != true[~unlabeled])),
            # Of all images: those with a label are right.
            "project_accuracy": float(np.mean(right | ~unlabeled)),
            "estimated_accuracy": guesses.estimate and guesses.estimate.accuracy,
        }

    def label_screens(self, until):
        """Take away what is wrong on screens of one guess, and give the key."""
        page = self.page
        self.show("Many at once")
        title = page.locator(".title", has_text=GUESS)
        while self.decisions < until and self.wait_for_screen():
            try:
                title.wait_for(timeout=1000 * PATIENCE)
            except TimeoutError:
                # No class of which enough is guessed surely.
                self.label_some(until)
                continue
            wanted = title.inner_text().removeprefix(GUESS)
            tiles = page.locator(".tile")
            names = [tile.get_attribute("data-name") for tile in tiles.all()]
            wrong = [name for name in names if self.truth[name] != wanted]
            self.look(0.3)
            for name in wrong:
                page.locator(f".tile[data-name='{name}']").click()
            self.look(0.15)
            all_wrong = len(wrong) == len(names)
            page.keyboard.press("Enter" if all_wrong else self.keys[wanted])
            self.decided(len(wrong) + 1)
            gone = next(name for name in names if all_wrong or name not in wrong)
            page.locator(f".tile[data-name='{gone}']").wait_for(state="detached")

    def wait_for_screen(self):
        """Wait for images; return whether there are any."""
        stage, again = (
            self.page.locator(".stage[aria-busy=false]"),
            self.page.get_by_role("button", name="See them again"),
        )
        over = self.page.locator(".empty p", has_text="label")
        stage.or_(again).or_(over).locator("visible=true").first.wait_for()
        if again.is_visible():
            again.click()
            stage.locator("visible=true").wait_for()
        return stage.is_visible()

    def label_some(self, until):
        """Label some images one by one, and go back to screens."""
        self.show("One by one")
        for _ in range(min(SOME, until - self.decisions)):
            if self.wait_for_screen():
                self.name_and_label(1)
        self.show("Many at once")

    def show(self, way):
        """Choose how many images are shown."""
        self.page.get_by_text(way, exact=True).click()
        settle(self.page)

    def read_estimate(self):
        """Return the estimate that the page How good shows."""
        self.visit("how_good", project=self.project.name)
        metric = self.page.get_by_test_id("stMetric").first
        metric.wait_for()
        settle(self.page)
        self.look(4)
        self.stage("the estimate is read")
        return int(re.search(r"(\d+)\s?%", metric.inner_text()).group(1)) / 100

    def train(self):
        """Train a model with what is proposed, and wait for its end."""
        self.visit("train", project=self.project.name)
        self.page.get_by_role("button", name="Train a model").click()
        self.page.get_by_text("Right by now").wait_for(timeout=1000 * TRAINING)
        self.page.wait_for_timeout(2000)
        self.look(3)
        name = self.project.name
        self.model = {"project": name, "model": f"{name}/model-1"}
        self.time_left = self.told_of_time()
        self.page.get_by_text("model-1 is trained").wait_for()
        settle(self.page)
        self.look(2)
        self.stage("the model is trained")
        self.page.get_by_role("link", name="See what it draws").click()
        self.page.get_by_role("heading", name="Generate", level=1).wait_for()
        self.page.locator("[data-testid=stImage] img").first.wait_for()
        settle(self.page)
        self.look(4)
        self.stage("images of each class are drawn")

    def told_of_time(self):
        """Wait for the end of training; return how true the time left was that it told.

        Each is the time that was told, divided by the time that it took, after the
        first tenth of the work and before the last ten seconds.
        """
        models = self.project.folder / "models"
        path, told = partial_folder(models / "model-1") / "progress.json", []
        end = time.monotonic() + TRAINING
        while not (models / "model-1").exists() and time.monotonic() < end:
            self.page.wait_for_timeout(500)
            with contextlib.suppress(OSError, ValueError):
                progress = json.loads(path.read_text(encoding="utf-8"))
                if progress["share"] >= FIRST_TENTH and progress["seconds_left"]:
                    told.append((time.monotonic(), progress["seconds_left"]))
        over = time.monotonic()
        ratios = [left / (over - at) for at, left in told if over - at > LAST_SECONDS]
        return {"least": min(ratios), "greatest": max(ratios)}

    def classify(self, photographs, folder):
        """Return how many of the photographs the page tells right, a fraction."""
        self.visit("classify", **self.model)
        self.page.locator(".st-key-classify-way button", has_text="Upload").click()
        settle(self.page)
        files = self.page.locator("input[type=file]").first
        files.set_input_files(photographs[0])
        self.page.locator("[data-testid=stAlert]").first.wait_for()
        settle(self.page)
        self.look(4)
        files.set_input_files(photographs[1:])
        download = self.page.locator("[data-testid=stDownloadButton] button")
        download.wait_for()
        settle(self.page)
        self.look(3)
        with self.page.expect_download() as begun:
            download.click()
        begun.value.save_as(folder / "answers.csv")
        self.stage("photographs are classified")
        with (folder / "answers.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return float(np.mean([r["class"] == self.truth[r["file"]] for r in rows]))

    def take_away(self, photographs, folder):
        """Return which photographs another program tells right with the export."""
        self.visit("take_away", **self.model, format="ONNX")
        self.page.get_by_role("button", name="Make the file for ONNX").click()
        download = self.page.get_by_role("button", name=re.compile("Download .*onnx"))
        download.wait_for(timeout=1000 * TRAINING)
        settle(self.page)
        self.look(3)
        with self.page.expect_download() as begun:
            download.click()
        begun.value.save_as(folder / "model.zip")
        zipfile.ZipFile(folder / "model.zip").extractall(folder / "taken")
        self.stage("the model is taken away")
        (program,) = (folder / "taken").glob("*/use.py")
        told = subprocess.run(
            [sys.executable, "-I", program, *photographs],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        self.stage("another program has used it")
        answers = [line.rpartition(": ")[2].rpartition(" ")[0] for line in told]
        print(told[:3])
        true = [self.truth[path.name] for path in photographs]
        return [a.startswith(t) for a, t in zip(answers, true, strict=True)]

    def visit(self, page, **what):
        """Open a page by its address."""
        words = "&".join(f"{key}={value}" for key, value in what.items())
        self.page.goto(f"{self.address}/{page}?{words}")
        self.page.wait_for_selector("h1")
        settle(self.page)


def play(player, place, photographs, folder, decisions):
    """Play the story, and return its figures.

    Args:
        player: The `Player`.
        place: Folder of the images.
        photographs: Paths of images that the project does not have.
        folder: Folder for what is taken away.
        decisions: Decisions of labeling, in all.
    """
    classes = len(set(player.truth.values()))
    player.open_folder(place, "story")
    player.name_and_label(FIRST * classes)
    player.label_screens(decisions)
    player.saved()
    player.stage("labeling is over")
    end = player.measured()
    estimate = player.read_estimate()
    player.train()
    accuracy = player.classify(photographs, folder)
    taken = player.take_away(photographs[:PHOTOGRAPHS], folder)
    while len(player.points) < len(AFTER):
        # All images have a label before so many decisions.
        player.points.append({"after": AFTER[len(player.points)], **end})
    return {
        "images": len(player.project.images().names),
        "classes": classes,
        "points": player.points,
        "end": end,
        "estimate_on_the_page": estimate,
        "time_told_over_time_taken": player.time_left,
        "photographs": len(photographs),
        "accuracy_on_photographs": accuracy,
        "accuracy_of_the_export": float(np.mean(taken)),
        "seconds": player.seconds,
    }


def film(frames, path):
    """Write pictures, each with its seconds, as an animation."""
    pictures, seconds = zip(*frames, strict=True)
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=[round(1000 * each) for each in seconds],
        loop=0,
        quality=FILM_QUALITY,
        method=6,
    )


def set_out(source, folder):
    """Put most images into one folder; return it, the others, and the truth."""
    files = sorted(path for path in source.glob("*/*") if path.is_file())
    order = np.random.default_rng(0).permutation(len(files))
    truth = {}
    for place in ("images", "photographs"):
        (folder / place).mkdir(parents=True)
    for number, row in enumerate(order):
        place = "photographs" if number % 10 == 0 else "images"
        name = f"{number:05d}{files[row].suffix}"
        shutil.copy(files[row], folder / place / name)
        truth[name] = files[row].parent.name
    photographs = sorted((folder / "photographs").iterdir())
    return folder / "images", photographs, truth


def main():
    """Play the story with a folder of images, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--film", help="animation to write, .webp")
    flags = parser.parse_args()
    source = flags.folder
    with browser() as chromium, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "app").mkdir()
        place, photographs, truth = set_out(source, folder / "app")
        with server(folder / "app") as (address, _):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(300_000)
            player = Player(page, address, folder / "app", truth)
            figures = play(player, place, photographs, folder, AFTER[-1])
    figures = {"dataset": source.name, "machine": machine(), **figures}
    if flags.film:
        film(player.frames, flags.film)
    keep("story", figures)


# Whether another image is shown, or none is left.
NEXT = """(before) => {
const roots = [...document.querySelectorAll("*")].map(e => e.shadowRoot);
const find = (s) => roots.filter(r => r).map(r => r.querySelector(s)).find(e => e);
return find(".picture")?.dataset.name !== before;
}"""


if __name__ == "__main__":
    main()
