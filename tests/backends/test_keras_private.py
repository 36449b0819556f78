"""Names of Keras that no documentation promises: each is used here, and still there."""

from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).parents[2]
TENSORFLOW, JAX, TORCH = ["tensorflow"], ["jax"], ["torch"]
ALL = [*TENSORFLOW, *JAX, *TORCH]

# The backends, the object that has the name, the name, the file that uses it, and why.
NAMES = [
    (ALL, "model", "make_train_function", "backends/{}.py", "many steps per launch"),
    (ALL, "model", "train_function", "backends/{}.py", "the function that `fit` calls"),
    (ALL, "model", "metrics_variables", "runs/checkpoints.py", "checkpoints"),
    (ALL, "model", "save_own_variables", "vae/m2.py", "variables of no layer"),
    (ALL, "model", "load_own_variables", "vae/m2.py", "variables of no layer"),
    (ALL, "optimizer", "scale_loss", "backends/{}.py", "the training step"),
    (ALL, "metric", "add_variable", "vae/learner.py", "means on several replicas"),
    (ALL, "seeds", "state", "vae/m2.py", "the saved state of the noise"),
    (TENSORFLOW, "model", "distribute_strategy", "backends/tensorflow.py", "replicas"),
    (TENSORFLOW, "model", "jit_compile", "backends/tensorflow.py", "launches by XLA"),
    (
        TENSORFLOW,
        "model",
        "_maybe_symbolic_build",
        "backends/tensorflow.py",
        "training by several workers",
    ),
    *(
        (TENSORFLOW, kind, name, "backends/tensorflow_layers.py", why)
        for kind, name, why in (
            ("optimizer", "update_step", "the fused Adam"),
            ("optimizer", "_get_variable_index", "the fused Adam"),
            ("optimizer", "_momentums", "the fused Adam"),
            ("optimizer", "_velocities", "the fused Adam"),
            ("optimizer", "iterations", "the fused Adam"),
            ("variable", "handle", "the fused Adam"),
            ("normalization", "moving_mean", "the fused batch normalization"),
            ("normalization", "moving_variance", "the fused batch normalization"),
        )
    ),
    (TENSORFLOW, "seeds", "next", "backends/tensorflow.py", "other noise per replica"),
    (JAX, "model", "jax_state_sync", "training/checkpointing.py", "checkpoints"),
    (JAX, "optimizer", "stateless_apply", "backends/jax.py", "the training step"),
    (JAX, "scope", "get_current_value", "backends/jax.py", "the training step"),
    (TORCH, "model", "zero_grad", "backends/torch.py", "the training step"),
]


@pytest.fixture(scope="module")
def owners():
    """Return Keras's own objects, ready for use, by the names in `NAMES`."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    optimizer = keras.optimizers.Adam()
    model.compile(optimizer)
    optimizer.build(model.trainable_variables)
    normalization = keras.layers.BatchNormalization()
    normalization.build((None, 2))
    return {
        "model": model,
        "optimizer": optimizer,
        "variable": model.trainable_variables[0],
        "normalization": normalization,
        "metric": keras.metrics.Mean(),
        "seeds": keras.random.SeedGenerator(0),
        "scope": keras.StatelessScope(),
    }


@pytest.mark.parametrize(
    ("backends", "owner", "name", "file", "purpose"),
    NAMES,
    ids=[f"{row[1]}-{row[2]}" for row in NAMES],
)
def test_a_name_that_keras_does_not_promise_is_there(
    owners, backends, owner, name, file, purpose
):
    backend = keras.backend.backend()
    if backend not in backends:
        pytest.skip(f"is used on {' and '.join(backends)}")
    file = file.format(backend)
    assert hasattr(owners[owner], name), (
        f"Keras {keras.__version__} has no {name}: ssvae/{file} uses it for {purpose}; "
        "adapt it or lower the bound in pyproject.toml"
    )
    text = (ROOT / "ssvae" / file).read_text(encoding="utf-8")
    assert name in text, f"ssvae/{file} does not use {name} any more: remove the row"
