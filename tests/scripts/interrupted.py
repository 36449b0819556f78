"""`python -m ssvae.train`, which sends itself a signal after a step.

`python interrupted.py SIGTERM 13 --out DIR ...` trains with the flags that follow.
"""

import os
import signal
import sys

from ssvae.cli import process
from ssvae.train import main as train

number, step = signal.Signals[sys.argv[1]], int(sys.argv[2])
sys.argv[1:3] = []


def main():
    process.start_keras()
    from ssvae.training.checkpointing import Checkpointing

    after = Checkpointing.on_train_batch_end

    def signaled(self, batch, logs=None):
        if self.step + 1 == step:
            os.kill(os.getpid(), number)
        after(self, batch, logs)

    Checkpointing.on_train_batch_end = signaled
    train()


process.run(main, "ssvae.train")
