"""Waits for the turn of a run in the background, then becomes its training.

`python -m ssvae.runs.turn FOLDER NUMBER` is what `ssvae.runs.background` starts.
"""

import os
import sys
import time

from ssvae.runs.background import Background

# Seconds between two looks at whether earlier runs have ended.
LOOK_AGAIN = 0.5


def main(folder: str, number: str) -> None:
    """Wait until no earlier run is left, then train in this same process."""
    background = Background(folder)
    command = background.command(int(number))
    while background.ahead(int(number)):
        time.sleep(LOOK_AGAIN)
    # The number of the process stays, so that it is seen and stopped as before.
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
