"""What starts what: no backend before it is needed, and never another's."""

import os
import subprocess
import sys

import pytest

import ssvae


def modules(script, **environment):
    """Return the top-level modules that are loaded after a script."""
    code = f"{script}\nimport sys; print(*{{m.split('.')[0] for m in sys.modules}})"
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(process.stdout.split())


def test_the_package_imports_nothing_heavy():
    loaded = modules("import ssvae; ssvae.Config(); ssvae.load_dataset; ssvae.train")
    assert "ssvae" in loaded
    assert not loaded & {"keras", "tensorflow", "jax", "torch", "streamlit"}


def test_every_public_name_exists():
    assert all(getattr(ssvae, name) for name in ssvae.__all__)


@pytest.mark.each_backend
@pytest.mark.needs_backend("jax", "torch")
def test_training_and_loading_start_no_tensorflow(tmp_path):
    script = (
        "import ssvae\n"
        "config = ssvae.Config(classifier_body='mlp', hidden_units=8, latent_dim=2,\n"
        "                      epochs=1, unlabeled_batch_size=500)\n"
        "dataset = ssvae.load_dataset('mnist').rows(range(2000))\n"
        f"folder = ssvae.train(config, {str(tmp_path / 'run')!r}, dataset=dataset)\n"
        "ssvae.load_model(folder).generate([1])\n"
    )
    loaded = modules(script)
    assert os.environ["KERAS_BACKEND"] in loaded
    assert "tensorflow" not in loaded
