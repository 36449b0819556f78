"""Models that are pushed to a hub, and loaded from it bit for bit."""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import run_python
from hub_repos import TOKEN
from hub_server import serving

import ssvae
from ssvae import evaluate
from ssvae import push as command
from ssvae.cli import process
from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.push import push
from ssvae.runs.card import model_card
from ssvae.runs.card_header import card_header
from ssvae.runs.expected import expected_of
from ssvae.saving import hub as ours
from ssvae.saving.find import find_model

hub_client = pytest.importorskip("huggingface_hub")
# The client sends a file in a way that its library will give up.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
SHIPPED = Path(__file__).parents[1] / "saved_models"
ADDRESS = "hf://somebody/digits"
# Nothing listens there.
CLOSED = "http://127.0.0.1:9"


def point_to(monkeypatch, address, cache):
    """Let the client speak to an address, and keep files in a folder."""
    constants = pytest.importorskip("huggingface_hub.constants")
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    # Large files go by git LFS: the server of the other way is no small one.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """Return what a hub on this machine knows; the user is logged in there."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with serving() as (known, address):
        point_to(monkeypatch, address, tmp_path / "cache")
        known.address = address
        yield known
        hub_client.close_session()


@pytest.fixture
def run(tmp_path):
    """Return a copy of the run folder of a shipped model."""
    return Path(shutil.copytree(SHIPPED / "mnist-100", tmp_path / "mnist-100"))


def files_of(hub, name="somebody/digits", branch="main"):
    """Return the files of a repository, by name."""
    return hub.commits[hub.repos[name]["branches"][branch][-1]][1]


def replaced(path, pattern, text):
    """Replace the only line of a file that a pattern finds."""
    content, count = re.subn(pattern, text, path.read_text(), flags=re.MULTILINE)
    assert count == 1
    path.write_text(content)


def answers(model, images):
    """Return what a model says of images, and what it draws."""
    said = [model.predict_proba(images), *model.encode(images), model.score(images)]
    return [*said, model.generate([0, 1, 2], seed=3)]


def same_answers(one, other, images):
    """Return whether two models answer alike, bit for bit."""
    pairs = zip(answers(one, images), answers(other, images), strict=True)
    return all(np.array_equal(first, second) for first, second in pairs)


@pytest.fixture(scope="module")
def trained():
    return ssvae.SSVAE.from_preset("mnist-100")


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.read_test()[0][:20]


@pytest.mark.each_backend
def test_a_pushed_model_is_loaded_bit_for_bit(trained, images, hub):
    url = push("mnist-100", ADDRESS, license="mit", message="The first")
    assert url.startswith(f"{hub.address}/somebody/digits/commit/")
    assert hub.message == "The first"
    file = find_model(ADDRESS)
    assert file.read_bytes() == (SHIPPED / "mnist-100" / "model.keras").read_bytes()
    # What other commands and `--init` read of a run is there too.
    assert load_config(file.parent / "config.toml") == trained.config
    assert expected_of(ADDRESS) == expected_of("mnist-100")
    model = ssvae.SSVAE.from_preset(ADDRESS)
    assert model.class_names == trained.class_names
    assert same_answers(model, trained, images)


