import json

import numpy as np
from PIL import Image

from ssvae.training.live import LiveFolder


def test_progress_and_samples_follow_training(
    make_model, tiny_batches, tmp_path, monkeypatch
):
    from ssvae.backends.current import as_input

    monkeypatch.setattr("ssvae.training.live.INTERVAL", 0)
    live = LiveFolder(tmp_path)
    live.say("Getting ready.")
    read = []

    def look():
        read.append(json.loads((tmp_path / "progress.json").read_text()))

    look()
    model = make_model(classifier_body="mlp")
    model.prepare_training(tiny_batches.steps_per_epoch)
    write = live._write
    monkeypatch.setattr(live, "_write", lambda progress: (write(progress), look()))
    model.fit(
        as_input(tiny_batches),
        epochs=2,
        steps_per_epoch=tiny_batches.steps_per_epoch,
        shuffle=False,
        verbose=0,
        callbacks=[live],
    )
    assert read[0]["doing"] == "Getting ready."
    steps = 2 * tiny_batches.steps_per_epoch
    assert [progress["step"] for progress in read[1:]] == sorted(
        [*range(1, steps + 1), steps // 2, steps]
    )
    assert read[-1]["epoch"] == read[-1]["epochs"] == 2
    assert read[-1]["seconds_left"] == 0
    assert np.isfinite(list(read[-1]["terms"].values())).all()
    seconds = [progress["seconds"] for progress in read]
    assert seconds == sorted(seconds)
    # One row per class.
    with Image.open(tmp_path / "samples.png") as picture:
        assert picture.height == 3 * 9 * 2
