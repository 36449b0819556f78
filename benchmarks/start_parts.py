"""One start, timed in a fresh process; `benchmarks/start.py` runs it.

`python benchmarks/start_parts.py train SINCE FLAG ...` runs `ssvae.train` with the
flags up to the end of its first step. SINCE is when the process was started, seconds as
`time.time()` gives them. `python benchmarks/start_parts.py predict` times the first
prediction of a shipped model, after the imports. Both print one line of JSON.
"""

import json
import os
import sys
import time


def main():
    """Time the start that the first argument names."""
    if sys.argv[1] == "train":
        train(float(sys.argv[2]), sys.argv[3:])
    else:
        predict()


def train(since, flags):
    """Run the command up to its first step, and print the seconds of each part.

    Args:
        since: When this process was started, `time.time()`.
        flags: Flags of `ssvae.train`.
    """
    import ssvae.train as command
    from ssvae.cli import process

    parts = {"Python, and what reads the flags": time.time() - since}
    carry_out = command.carry_out

    def until_the_first_step(planned, overwrite, callbacks, workers, **kwargs):
        # Imported here, because it needs Keras, whose start is timed.
        from ssvae.training import learn

        time_calls(learn, "SSVAE", parts, "networks")
        time_calls(learn, "spread_labels", parts, "graph, which spreads the labels")
        end = end_after_first_step(since, parts)
        return carry_out(planned, overwrite, [*callbacks, end], workers, **kwargs)

    time_calls(process, "start_keras", parts, "Keras and its backend")
    time_calls(command, "open_dataset", parts, "data")
    command.carry_out = until_the_first_step
    sys.argv = ["ssvae.train", *flags]
    command.main()


def time_calls(module, name, parts, part):
    """Replace a module's function by one that adds its seconds to `parts[part]`."""
    function = getattr(module, name)

    def timed(*args, **kwargs):
        began = time.time()
        try:
            return function(*args, **kwargs)
        finally:
            parts[part] = parts.get(part, 0.0) + time.time() - began

    setattr(module, name, timed)


def end_after_first_step(since, parts):
    """Return a callback that prints the seconds and ends the process."""
    import keras

    class End(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.began = time.time()

        def on_train_batch_end(self, batch, logs=None):
            parts["first step, traced and compiled"] = time.time() - self.began
            whole = time.time() - since
            parts["other"] = whole - sum(parts.values())
            print(json.dumps({"whole": whole, "parts": parts}), flush=True)
            os._exit(0)

    return End()


def predict():
    """Print how long a shipped model takes to load and to classify one image."""
    from ssvae.cli import process

    process.start_keras()
    import ssvae

    images = ssvae.load_dataset("mnist").read_test()[0][:1]
    began = time.time()
    ssvae.load_model("mnist-100").predict_proba(images)
    print(json.dumps({"whole": time.time() - began, "parts": {}}))


if __name__ == "__main__":
    main()
