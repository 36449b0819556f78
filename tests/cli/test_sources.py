"""Bad input to the commands that use a trained model: one line, nothing written."""

import argparse
import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ssvae import Config, embed, evaluate, generate, predict, score
from ssvae.cli import sources
from ssvae.data.ink_data import InkData, Layout
from ssvae.data.pixels.stored import brought_to
from ssvae.errors import InputError

READERS = (embed, predict, score)


@pytest.fixture
def place(tmp_path, mnist, request):
    """Images of which something is wrong."""
    images = mnist.images[:3].copy()
    path = tmp_path / "images.npy"
    if request.param == "other size":
        np.save(path, images[:, :20])
    elif request.param == "nan":
        pixels = images / 255
        pixels[1, 4, 4] = np.nan
        np.save(path, pixels)
    elif request.param == "black":
        np.save(path, 0 * images)
    elif request.param == "nothing there":
        pass
    elif request.param == "text":
        path = tmp_path / "images.txt"
        path.write_text("a digit")
    else:
        path = tmp_path / "images"
        path.mkdir()
        if request.param == "broken":
            for row, image in enumerate(images[..., 0]):
                Image.fromarray(image).save(path / f"{row}.png")
            whole = (path / "1.png").read_bytes()
            (path / "1.png").write_bytes(whole[: len(whole) // 2])
    return path


# Every kind for one command, and one kind for every command.
@pytest.mark.parametrize(
    ("place", "message", "module"),
    [
        ("other size", "28 pixels wide and 20 high, the model takes 28 by 28", embed),
        ("nan", "values from nan to nan; need floats in", embed),
        ("black", "nothing but blank images", embed),
        ("nothing there", "no images at .*there is no file or folder", embed),
        ("text", "holds no row below its header", embed),
        ("empty folder", "holds no images", embed),
        ("broken", r"1\.png' is no readable image.*--skip-broken", embed),
        ("broken", r"1\.png' is no readable image.*--skip-broken", predict),
        ("broken", r"1\.png' is no readable image.*--skip-broken", score),
    ],
    indirect=["place"],
)
def test_bad_images_are_refused(module, place, message, small_run, tmp_path, call):
    out = tmp_path / "out.csv"
    with pytest.raises(InputError, match=message) as raised:
        call(module.main, small_run, place, "--out", out)
    assert "\n" not in str(raised.value)
    assert not out.exists()
    assert not list(tmp_path.glob(".*partial*"))


@pytest.mark.parametrize("place", ["broken"], indirect=True)
@pytest.mark.parametrize("module", READERS, ids=lambda module: module.__name__)
def test_skip_broken_leaves_out_a_broken_file(
    module, place, small_run, tmp_path, call, capsys
):
    out = tmp_path / "out.csv"
    call(module.main, small_run, place, "--out", out, "--skip-broken")
    names = [line.split(",")[0].strip('"') for line in out.read_text().splitlines()]
    assert sorted(names[1:]) == [str(place / "0.png"), str(place / "2.png")]


@pytest.mark.parametrize(
    "module", [*READERS, generate, evaluate], ids=lambda module: module.__name__
)
def test_a_run_that_does_not_exist_is_refused(module, tmp_path, call):
    with pytest.raises(InputError, match=r"no model at .*mnist-100"):
        call(module.main, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("module", "flags", "message"),
    [
        (generate, ("--out", "samples.csv"), "ends in .npz"),
        (generate, ("--grid", "picture.gif"), "ends in .png"),
        (embed, ("--out", "codes.xls"), "ends in .parquet or .npz or .csv"),
        (evaluate, ("--table",), "name their file with --out"),
    ],
)
def test_values_outside_the_choices_are_refused(
    module, flags, message, small_run, call
):
    with pytest.raises(InputError, match=message):
        call(module.main, small_run, *flags)


@pytest.mark.parametrize(
    ("module", "flags"),
    [
        (generate, ("--count", "0")),
        (generate, ("--temperature", "-1")),
        (generate, ("--temperature", "nan")),
        (generate, ("--prior", "flat")),
        (generate, ("--seed", "x")),
        (evaluate, ("--samples", "0")),
        (predict, ("--confidence", "1.5")),
        (score, ("--false-alarms", "-0.1")),
    ],
)
def test_a_bad_number_is_one_line_and_status_two(
    module, flags, small_run, call, capsys
):
    with pytest.raises(SystemExit) as ended:
        call(module.main, small_run, *flags)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert flags[1] in line


def test_an_existing_file_is_kept_without_overwrite(small_run, tmp_path, call):
    out = tmp_path / "picture.png"
    out.write_text("mine")
    with pytest.raises(InputError, match="exists: name another file"):
        call(generate.main, small_run, "--grid", out)
    assert out.read_text() == "mine"
    call(generate.main, small_run, "--grid", out, "--overwrite", "--count", 2)
    with Image.open(out) as picture:
        assert picture.width > 28


@pytest.mark.parametrize("module", READERS, ids=lambda module: module.__name__)
def test_no_image_at_all_is_refused(module, small_run, tmp_path, call, monkeypatch):
    out = tmp_path / "out.csv"
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(InputError, match="no image is left"):
        call(module.main, small_run, "-", "--out", out)
    np.save(tmp_path / "none.npy", np.zeros((0, 28, 28), np.uint8))
    with pytest.raises(InputError, match="the array is empty"):
        call(module.main, small_run, tmp_path / "none.npy", "--out", out)
    assert [path.name for path in tmp_path.iterdir()] == ["none.npy"]


@pytest.mark.parametrize(
    ("module", "flag"),
    [*((module, "--dataset") for module in READERS), (evaluate, "--unusual")],
)
def test_data_of_another_shape_is_refused(module, flag, small_run, tmp_path, call):
    path = tmp_path / "small.npz"
    np.savez(path, x=np.eye(8, dtype=np.uint8)[None].repeat(4, 0), y=[0, 1, 0, 1])
    message = "images of 8x8x1, the model is of 28x28x1"
    with pytest.raises(InputError, match=message):
        call(module.main, small_run, flag, path)


def test_brackets_in_a_file_name_are_printed_unchanged(
    small_run, tmp_path, monkeypatch, capsys
):
    good, broken = tmp_path / "good.png", tmp_path / "photos [" / "x] [copy].png"
    broken.parent.mkdir()
    broken.write_text("none")
    Image.fromarray(np.eye(28, dtype=np.uint8) * 255).save(good)
    flags = "--skip-broken", "--out", tmp_path / "out.csv"
    arguments = small_run, good, broken, *flags
    monkeypatch.setattr("sys.argv", ["predict", *map(str, arguments)])
    predict.main()
    assert f"left out {broken}" in capsys.readouterr().err


@pytest.fixture
def photographs(tmp_path, rng):
    """Return a folder of photographs of mixed sizes, in two classes."""
    folder = tmp_path / "photographs"
    for name, shape in (("a/1", (60, 90, 3)), ("a/2", (50, 40)), ("b/1", (300, 10, 3))):
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(path)
    return folder


def model_of(dataset, *image_shape, **settings):
    """Return what `sources` reads of a model."""
    config = Config(dataset=str(dataset), **settings)
    has_features = config.features != "pixels"
    ink = InkData(Layout(1.0, False, (0.5, 0.5)), np.zeros((2, 7)))
    return SimpleNamespace(
        config=config,
        image_shape=image_shape,
        has_features=has_features,
        fitted=SimpleNamespace(ink=ink if image_shape[2] == 1 else None),
    )


def read(model, *images):
    flags = argparse.Namespace(images=images, skip_broken=None, shard=(1, 1), run="")
    return np.concatenate([rows for rows, _ in sources.open_images(flags, model)])


@pytest.mark.parametrize("shape", [(28, 28, 3), (20, 32, 3), (40, 16, 1)])
def test_a_model_of_mixed_sizes_takes_files_of_any_size(photographs, tmp_path, shape):
    # The folder it was trained on may also be on another machine.
    for trained_on in (photographs, tmp_path / "elsewhere", "tfds:photographs"):
        images = read(model_of(trained_on, *shape), str(photographs))
        assert images.shape == (3, *shape)


def test_a_stated_size_is_kept_for_files(photographs):
    model = model_of("tfds:photographs", 28, 28, 3, image_size=28)
    assert read(model, str(photographs)).shape == (3, 28, 28, 3)


@pytest.mark.parametrize("trained_on", ["mnist", "fashion-mnist", "images.npz"])
def test_a_model_of_arrays_takes_arrays_of_its_size_alone(
    photographs, trained_on, tmp_path, rng
):
    model = model_of(trained_on, 28, 28, 3)
    path = tmp_path / "images.npy"
    np.save(path, rng.integers(0, 256, (3, 28, 20, 3), dtype=np.uint8))
    with pytest.raises(InputError, match="the model takes 28 by 28 only"):
        read(model, str(path))
    # Pictures in files are made in no way that a data set knows: they are brought.
    assert read(model, str(photographs)).shape == (3, 28, 28, 3)


def test_ink_is_looked_for_where_the_model_learned_from_arrays(tmp_path):
    picture = np.full((90, 60), 240, np.uint8)
    picture[20:30, 10:40] = 15
    Image.fromarray(picture).save(tmp_path / "line.png")
    place = str(tmp_path / "line.png")
    (line,) = read(model_of("images.npz", 30, 30, 1), place)[..., 0]
    # The ink is bright, and its box is as wide as the image, in the middle.
    np.testing.assert_allclose(line[10:20].mean(axis=1), 1.0, atol=0.02)
    assert line[:9].max() == line[21:].max() == 0
    for trained_on in (tmp_path, tmp_path / "elsewhere"):
        (whole,) = read(model_of(trained_on, 30, 30, 1), place)[..., 0]
        # Scaled until it covers the size, and cut around the center: as in training.
        np.testing.assert_allclose(whole, brought_to(30, picture)[..., 0] / 255, 1e-6)


def test_a_model_of_features_takes_arrays_of_any_size(tmp_path, rng):
    array = rng.integers(0, 256, (3, 40, 20, 3), dtype=np.uint8)
    np.save(tmp_path / "bytes.npy", array)
    np.save(tmp_path / "floats.npy", array / 255)
    np.savez(tmp_path / "set.npz", x=array)
    model = model_of("images.npz", 16, 16, 3, features="gradients")
    images = read(model, str(tmp_path / "bytes.npy"))
    assert images.shape == (3, 16, 16, 3)
    # Like the same image in a file.
    Image.fromarray(array[0]).save(tmp_path / "0.png")
    np.testing.assert_array_equal(images[:1], read(model, str(tmp_path / "0.png")))
    np.testing.assert_array_equal(images, read(model, str(tmp_path / "floats.npy")))
    # A data set has one size, which the model takes as it is.
    other = sources.open_other(str(tmp_path / "set.npz"), model)
    assert other.image_shape == (40, 20, 3)
    grey = model_of("images.npz", 16, 16, 1, features="gradients")
    for open_it in (
        lambda: read(grey, str(tmp_path / "bytes.npy")),
        lambda: sources.open_other(str(tmp_path / "set.npz"), grey),
    ):
        with pytest.raises(InputError, match="need"):
            open_it()


def test_the_own_data_set_has_the_size_of_the_model(photographs, small_run):
    model = model_of(photographs, 20, 30, 3)
    assert sources.open_own_dataset(model, small_run).image_shape == (20, 30, 3)
    other = model_of("elsewhere", 16, 16, 3)
    dataset = sources.open_other(str(photographs), other)
    assert dataset.image_shape == (16, 16, 3)