def test_a_preset_is_loaded_bit_for_bit(trained, images, tmp_path):
    folder = tmp_path / "kept"
    trained.save_to_preset(folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {"model.keras", "config.toml", "README.md"}
    assert load_config(folder / "config.toml") == trained.config
    assert "None" not in (folder / "README.md").read_text()
    assert same_answers(ssvae.SSVAE.from_preset(folder), trained, images)
    with pytest.raises(InputError, match="exists: name a folder that does not"):
        trained.save_to_preset(folder)


def test_a_preset_that_is_not_there_is_told():
    with pytest.raises(InputError, match="no model at 'nothing'"):
        ssvae.SSVAE.from_preset("nothing")


def test_the_card_names_task_data_set_figures_and_license(run, hub):
    push(run, ADDRESS, license="mit")
    text = files_of(hub)["README.md"].decode()
    card = hub_client.ModelCard(text)
    data = card.data
    assert data.license == "mit" and data.library_name == "ssvae"
    assert data.pipeline_tag == "image-classification"
    assert data.datasets == ["ylecun/mnist"] and data.metrics == ["accuracy"]
    assert "semi-supervised-learning" in data.tags
    (result,) = data.eval_results
    metrics = json.loads((run / "metrics.json").read_text())
    assert result.metric_value == metrics["test_accuracy"]
    assert (result.task_type, result.metric_type) == (data.pipeline_tag, "accuracy")
    assert (result.dataset_type, result.dataset_split) == ("ylecun/mnist", "test")
    # The client writes the same header that it reads.
    assert str(card).partition("\n---\n")[0] == text.partition("\n---\n")[0]
    assert f'ssvae.load_model("{ADDRESS}")' in card.text
    named = set(re.findall(r"!\[[^]]*\]\(([^)]*)\)|^- `([^`]*)`", text, re.MULTILINE))
    named = {first or second for first, second in named}
    assert named == files_of(hub).keys() - {"README.md", ".gitattributes"}


def test_no_license_and_no_figure_is_invented(tmp_path, trained, hub):
    trained.save_to_preset(tmp_path / "kept")
    push(tmp_path / "kept", ADDRESS)
    data = hub_client.ModelCard(files_of(hub)["README.md"].decode()).data.to_dict()
    assert not data.keys() & {"license", "metrics", "model-index"}


def test_without_a_test_part_the_estimate_is_named_as_one(run):
    config = load_config(run / "config.toml").replace(dataset="/home/me/My birds!")
    figures = {"test_accuracy": None, "estimated_accuracy": 0.75}
    header = card_header(config, figures, "birds")
    data = hub_client.ModelCard(header).data
    (result,) = data.eval_results
    assert result.metric_value == 0.75 and "estimated" in result.metric_name
    assert (result.dataset_name, result.dataset_type) == ("My birds!", "My-birds-")
    assert result.dataset_split == "train" and data.datasets is None


def test_own_images_and_names_of_their_files_stay_here(run, hub, call, capsys):
    replaced(run / "config.toml", '^dataset = "mnist"', 'dataset = "/home/me/birds"')
    metrics = json.loads((run / "metrics.json").read_text())
    card = model_card(load_config(run / "config.toml"), metrics, run.name)
    (run / "README.md").write_text(card)
    (run / "unusual.png").write_bytes(b"a picture")
    told = call(command.main, run, ADDRESS)
    assert f"{hub.address}/somebody/digits/commit/" in told
    kept = {"shown.npz", "unusual.png", "to_label.csv", "labels.json"}
    assert {path.name for path in run.iterdir()} >= kept
    assert not files_of(hub).keys() & kept
    text = files_of(hub)["README.md"].decode()
    assert not any(name in text for name in kept) and "/home/me" not in text


def test_what_somebody_wrote_in_the_card_is_kept(run, hub):
    text = "# Digits\n\nMine.\n"
    (run / "README.md").write_text(text)
    push(run, ADDRESS, license="mit")
    pushed = files_of(hub)["README.md"].decode()
    assert pushed.endswith(f"---\n\n{text}")
    assert hub_client.ModelCard(pushed).data.license == "mit"


def test_a_header_of_the_users_own_is_kept(run, hub):
    text = "---\nlicense: cc-by-4.0\n---\n# Digits\n"
    (run / "README.md").write_text(text)
    with pytest.raises(InputError, match="has a header of its own: write it there"):
        push(run, ADDRESS, license="mit")
    push(run, ADDRESS)
    assert files_of(hub)["README.md"].decode() == text


def test_the_card_tells_that_a_backbone_has_a_license_of_its_own(hub):
    push("hand-signs-100", ADDRESS)
    text = files_of(hub)["README.md"].decode()
    assert "weights of `efficientnet-lite0`, which have a license of their own" in text


def test_a_second_push_replaces_the_first_and_removes_what_it_has_not(run, hub):
    push(run, ADDRESS)
    first = hub.repos["somebody/digits"]["branches"]["main"][-1]
    (run / "coverage.png").unlink()
    (run / "history.csv").write_text("epoch\n1\n")
    push(run, ADDRESS)
    assert "coverage.png" not in files_of(hub)
    # What is no file of a run stays.
    assert ".gitattributes" in files_of(hub)
    folder = ours.downloaded(ADDRESS, ["history.csv"])
    assert (folder / "history.csv").read_text() == "epoch\n1\n"
    before = ours.downloaded(f"{ADDRESS}@{first}", ["history.csv"])
    shipped = (SHIPPED / "mnist-100" / "history.csv").read_text()
    assert (before / "history.csv").read_text() == shipped


def test_a_branch_is_made_and_loaded_by_its_name(run, hub):
    push(run, f"{ADDRESS}@v1")
    assert set(files_of(hub)) == {".gitattributes"}
    assert find_model(f"{ADDRESS}@v1").is_file()
    with pytest.raises(InputError, match="no model at 'hf://somebody/digits'"):
        find_model(ADDRESS)
    with pytest.raises(InputError, match="there is no such revision"):
        find_model(f"{ADDRESS}@v2")


def test_a_private_model_is_seen_by_its_owner_alone(run, hub, monkeypatch, tmp_path):
    push(run, ADDRESS, private=True)
    assert hub.repos["somebody/digits"]["private"]
    assert find_model(ADDRESS).is_file()
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.setattr(hub_client.constants, "HF_HUB_CACHE", str(tmp_path / "other"))
    with pytest.raises(InputError, match="or it is private"):
        find_model(ADDRESS)


def test_a_public_model_is_not_taken_for_a_private_one(run, hub):
    push(run, ADDRESS)
    with pytest.raises(InputError, match="exists and is public"):
        push(run, ADDRESS, private=True)


def test_what_was_fetched_is_there_without_a_network(run, hub, monkeypatch):
    push(run, ADDRESS)
    file = find_model(ADDRESS)
    monkeypatch.setattr(hub_client.constants, "ENDPOINT", CLOSED)
    assert find_model(ADDRESS) == file


def test_a_file_of_the_hub_is_checked_like_any_other(run, hub):
    push(run, ADDRESS)
    content = b"\x80\x04 a pickle"
    files_of(hub)["model.keras"] = content
    hub.objects[hashlib.sha256(content).hexdigest()] = content
    with pytest.raises(InputError, match="which is never opened"):
        ssvae.load_model(ADDRESS)


def refused(arguments, capsys, monkeypatch):
    """Return the only line that `ssvae.push` prints when it ends with status 2."""
    monkeypatch.setattr(sys, "argv", ["ssvae.push", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        process.run(command.main, "ssvae.push")
    assert ended.value.code == 2
    text = capsys.readouterr().err
    assert "Traceback" not in text
    last = text.splitlines()[-1]
    assert last.startswith("ssvae.push: error: ")
    return last


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("digits", "is no address of a model on the hub"),
        ("hf://digits", "is no address of a model on the hub"),
        ("hf://some--body/digits", r"\(Cannot have -- or \.\. in repo_id"),
        ("hf://somebody/digits@", "is no address of a model on the hub"),
        ("hf://others/digits", "you may not write there"),
    ],
)
def test_a_wrong_address_is_told_in_one_line(
    run, hub, capsys, monkeypatch, address, words
):
    assert re.search(words, refused([run, address], capsys, monkeypatch))


def test_who_is_not_logged_in_is_told_how(run, hub, capsys, monkeypatch):
    monkeypatch.setattr(hub_client, "get_token", lambda: None)
    line = refused([run, ADDRESS], capsys, monkeypatch)
    assert "you are not logged in: run `hf auth login`" in line
    assert not hub.asked


def test_a_token_that_the_hub_does_not_know_is_told(run, hub, capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    line = refused([run, ADDRESS], capsys, monkeypatch)
    assert "the hub does not know you: run `hf auth login`" in line


def test_a_license_that_the_hub_does_not_know_is_told(run, hub, capsys, monkeypatch):
    line = refused([run, ADDRESS, "--license", "mine"], capsys, monkeypatch)
    assert "must be one of [mit" in line
    assert not hub.objects


def test_a_failed_upload_is_told_in_one_line(run, hub, capsys, monkeypatch):
    hub.broken = True
    line = refused([run, ADDRESS], capsys, monkeypatch)
    assert "the storage is broken" in line


def test_no_network_is_told_in_one_line(run, hub, capsys, monkeypatch):
    monkeypatch.setattr(hub_client.constants, "ENDPOINT", CLOSED)
    line = refused([run, ADDRESS], capsys, monkeypatch)
    assert "the hub cannot be reached" in line
    with pytest.raises(InputError, match="the hub cannot be reached"):
        ssvae.load_model("hf://somebody/unknown")


def test_a_repository_that_is_not_there_is_told(hub):
    with pytest.raises(InputError, match="there is no such repository"):
        ssvae.load_model(ADDRESS)


def test_a_run_that_is_not_finished_is_told(tmp_path, capsys, monkeypatch):
    begun = tmp_path / ".run.partial"
    begun.mkdir()
    (begun / "model.keras").write_bytes(b"")
    line = refused([tmp_path / "run", ADDRESS], capsys, monkeypatch)
    assert "is not finished: wait for it, or go on with training again" in line
    (begun / "checkpoint-000000001.npz").write_bytes(b"")
    line = refused([tmp_path / "run", ADDRESS], capsys, monkeypatch)
    assert f"go on with --resume '{tmp_path / 'run'}'" in line
    for place in (begun, "hf://somebody/other"):
        line = refused([place, ADDRESS], capsys, monkeypatch)
        assert "is no finished run on this machine" in line


def test_a_damaged_model_is_not_published(run, hub, capsys, monkeypatch):
    (run / "model.keras").write_bytes((run / "model.keras").read_bytes()[:1000])
    assert "it is cut off" in refused([run, ADDRESS], capsys, monkeypatch)
    assert not hub.repos


def test_without_the_client_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match=r"run `pip install 'ssvae\[hub\]'`"):
        find_model(ADDRESS)


def test_figures_do_not_go_into_a_model_on_the_hub(call):
    with pytest.raises(InputError, match="is in no run folder"):
        call(evaluate.main, ADDRESS)


@pytest.mark.slow
def test_commands_push_and_load_by_the_variables_of_the_client(run, hub, tmp_path):
    """As a user does: in processes of their own, by `HF_ENDPOINT` and `HF_TOKEN`."""
    told = {
        "HF_ENDPOINT": hub.address,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1",
    }
    pushed = run_python("-m", "ssvae.push", run, ADDRESS, "--license", "mit", **told)
    assert pushed.returncode == 0, pushed.stderr
    assert f"published: {hub.address}/somebody/digits/commit/" in pushed.stdout
    out = tmp_path / "digits.npz"
    command = "-m", "ssvae.generate", ADDRESS, "--out", out
    drawn = run_python(*command, **told)
    assert drawn.returncode == 0, drawn.stderr
    other = tmp_path / "shipped.npz"
    assert run_python("-m", "ssvae.generate", run, "--out", other).returncode == 0
    with np.load(out) as one, np.load(other) as two:
        assert all(np.array_equal(one[name], two[name]) for name in two)
