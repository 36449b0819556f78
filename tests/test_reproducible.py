"""Sums of gradients come out the same, however many operations run at a time.

TensorFlow adds three tensors or more onto the first of them that nothing else is going
to read any more. Where something else reads the first one too, chance says which that
is, and the sum is rounded in another order.
"""

import keras
import pytest
from conftest import TINY

from ssvae import epochs
from ssvae.data import Batches

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="it is about TensorFlow's sums"
)

# Operations whose result is their input, in the same memory.
SAME = {"Reshape", "Identity", "Squeeze", "ExpandDims", "StopGradient", "EnsureShape"}


def left_to_chance(function, *arguments):
    """Return how many sums of a function's graph there are, and those of chance."""
    from tensorflow.python.eager import context

    function.get_concrete_function(*arguments)
    context.context().enable_graph_collection()
    function(*arguments)
    graphs = context.context().export_run_metadata().function_graphs
    context.context().disable_graph_collection()
    sums, chance = 0, []
    for graph in (graph.post_optimization_graph for graph in graphs):
        for nodes in (graph.node, *(part.node_def for part in graph.library.function)):
            known = {node.name: node for node in nodes}

            def made(name, known=known):
                """Return where what an input reads was made."""
                parts = name.split(":")
                output = parts[0], parts[-1] if len(parts) > 1 else "0"
                if output[0] in known and known[output[0]].op in SAME:
                    return made(known[output[0]].input[0])
                return output

            readers = {}
            for node in nodes:
                for name in node.input:
                    if node.op not in SAME and not name.startswith("^"):
                        readers.setdefault(made(name), []).append(node.name)
            for node in nodes:
                if node.op == "AddN" and node.attr["N"].i > 2:
                    sums += 1
                    if len(readers[made(node.input[0])]) > 1:
                        chance.append(node.name)
    return sums, chance


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"vae_body": "conv", "classifier_body": "conv", "augment": "objects"},
        {"likelihood": "gaussian"},
        {"likelihood": "logistic"},
        {"top_classes": 0},
        {"top_classes": 1, "sampled_classes": 2},
        {"importance_samples": 3},
        {"m1_epochs": 1, "classifier_body": "mlp"},
        {"unlabeled_batch_size": 0},
        {"precision": "bfloat16"},
    ],
    ids=str,
)
def test_no_sum_of_gradients_is_left_to_chance(changes, make_model, tiny_dataset):
    import tensorflow as tf

    model = make_model(TINY.replace(**changes))
    sizes = model.config.labeled_batch_size, model.config.unlabeled_batch_size
    batches = Batches(tiny_dataset, *sizes, seed=0)
    epochs.prepare(model, batches)
    model.optimizer.build(model.trainable_variables)
    step = tf.function(lambda batch: model.train_step((batch,)), autograph=False)
    batch = {name: tf.constant(each) for name, each in batches.batch(0).items()}
    sums, chance = left_to_chance(step, batch)
    assert sums
    assert not chance


def test_a_sum_that_is_left_to_chance_is_found():
    import tensorflow as tf

    # TensorFlow sorts what is added by name.
    @tf.function
    def function(x):
        first = tf.cos(x)
        return tf.add_n([tf.reshape(first, (3,)), tf.sin(x), tf.tan(x)]), tf.exp(first)

    assert left_to_chance(function, tf.ones(3)) == (1, ["AddN"])
