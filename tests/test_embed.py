import json

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet

from ssvae.embed import main
from ssvae.errors import InputError
from ssvae.evaluation.codes import Codes, embed, map_codes


@pytest.fixture
def images(mnist):
    return mnist.images[:50]


@pytest.fixture
def file(tmp_path, images):
    np.save(tmp_path / "images.npy", images)
    return tmp_path / "images.npy"


def test_codes_are_those_of_the_model(small_model, images):
    codes = embed(small_model, images)
    probabilities = small_model.predict_proba(images)
    mean, log_variance = small_model.encode(images, probabilities.argmax(axis=1))
    assert np.array_equal(codes.probabilities, probabilities)
    assert np.array_equal(codes.mean, mean)
    assert np.array_equal(codes.log_variance, log_variance)
    assert np.array_equal(codes.joint[:, :6], mean)
    y = codes.joint[:, 6:] / probabilities
    assert y == pytest.approx(np.full_like(y, (6 / 0.9) ** 0.5), rel=1e-5)


def test_file_holds_the_codes_and_their_source(
    small_run, small_model, file, images, call
):
    out = file.with_name("codes.parquet")
    printed = json.loads(call(main, small_run, file, "--out", out, "--json"))
    assert (printed["images"], printed["skipped"]) == (50, 0)
    table = parquet.read_table(out).to_pydict()
    assert table["image"] == [f"{file}[{row}]" for row in range(50)]
    for name, values in embed(small_model, images)._asdict().items():
        assert np.array(table[name]) == pytest.approx(values, abs=1e-5)


def test_without_images_the_test_part_of_the_run_is_embedded(
    small_run, small_model, digits, tmp_path, mnist, call, monkeypatch
):
    # Every tenth of the images is on the map.
    monkeypatch.setattr("ssvae.embed.MAP_POINTS", 100)
    out = tmp_path / "codes.npz"
    picture = tmp_path / "map.png"
    call(main, small_run, "--out", out, "--map", picture)
    with np.load(out) as codes:
        assert codes["mean"].shape == (1000, 6)
        assert codes["image"][-1] == f"{digits}/test[999]"
        images, _ = mnist.read_test()
        last = small_model.predict_proba(images[995:1000])
        assert codes["probabilities"][-5:] == pytest.approx(last, abs=1e-5)
    with Image.open(picture) as drawn:
        assert min(drawn.size) > 500


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_map_keeps_what_is_close_together(rng, method):
    """Two clouds far apart stay apart in the plane."""
    mean = np.concatenate([rng.normal(-3, 1, (60, 5)), rng.normal(3, 1, (60, 5))])
    probabilities = np.repeat([[1, 0], [0, 1]], 60, axis=0)
    codes = Codes(*(part.astype(np.float32) for part in (mean, mean, probabilities)))
    points = map_codes(codes, method)
    assert points.shape == (120, 2)
    centres = points[:60].mean(axis=0), points[60:].mean(axis=0)
    nearest = [np.linalg.norm(points - centre, axis=1) for centre in centres]
    assert np.mean((nearest[0] < nearest[1])[:60]) > 0.95
    assert np.mean((nearest[1] < nearest[0])[60:]) > 0.95


def test_a_few_images_have_a_map_and_fewer_are_refused(rng):
    part = rng.normal(0, 1, (5, 3)).astype(np.float32)
    codes = Codes(part, part, np.full((5, 2), 0.5, np.float32))
    assert np.isfinite(map_codes(codes)).all()
    with pytest.raises(InputError, match="a map of 3 images: need 4"):
        map_codes(Codes(*(part[:3] for part in codes)))
